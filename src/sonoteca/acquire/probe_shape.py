"""Shape: from the first bytes to the module that knows the kind's structure.

Takes  an open file and its name (for formats without any mark of their own).
Gives  its Shape; kind "" when nothing is known, and FFmpeg is asked about formats that begin with anything.
"""

from collections.abc import Callable

from sonoteca.acquire.containers import HEAD_BYTES, Shape, View, sniff
from sonoteca.acquire.containers_blocks import shape_asf, shape_wavpack
from sonoteca.acquire.containers_boxes import shape_mp4
from sonoteca.acquire.containers_chunks import (
    shape_aiff,
    shape_au,
    shape_caf,
    shape_dsdiff,
    shape_dsf,
    shape_rf64,
    shape_riff,
    shape_rifx,
    shape_w64,
)
from sonoteca.acquire.containers_flac import shape_flac
from sonoteca.acquire.containers_mpeg import shape_adts, shape_mpeg
from sonoteca.acquire.containers_musepack import shape_mpc
from sonoteca.acquire.containers_ogg import shape_ogg
from sonoteca.formats.sound_tags import Bytes, find_tail, skip_tags
from sonoteca.model.finding import Finding, finding

SHAPES: dict[str, Callable[[Bytes], Shape]] = {
    "flac": shape_flac,
    "ogg": shape_ogg,
    "riff": shape_riff,
    "rifx": shape_rifx,
    "rf64": shape_rf64,
    "w64": shape_w64,
    "aiff": shape_aiff,
    "dsdiff": shape_dsdiff,
    "dsf": shape_dsf,
    "caf": shape_caf,
    "au": shape_au,
    "wavpack": shape_wavpack,
    "asf": shape_asf,
    "mp4": shape_mp4,
    "mpc": shape_mpc,
    "mpeg": shape_mpeg,
    "adts": shape_adts,
}
# Kinds by the ending of a name: what a name of this ending may hold.
ENDINGS: dict[str, frozenset[str]] = {
    "flac": frozenset({"flac"}),
    "ogg": frozenset({"ogg"}),
    "oga": frozenset({"ogg"}),
    "opus": frozenset({"ogg"}),
    "spx": frozenset({"ogg"}),
    "wav": frozenset({"riff", "rifx", "rf64", "w64"}),
    "w64": frozenset({"w64"}),
    "rf64": frozenset({"rf64"}),
    "aif": frozenset({"aiff"}),
    "aiff": frozenset({"aiff"}),
    "aifc": frozenset({"aiff"}),
    "mp3": frozenset({"mpeg"}),
    "mp2": frozenset({"mpeg"}),
    "mp1": frozenset({"mpeg"}),
    "m4a": frozenset({"mp4"}),
    "mp4": frozenset({"mp4"}),
    "wv": frozenset({"wavpack"}),
    "wvc": frozenset({"wavpack"}),
    "ape": frozenset({"ape"}),
    "wma": frozenset({"asf"}),
    "mka": frozenset({"matroska"}),
    "tta": frozenset({"tta"}),
    "tak": frozenset({"tak"}),
    "mpc": frozenset({"mpc"}),
    "dsf": frozenset({"dsf"}),
    "dff": frozenset({"dsdiff"}),
    "caf": frozenset({"caf"}),
    "au": frozenset({"au"}),
    "aac": frozenset({"adts", "mp4", ""}),
    "ac3": frozenset({"ac3"}),
    "shn": frozenset({"shn"}),
    "gsm": frozenset({"gsm"}),
}
_SEARCHED_BYTES = 1 << 16
GSM_BYTES, GSM_FRAMES = 33, 200


def find_shape(file: Bytes) -> Shape:
    """The structure of the file."""
    start, tags = skip_tags(file)
    kind = sniff(file.read(start, HEAD_BYTES))
    if start >= file.size and tags:
        # A tag that says it is longer than the file: what follows its head may still be sound.
        return _tagged_only(file)
    if kind in SHAPES:
        return SHAPES[kind](file)
    if kind:
        tail = find_tail(file, start)
        return Shape(kind=kind, view=View(start=start, end=tail.end), blocks=(*tags, *tail.blocks))
    return _gsm(file) or _search(file) or Shape(blocks=(*tags, *find_tail(file, start).blocks))


def _tagged_only(file: Bytes) -> Shape:
    found = shape_mpeg(file)
    return found if found.samples else Shape(kind="mpeg", blocks=found.blocks)


def _gsm(file: Bytes) -> Shape | None:
    """GSM 06.10 has no header: frames of 33 bytes, each beginning with the nibble 0xD, 160 samples each at 8 kHz."""
    head = file.read(0, GSM_BYTES * GSM_FRAMES)
    marks = head[::GSM_BYTES]
    if len(marks) < 4 or any(mark >> 4 != 0xD for mark in marks):
        return None
    frames, rest = divmod(file.size, GSM_BYTES)
    problems = (finding("A101", detail="the last frame is not whole"),) if rest else ()
    return Shape(kind="gsm", samples=frames * 160, exact=not rest, rate=8000, findings=problems)


def _search(file: Bytes) -> Shape | None:
    """Behind junk: a page of Ogg, or a run of MPEG frames."""
    if b"OggS" in file.read(0, _SEARCHED_BYTES):
        found = shape_ogg(file)
        return found if found.variant else None
    found = shape_mpeg(file)
    return found if found.samples else None


def ending_disagrees(name: str, kind: str) -> Finding | None:
    """A finding when the name ends like one format and the content is another."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    kinds = ENDINGS.get(ending)
    if kinds is None or not kind or kind in kinds:
        return None
    return finding("A113", detail=f".{ending}, and it is {kind}")
