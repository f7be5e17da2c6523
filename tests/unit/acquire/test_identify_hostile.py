"""Identify is total: whatever a stranger puts into names, tags and texts, the same sound release comes of it."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.acquire import cue
from sonoteca.acquire.identify import Found, FoundFile, identify
from sonoteca.formats import json, plain
from sonoteca.model.ids import Digest, recording_id, release_id, track_id
from sonoteca.model.media import AudioFacts, ProbeReport
from sonoteca.model.release import MasterRole, Release
from sonoteca.model.source import FolderPlan, PlannedFile, Role

# Names as os.fsdecode gives them: any byte but 0 and "/", so also lone surrogates.
PARTS = st.one_of(
    st.sampled_from(
        [
            "01 a.flac",
            "01 a.mp3",
            "a.wv",
            "a.wvc",
            "CD1",
            "FLAC",
            "MP3",
            "A1 x.flac",
            "1999",
            "7.cue",
            "track13.ogg",
            "gd77-05-08d1t01.flac",
        ]
    ),
    st.binary(min_size=1, max_size=12)
    .filter(lambda raw: b"/" not in raw and b"\0" not in raw)
    .map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
TEXTS = st.one_of(
    st.text(st.characters(), max_size=40),
    st.sampled_from(
        [
            "1",
            "01/12",
            "-1/999999999999",
            "NaN",
            "A1",
            "2012-12-15",
            "99999-13-45",
            "<Unknown>",
            "GBAYE6900531",
            "\udcff",
            "Copyright 2007 x, licence",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "title",
        "artist",
        "album",
        "albumartist",
        "composer",
        "tracknumber",
        "discnumber",
        "date",
        "genre",
        "isrc",
        "barcode",
        "label",
        "catalognumber",
        "language",
        "musicbrainz_albumid",
        "musicbrainz_trackid",
        "x",
    ]
)
AUDIO = st.builds(
    lambda seconds, rate, samples, lossless: AudioFacts(
        container="x",
        codec="x",
        duration_s=seconds,
        samples=samples,
        sample_rate_hz=rate,
        channels=2,
        bits=16,
        lossless=lossless,
        exact=False,
    ),
    st.sampled_from([0.0, 0.001, 5.0, 5.1, 5.3, 200.0, 1e9]),
    st.sampled_from([4000, 44_100, 96_000]),
    st.sampled_from([0, 1, 44_100 * 200, 2**40]),
    st.booleans(),
)
REPORTS = st.one_of(
    st.none(),
    st.builds(
        lambda audio, tags: ProbeReport(audio=audio, understood=tuple(tags.items())),
        st.one_of(st.none(), AUDIO),
        st.dictionaries(NAMES, st.lists(TEXTS, max_size=3).map(tuple), max_size=6),
    ),
)
CUES = st.lists(
    st.sampled_from(
        [
            'FILE "01 a.wav" WAVE',
            'FILE "x" WAVE',
            "TRACK 01 AUDIO",
            "TRACK 02 AUDIO",
            "TRACK 03 MODE1/2352",
            "INDEX 01 00:00:00",
            "INDEX 00 00:01:00",
            "INDEX 01 00:02:00",
            "INDEX 01 99:99:99",
            'TITLE "\ufffe<b>t</b>"',
            'PERFORMER ""',
            "ISRC X",
            "CATALOG 1",
        ]
    ),
    max_size=14,
).map("\n".join)


@st.composite
def founds(draw: st.DrawFn) -> Found:
    """Anything at all."""
    paths = draw(st.lists(PATHS, min_size=0, max_size=8, unique=True))
    roles = st.sampled_from([Role.AUDIO, Role.AUDIO, Role.UNKNOWN, Role.DOCUMENT, Role.ARTWORK])
    files = []
    for place, path in enumerate(paths):
        planned = PlannedFile(
            path=path,
            role=draw(roles),
            bytes=1,
            disc=draw(st.integers(0, 3)),
            side=draw(st.sampled_from(["", "A", "B"])),
        )
        digest = Digest(f"{draw(st.integers(0, 4)):064x}")
        files.append(FoundFile(planned=planned, digest=digest, bytes=1, path=f"masters/{place}", report=draw(REPORTS)))
    texts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["rights.json", "rights.toml", "info.txt", "../rights.toml", "x.nfo"]),
                st.binary(max_size=60),
            ),
            max_size=3,
        )
    )
    name = draw(st.one_of(PARTS, st.sampled_from(["A - 1999 - B", "gd1977-05-08.sbd.x.123.flac16", "Album", ""])))
    return Found(
        plan=FolderPlan(
            folder="x",
            name=name,
            parents=tuple(draw(st.lists(PARTS, max_size=3))),
            files=tuple(one.planned for one in files),
        ),
        files=tuple(files),
        cues=tuple(
            (path, sheet) for path, text in draw(st.lists(st.tuples(PATHS, CUES), max_size=2)) if (sheet := read(text))
        ),
        texts=tuple(texts),
        collection="",
        source_key="file:///x",
    )


def read(text: str) -> cue.CueSheet | None:
    try:
        return cue.parse_cue(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return None


@settings(max_examples=400)
@given(founds(), st.randoms(use_true_random=False))
def test_a_sound_release_comes_of_anything(found: Found, dice: object) -> None:
    identified = identify(found)
    is_sound(identified.release, found)
    shuffle = getattr(dice, "shuffle")  # noqa: B009
    files = list(found.files)
    shuffle(files)
    assert identify(replace(found, files=tuple(files))) == identified


def is_sound(release: Release, found: Found) -> None:
    recordings = [file for file in found.files if file.audio]
    assert sorted(one.path for one in release.masters) == sorted(file.path for file in recordings)
    assert release.id == release_id((file.digest for file in recordings), "file:///x")
    primaries = {one.recording: one for one in release.masters if one.role is MasterRole.PRIMARY}
    owners: dict[str, set[str]] = {}
    for master in release.masters:
        owners.setdefault(master.digest, set()).add(master.recording)
        assert master.recording in primaries
    assert all(len(one) == 1 for one in owners.values())
    assert all(recording_id(one.digest) == recording for recording, one in primaries.items())
    assert [one.position for one in release.tracks] == list(range(1, len(release.tracks) + 1))
    assert {one.recording for one in release.tracks} == set(primaries)
    for track in release.tracks:
        assert track.id == track_id(track.recording, track.start_sample, track.end_sample)
        assert track.end_sample is None or track.start_sample < track.end_sample
        assert track.title.text
        assert track.duration_s >= 0
    assert release.title.text
    # No lone surrogate anywhere but in the names as found: all else is canonical JSON as it stands.
    shown = plain.to_plain(replace(release, masters=()))
    json.format(shown)


@given(founds())
def test_findings_name_paths_of_the_release(found: Found) -> None:
    paths = {"", *(file.planned.path for file in found.files), *(path for path, _ in found.cues)}
    assert {one.where for one in identify(found).findings} <= paths
