"""The table of what is read, in docs/formats/read.md: made from the files themselves.

python -m tests.scenarios.read_table CORPUS      prints it
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sonoteca.acquire.containers import REFUSED
from sonoteca.acquire.probe import probe
from sonoteca.convert.recipes import fits_flac
from sonoteca.model.finding import FINDINGS
from sonoteca.model.media import AudioFacts, ProbeReport

HEADS = ("file", "container", "codec", "PRONOM", "what it is", "for the archive", "tags found")
RECORDINGS = ("a_", "a.", "b_", "b.")


def recordings(corpus: Path) -> list[Path]:
    """One of each format."""
    return sorted(path for path in (corpus / "formats").iterdir() if path.name.startswith(RECORDINGS))


def read_table(corpus: Path) -> Iterator[str]:
    """Its lines."""
    yield _line(HEADS)
    yield _line(["---"] * len(HEADS))
    for path in recordings(corpus):
        yield _line(_row(path.name, probe(str(path), path.name)))


def refused_table() -> Iterator[str]:
    """What is refused, by the form of its first bytes."""
    yield _line(("what it looks like", "code", "reason"))
    yield _line(["---"] * 3)
    for kind, code in sorted(REFUSED.items(), key=lambda pair: (pair[1], pair[0])):
        yield _line((kind, code, FINDINGS[code][1]))


def _row(name: str, report: ProbeReport) -> tuple[str, ...]:
    if report.audio is None:
        codes = ", ".join(sorted({found.code for found in report.findings}))
        return name, "", "", "", f"not a recording ({codes})", "", ""
    audio = report.audio
    schemes = ", ".join(sorted({tag.origin for tag in report.tags})) or "none"
    pictures = f"; {len(report.pictures)} picture" if report.pictures else ""
    return name, audio.container, audio.codec, audio.puid or "none", _form(audio), _archive(audio), schemes + pictures


def _form(audio: AudioFacts) -> str:
    bits = f", {audio.bits} bit" if audio.bits else ""
    kind = "lossless" if audio.lossless else "lossy"
    return f"{kind}, {audio.sample_rate_hz / 1000:g} kHz{bits}, {audio.channels} ch"


def _archive(audio: AudioFacts) -> str:
    if audio.codec == "flac" and audio.container == "flac":
        return "as it is"
    return "FLAC" if fits_flac(audio) else "the original alone"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(read_table(Path(sys.argv[1]))) + "\n\n" + "\n".join(refused_table()) + "\n")
