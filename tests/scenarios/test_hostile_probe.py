"""Every file of the hostile set and of the corpus, through real limited processes: what is said of each, against what
the manifests say. Where the two disagree on the hostile set, hostile_disagreements.csv says why.

What is no file to be probed (links, pipes, folders, files nobody may read, licence texts) is judged by folders.py;
here it counts as the plan has it.
"""

import csv
import re
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from sonoteca.acquire.probe_reports import PICTURE, PROBE, parse_report
from sonoteca.model.finding import Severity
from sonoteca.model.media import ProbeReport
from sonoteca.ports.workshop import Limits
from sonoteca.ports.workshop_processes import ProcessWorkshop, Usage

WORKERS = 2
PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp"})
DOCUMENTS = frozenset({"txt", "toml", "csv"})
ACCEPTED_SHARE = 0.02
RECORDINGS, OTHERS = 316, 44
# ADTS has no length in it: ffprobe estimated this one from the bit rate, here its frames are counted (15.023 s, which
# is also what comes out of a decoder).
ESTIMATED = {"formats/a_adts.aac": 15.023}


@dataclass(frozen=True)
class Probed:
    """Reports by path, and what the processes used."""

    reports: dict[str, ProbeReport]
    usage: Usage


def probe_all(root: Path, paths: Iterable[str]) -> Probed:
    """Each file of a folder, two processes at a time."""
    wanted = sorted(paths)
    workshop = ProcessWorkshop([str(root)])
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            parts = pool.map(lambda part: list(probe_part(workshop, root, part)), [wanted[::2], wanted[1::2]])
            reports = {path: report for part in parts for path, report in part}
    finally:
        workshop.close()
    return Probed(reports, workshop.usage)


def probe_part(workshop: ProcessWorkshop, root: Path, paths: list[str]) -> Iterator[tuple[str, ProbeReport]]:
    for task in (PROBE, PICTURE):
        mine = [path for path in paths if (ending(path) in PICTURES) == (task == PICTURE)]
        calls = [(str(root / path), path.rpartition("/")[2]) for path in mine]
        for path, result in zip(mine, workshop.run_each(task, calls, Limits()), strict=True):
            yield path, parse_report(result, path)


def ending(path: str) -> str:
    return path.rpartition(".")[2].lower()


# ── the hostile set ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def manifest(corpus: Path) -> dict[str, str]:
    """Path as found to the words that are right."""
    with open(corpus / "hostile-manifest.csv", newline="", encoding="utf-8") as file:
        return {path_of(row["path"]): row["expected"] for row in csv.DictReader(file)}


def path_of(text: str) -> str:
    """The manifest writes line breaks and bytes that are not UTF-8 with a backslash."""
    plain = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
    raw = re.sub(
        rb"\\(?:x([0-9a-f]{2})|([ntr]))",
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else plain[found[2]],
        text.encode(),
    )
    return raw.decode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def hostile_probed(hostile: Path, manifest: dict[str, str]) -> Probed:
    return probe_all(hostile, [path for path in manifest if is_probed(hostile, path)])


def is_probed(root: Path, path: str) -> bool:
    return is_readable(root, path) and ending(path) not in DOCUMENTS


def is_readable(root: Path, path: str) -> bool:
    mode = (root / path).lstat().st_mode
    return stat.S_ISREG(mode) and bool(mode & stat.S_IRUSR)


def word_for(root: Path, path: str, probed: Probed) -> str:
    if not is_readable(root, path):
        return "reject"
    return word_of(probed.reports[path]) if path in probed.reports else "ok"


def word_of(report: ProbeReport) -> str:
    if report.is_refused:
        return "reject"
    return "ingest-with-warning" if any(found.severity is Severity.WARNING for found in report.findings) else "ok"


def words_in(expected: str) -> set[str]:
    # A link that is not followed is what "do not follow" asks for, whatever it is called; a licence text is a document.
    if "do not follow" in expected:
        return {"reject"}
    return {{"not-audio": "ok"}.get(word.split(" ")[0], word.split(" ")[0]) for word in expected.split("|")}


def test_the_manifest_and_we_agree(hostile: Path, manifest: dict[str, str], hostile_probed: Probed) -> None:
    ours = {path: word_for(hostile, path, hostile_probed) for path in manifest}
    found = {path: ours[path] for path, expected in manifest.items() if ours[path] not in words_in(expected)}
    with open(Path(__file__).with_name("hostile_disagreements.csv"), newline="", encoding="utf-8") as file:
        argued = list(csv.DictReader(file))
    assert found == {path_of(row["path"]): row["ours"] for row in argued}
    assert all(row["reason"] and manifest[path_of(row["path"])] == row["expected"] for row in argued)
    assert len(found) <= ACCEPTED_SHARE * len(manifest)


