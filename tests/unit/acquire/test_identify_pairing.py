"""Pairing: which files are one recording, and when a name is no proof."""

from sonoteca.model.media import ProbeReport
from sonoteca.model.release import MasterRole, Release
from tests.unit.acquire.releases import Folder, Sound, report


def wav(seconds: float = 200.0, bits: int = 16, rate_hz: int = 44_100, damaged: bool = False) -> ProbeReport:
    return report(seconds, Sound(bits=bits, rate_hz=rate_hz, damaged=damaged))


def mp3(seconds: float = 200.05, **tags: str) -> ProbeReport:
    return report(seconds, Sound(lossless=False), **tags)


def made(recordings: dict[str, ProbeReport], **contents: str) -> Release:
    return Folder(name="x", recordings=recordings, contents=contents).identified().release


def pairs(found: Release) -> dict[str, list[str]]:
    """{primary: its alternates} by original path."""
    primaries = [one for one in found.masters if one.role is MasterRole.PRIMARY]
    return {
        primary.original: [
            one.original
            for one in found.masters
            if one.recording == primary.recording and one.role is MasterRole.ALTERNATE
        ]
        for primary in primaries
    }


def test_wav_and_mp3_of_one_name() -> None:
    found = made({"a.mp3": mp3(title="Aria", tracknumber="1"), "a.wav": wav(), "b.wav": wav()})
    assert pairs(found) == {"a.wav": ["a.mp3"], "b.wav": []}
    # What the MP3's tags say, the WAV could not.
    assert [one.title.text for one in found.tracks] == ["Aria", "b"]


def test_wav_and_headerless_gsm() -> None:
    # asterisk-moh-opsound in the corpus: 244.274 s and 244.280 s
    assert pairs(made({"a.gsm": mp3(244.280), "a.wav": wav(244.274)})) == {"a.wav": ["a.gsm"]}


def test_folders_named_after_formats() -> None:
    found = made(
        {
            "FLAC/01 a.flac": wav(),
            "MP3 320 kbps/01 a.mp3": mp3(),
            "FLAC/02 b.flac": wav(),
            "MP3 320 kbps/02 b.mp3": mp3(),
        }
    )
    assert pairs(found) == {"FLAC/01 a.flac": ["MP3 320 kbps/01 a.mp3"], "FLAC/02 b.flac": ["MP3 320 kbps/02 b.mp3"]}
    assert [one.number for one in found.tracks] == ["01", "02"]


def test_discs_keep_apart() -> None:
    assert pairs(made({"CD1/01 a.flac": wav(), "CD2/01 a.mp3": mp3()})) == {"CD1/01 a.flac": [], "CD2/01 a.mp3": []}


def test_half_a_second_or_half_a_percent() -> None:
    assert pairs(made({"a.wav": wav(10), "a.mp3": mp3(10.5)})) == {"a.wav": ["a.mp3"]}
    assert pairs(made({"a.wav": wav(10), "a.mp3": mp3(10.6)})) == {"a.wav": [], "a.mp3": []}
    assert pairs(made({"a.wav": wav(1000), "a.mp3": mp3(1004)})) == {"a.wav": ["a.mp3"]}


def test_another_length_is_said() -> None:
    findings = Folder(name="x", recordings={"a.wav": wav(10), "a.mp3": mp3(60)}).identified().findings
    assert [(one.code, one.where) for one in findings] == [("A201", "a.mp3")]


def test_lossless_files_that_differ_prove_that_the_name_is_none() -> None:
    # formats/a.* in the corpus
    recordings = {"a.aiff": wav(15), "a.caf": wav(5), "a.tta": wav(15), "a.mp2": mp3(15)}
    assert all(not alternates for alternates in pairs(made(recordings)).values())


def test_the_best_lossless_file_is_the_primary() -> None:
    recordings = {
        "FLAC 16/a.flac": wav(),
        "FLAC 24/a.flac": wav(bits=24),
        "FLAC 24-96/a.flac": wav(bits=24, rate_hz=96_000),
        "MP3/a.mp3": mp3(),
    }
    assert pairs(made(recordings)) == {"FLAC 24-96/a.flac": ["FLAC 16/a.flac", "FLAC 24/a.flac", "MP3/a.mp3"]}


def test_whole_before_damaged() -> None:
    assert pairs(made({"a.flac": wav(bits=24, damaged=True), "a.wav": wav()})) == {"a.wav": ["a.flac"]}


def test_lossy_files_of_one_name_are_two_recordings() -> None:
    assert pairs(made({"a.mp3": mp3(), "a.ogg": mp3()})) == {"a.mp3": [], "a.ogg": []}


def test_a_wavpack_correction_goes_with_its_file() -> None:
    # formats/a_hybrid.wv in the corpus
    found = made({"A.wv": mp3(20), "a.WVC": wav(20), "b.wvc": wav(20)})
    assert pairs(found) == {"A.wv": ["a.WVC"], "b.wvc": []}
    assert len(found.tracks) == 2


def test_a_correction_beside_a_file_that_is_itself_an_alternate() -> None:
    found = made({"a.flac": wav(20), "a.wv": mp3(20), "a.wvc": mp3(20)})
    assert sorted(one.original for one in found.masters) == ["a.flac", "a.wv", "a.wvc"]
    assert pairs(found)["a.flac"] == ["a.wv", "a.wvc"]


def test_the_same_bytes_are_one_recording_wherever_they_lie() -> None:
    recordings = {"a.flac": wav(), "a.mp3": mp3(), "other.mp3": mp3()}
    found = (
        Folder(name="x", recordings=recordings, contents={"a.mp3": "same", "other.mp3": "same"}).identified().release
    )
    assert {one.original: one.role for one in found.masters} == dict.fromkeys(recordings, MasterRole.PRIMARY)
    by_digest: dict[str, set[str]] = {}
    for master in found.masters:
        by_digest.setdefault(master.digest, set()).add(master.recording)
    assert all(len(recordings) == 1 for recordings in by_digest.values())


def test_a_copy_in_a_folder_of_its_format_is_one_track() -> None:
    recordings = {"WAV/a.wav": wav(), "WAV 16bit/a.wav": wav()}
    found = Folder(name="x", recordings=recordings, contents=dict.fromkeys(recordings, "same")).identified().release
    assert (len(found.tracks), len(found.masters), {one.role for one in found.masters}) == (1, 2, {MasterRole.PRIMARY})
