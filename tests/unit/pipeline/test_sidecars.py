"""Sidecars: what travels with the files of a release says of each of them how to check it."""

from dataclasses import replace

from sonoteca.holdings import Standing
from sonoteca.model.ids import Digest, recording_id, release_id, track_id
from sonoteca.model.release import Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Channel, Decision, Rendition, Verdict
from sonoteca.pipeline.sidecars import licensed, sidecars_of
from tests.unit.convert.recordings import facts

WAVE, SMALL = Digest("ab" * 32), Digest("cd" * 32)
RECORDING = recording_id(WAVE)
PUBLISH = Verdict(decision=Decision.PUBLISH, rule="R001", because="", licence="CC0-1.0", licence_class="free")


def master(name: str, digest: Digest, role: MasterRole) -> Master:
    return Master(
        path=f"masters/{name}",
        original=name,
        digest=digest,
        bytes=9,
        recording=RECORDING,
        role=role,
        audio=facts(44_100, 2, seconds=100.0),
    )


def standing(masters: tuple[Master, ...], *spans: tuple[int, int | None], source: str = "") -> Standing:
    """A release of one recording, in these spans, all of it public."""
    tracks = tuple(
        Track(
            position=number,
            id=track_id(RECORDING, start, end),
            recording=RECORDING,
            title=Statement(text=f"No. {number}", source="tag"),
            start_sample=start,
            end_sample=end,
        )
        for number, (start, end) in enumerate(spans, 1)
    )
    release = Release(
        id=release_id([WAVE], "x"), title=Statement(text="It", source="tag"), masters=masters, tracks=tracks
    )
    words = {(str(track.id), way, channel): PUBLISH for track in tracks for way in Rendition for channel in Channel}
    return Standing(release=release, words=words, files=(), refused=frozenset(), source=source)


def texts(found: Standing) -> list[str]:
    files = sidecars_of("here", found, {}, (), refresh=False).contents
    return [file.content.decode() for file in files if file.path.startswith("credits/") and file.content]


def test_an_alternate_travels_with_credits_that_tell_its_digest() -> None:
    both = (master("1.mp3", SMALL, MasterRole.ALTERNATE), master("1.wav", WAVE, MasterRole.PRIMARY))
    assert [(text.count(WAVE), text.count(SMALL)) for text in texts(standing(both, (0, None)))] == [(1, 1)]
    # Of a disc image in two tracks: one text a track, and that of the image, which says it for each.
    assert [text.count(SMALL) for text in texts(standing(both, (0, 441), (441, None)))] == [1, 1, 2]


def test_the_same_bytes_under_two_names_are_told_once() -> None:
    twice = (master("1.wav", WAVE, MasterRole.PRIMARY), master("2.wav", WAVE, MasterRole.PRIMARY))
    [text] = texts(standing(twice, (0, None)))
    assert (text.count(WAVE), "1.wav" in text, "2.wav" in text) == (1, True, False)


def test_of_a_folder_strangers_read_the_name_as_people_write_it() -> None:
    found = standing((master("1.wav", WAVE, MasterRole.PRIMARY),), (0, None))
    track = found.release.tracks[0].id
    folder = replace(found, source="file:///music/somebody/Maker%20-%20R%C3%AAves%0A")
    assert licensed(folder, track).source == "Maker - Rêves\n"
    assert "Source:       Maker - Rêves\n" in texts(folder)[0] and "somebody" not in texts(folder)[0]
    page = "https://example.org/a%20b/"
    assert licensed(replace(found, source=page), track).source == page