def test_what_should_be_refused_is_never_a_recording(manifest: dict[str, str], hostile_probed: Probed) -> None:
    recordings = [path for path, report in hostile_probed.reports.items() if report.audio]
    assert [path for path in recordings if words_in(manifest[path]) == {"reject"}] == []


def test_every_refusal_has_a_reason(hostile_probed: Probed) -> None:
    for path, report in hostile_probed.reports.items():
        assert not (report.is_refused and report.audio), path
        assert report.audio or report.pictures or report.findings, path
        assert all(found.code[0] in "FATP" for found in report.findings), path


def test_no_process_died_or_grew(hostile_probed: Probed) -> None:
    reports = hostile_probed.reports.items()
    assert [path for path, report in reports if any(found.code == "F006" for found in report.findings)] == []
    assert hostile_probed.usage.rss_bytes < 1 << 30


def test_what_reports_say_is_fit_for_a_terminal(hostile_probed: Probed) -> None:
    """Texts of tags are as found; what is said about them is not."""
    for path, report in hostile_probed.reports.items():
        assert all(found.detail.isprintable() for found in report.findings), path


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("thirdparty/mutagen/sample.mid", "F101"),
        ("renamed/playlist.mp3", "F103"),
        ("renamed/concat.wav", "F103"),
        ("renamed/hls.mp4", "F103"),
        ("renamed/html.mp3", "F104"),
        ("renamed/svg-xxe.flac", "F104"),
        ("renamed/text.flac", "F104"),
        ("renamed/image.mp3", "F105"),
        ("renamed/elf.wav", "F106"),
        ("renamed/zip-slip.m4a", "F106"),
        ("mp3/id3-only.mp3", "F108"),
        ("video/no-audio-named.m4a", "F110"),
        ("sizes/wav-channels-65535.wav", "F111"),
        ("sizes/wav-empty-data.wav", "F112"),
        ("cover/bomb-30000.png", "P001"),
    ],
)
def test_refused_for_the_right_reason(path: str, code: str, hostile_probed: Probed) -> None:
    findings = hostile_probed.reports[path].findings
    assert [found.code for found in findings if found.severity is Severity.REFUSE] == [code]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("truncated/cut-99pct.flac", "A101"),
        ("truncated/cut-50pct.wav", "A101"),
        ("truncated/cut-99pct.ogg", "A101"),
        ("truncated/cut-50pct.wma", "A101"),
        ("truncated/cut-50pct.wv", "A101"),
        ("truncated/cut-last-byte.wv", "A103"),
        ("truncated/cut-last-byte.m4a", "A101"),
        ("sizes/wav-ffffffff.wav", "A102"),
        ("flac/total-samples-max.flac", "A101"),
        ("flac/trailing-garbage.flac", "A103"),
        ("mp3/garbage-front-64k.mp3", "A104"),
        ("ogg/leading-junk.ogg", "A104"),
        ("bitflip/payload-200bits.ogg", "A106"),
        ("bitflip/payload-200bits.mp3", "A106"),
        ("flac/wrong-md5.flac", "A106"),
        ("flac/zero-md5.flac", "A107"),
        ("mp3/concatenated.mp3", "A108"),
        ("ogg/chained.ogg", "A108"),
        ("ogg/doubled.ogg", "A108"),
        ("silence/digital-silence-10s.flac", "A109"),
        ("video/video-two-audio.mp4", "A110"),
        ("renamed/ogg-named.mp3", "A113"),
        ("tags/shiftjis-as-latin1.mp3", "T141"),
        ("tags/license-conflict.flac", "T130"),
        ("tags/license-nc.flac", "T131"),
        ("tags/10000-tags.flac", "T125"),
        ("tags/2000-artists.flac", "T126"),
        ("cover/png-bomb-30000.flac", "P101"),
        ("cover/svg-script.flac", "P103"),
        ("cover/mime-lie.flac", "P104"),
        ("cover/zero-bytes.flac", "P105"),
        ("cover/url-cover.flac", "P106"),
        ("cover/covers-50.flac", "P109"),
    ],
)
def test_seen_for_what_it_is(path: str, code: str, hostile_probed: Probed) -> None:
    report = hostile_probed.reports[path]
    assert code in [found.code for found in report.findings], report.findings


