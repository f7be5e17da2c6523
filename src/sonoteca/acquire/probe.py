"""Probe: everything that can be said about one file of a stranger, said by a limited process (ports/workshop.py).

Takes  a path in the quarantine, and the name the file had (its ending is checked, never relied on).
Gives  a ProbeReport: facts of its sound, or the reason why it is refused; its tags, pictures, and what seems wrong.
Never  decodes more than is cheap, opens a second file, or raises over anything that a file may hold.
Order  structure (probe_shape) → sound (probe_audio, probe_second) → tags (probe_tags) → verdict. A file that is refused
       by its structure is not shown to any decoder.

A report without `audio` and without a refusal is a document: a description of a recording that has no sound here (A198,
A199), or a picture.

The coordinator imports probe_reports.py instead of this module, which loads FFmpeg, numpy and mutagen.
"""

from collections.abc import Iterator
from typing import Any

from sonoteca.acquire.containers import REFUSED, Shape
from sonoteca.acquire.hazards import Use, find_hazards
from sonoteca.acquire.probe_audio import Heard, hear
from sonoteca.acquire.probe_file import OpenFile
from sonoteca.acquire.probe_pictures import HEAD_BYTES, TROUBLES, look
from sonoteca.acquire.probe_second import second_opinion
from sonoteca.acquire.probe_shape import ending_disagrees, find_shape
from sonoteca.acquire.probe_tags import Tags, read_tags
from sonoteca.formats.plain import to_plain
from sonoteca.model.errors import Refused
from sonoteca.model.finding import FINDINGS, Finding, Severity, finding
from sonoteca.model.media import ProbeReport

_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
}


def probe(path: str, name: str) -> ProbeReport:
    """The report on one file that may be a recording."""
    try:
        with OpenFile(path) as file:
            return _probe(file, name)
    except Refused:
        return _refused("F002", name)


def picture(path: str, name: str) -> ProbeReport:
    """The report on one file that should be a picture: `pictures` has one entry, `audio` is None."""
    try:
        with OpenFile(path) as file:
            head, size = file.read(0, HEAD_BYTES), file.size
    except Refused:
        return _refused("F002", name)
    claimed = _TYPES.get(name.rpartition(".")[2].lower(), "")
    seen = look(head, size, claimed, kind=3 if name.lower().startswith(("cover", "front", "folder")) else 0)
    problems = [finding(TROUBLES[seen.trouble][1], where=name, detail=seen.detail)] if seen.trouble else []
    return ProbeReport(audio=None, pictures=(seen.facts,), findings=(*problems, *_name_findings(name)))


def probe_plain(path: str, name: str) -> Any:
    """`probe` for the workshop: plain values cross."""
    return to_plain(probe(path, name))


def picture_plain(path: str, name: str) -> Any:
    """`picture` for the workshop."""
    return to_plain(picture(path, name))


def _probe(file: OpenFile, name: str) -> ProbeReport:
    if file.size == 0:
        return _refused("F004", name)
    shape = find_shape(file)
    if shape.kind in REFUSED:
        return _refused(REFUSED[shape.kind], name)
    if any(found.severity is Severity.REFUSE for found in shape.findings):
        return _report(name, Heard(), shape, Tags())
    heard = second_opinion(file, shape, hear(file, shape))
    if any(found.severity is Severity.REFUSE for found in heard.findings):
        return _report(name, heard, shape, Tags())
    return _report(name, heard, shape, read_tags(file, shape, heard.metadata))


def _report(name: str, heard: Heard, shape: Shape, tags: Tags) -> ProbeReport:
    findings = [*heard.findings, *shape.findings, *tags.findings, *_name_findings(name)]
    if heard.facts is not None and (wrong := ending_disagrees(name, shape.kind)):
        findings.append(wrong)
    return ProbeReport(
        audio=heard.facts,
        tags=tags.values,
        understood=tags.understood,
        pictures=tags.pictures,
        findings=tuple(
            Finding(code=one.code, severity=one.severity, where=name, detail=one.detail) for one in findings
        ),
        decoded_s=round(heard.decoded_s, 6),
    )


def _name_findings(name: str) -> Iterator[Finding]:
    found = find_hazards(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), Use.PATH)
    if found:
        yield finding(
            "F113", where=name, detail="; ".join(FINDINGS[code][1].removeprefix("a tag ") for code, _ in found)
        )


def _refused(code: str, name: str) -> ProbeReport:
    return ProbeReport(audio=None, findings=(finding(code, where=name),))