def test_a_gigabyte_of_nothing_costs_nothing(hostile_probed: Probed) -> None:
    """1 GiB, sparse: refused from its first chunks."""
    report = hostile_probed.reports["loops/sparse-1g.wav"]
    assert [found.code for found in report.findings] == ["F107"]


# ── the corpus ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def index(corpus: Path) -> dict[str, dict[str, str]]:
    with open(corpus / "index.csv", newline="", encoding="utf-8") as file:
        return {f"{row['release']}/{row['file']}": row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def corpus_probed(corpus: Path, index: dict[str, dict[str, str]]) -> Probed:
    return probe_all(corpus, index)


def is_recording(row: dict[str, str]) -> bool:
    return row["codec"] != "midi" and not row["file"].endswith(".xm")


def test_every_recording_is_what_the_index_says(index: dict[str, dict[str, str]], corpus_probed: Probed) -> None:
    recordings = {path: row for path, row in index.items() if is_recording(row)}
    assert len(recordings) == RECORDINGS
    for path, row in recordings.items():
        audio = corpus_probed.reports[path].audio
        assert audio is not None, (path, corpus_probed.reports[path].findings)
        seconds = ESTIMATED.get(path, float(row["duration_s"]))
        assert abs(audio.duration_s - seconds) <= max(0.05, 0.01 * seconds), (path, audio.duration_s, seconds)
        assert (audio.codec, str(audio.sample_rate_hz), str(audio.channels), audio.container) == (
            row["codec"],
            row["samplerate"],
            row["channels"],
            row["format"].split(",")[0],
        ), path


def test_scores_and_modules_are_refused(index: dict[str, dict[str, str]], corpus_probed: Probed) -> None:
    others = [path for path, row in index.items() if not is_recording(row)]
    codes = [found.code for path in others for found in corpus_probed.reports[path].findings if found.code[0] == "F"]
    assert len(others) == OTHERS
    assert sorted(codes) == ["F101"] * 31 + ["F102"] * 13


def test_titles_and_artists_are_understood(index: dict[str, dict[str, str]], corpus_probed: Probed) -> None:
    """Where ffprobe read a title or artist, so do we, except where it took an encoding at its word."""
    for path, row in index.items():
        if not is_recording(row) or any(tag.encoding for tag in corpus_probed.reports[path].tags):
            continue
        for name in ("artist", "title"):
            wanted, found = row[name], corpus_probed.reports[path].find(name)
            assert wanted.strip() == "" or ";".join(found) == wanted or wanted.strip() in found, (path, name, found)


def test_broken_encodings_are_read_and_kept(corpus_probed: Probed) -> None:
    reports = corpus_probed.reports.items()
    by_path = {path: report for path, report in reports if any(tag.encoding for tag in report.tags)}
    cyrillic = by_path.pop("formats/a_abr_cp1251tags.mp3")
    assert cyrillic.find("title") == ("Эльфийская земля",)
    for path, report in by_path.items():
        assert path.startswith("tumiki-fighters/")
        (tag,) = (tag for tag in report.tags if tag.encoding)
        assert (tag.text, tag.encoding) == ("Sonic Foundry ACID 3 で作成", "shift_jis")
        assert bytes.fromhex(tag.raw) == tag.text.encode("shift_jis")
    assert len(by_path) == 6


def test_lossless_masters_know_their_md5(corpus_probed: Probed) -> None:
    flacs = [report.audio for path, report in corpus_probed.reports.items() if path.endswith(".flac") and report.audio]
    assert all(re.fullmatch("[0-9a-f]{32}", audio.audio_md5) and audio.exact and audio.lossless for audio in flacs)


def test_formats_have_their_pronom_id(corpus_probed: Probed) -> None:
    reports = corpus_probed.reports
    puids = {path.rpartition("/")[2]: report.audio.puid for path, report in reports.items() if report.audio}
    expected = {
        "a.aiff": "fmt/414",
        "a_sowt.aifc": "x-fmt/136",
        "a_rf64.wav": "fmt/712",
        "a.w64": "fmt/951",
        "a_bwf_listinfo.wav": "fmt/704",
        "a_oggflac.oga": "fmt/947",
        "a_alac.m4a": "fmt/596",
        "a.wma": "fmt/132",
    }
    assert {name: puids[name] for name in expected} == expected
