"""MP4 and its kin: boxes in boxes (ISO 14496-12), whether the sound they point at is in the file.

Takes  the file.   Gives  its Shape. Only the sizes and the tables of places are read, to a bounded depth and number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.acquire.containers import Shape
from sonoteca.formats.sound_tags import Bytes
from sonoteca.model.finding import Finding, finding

MAX_BOXES = 20_000
MAX_DEPTH = 16
MAX_TABLE_BYTES = 1 << 25
_INNER = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its name, where its content begins, where it says it ends (beyond the file, if it lies), how deep it
    lies."""

    name: bytes
    at: int
    end: int
    depth: int


def shape_mp4(file: Bytes) -> Shape:
    """The Shape of an MP4, M4A, QuickTime or 3GP file."""
    boxes = list(_walk(file))
    brand = file.read(8, 4).decode("latin-1").strip()
    outer = [box for box in boxes if box.depth == 0]
    problems = list(_overlong(file, outer))
    sound = sum(max(0, min(box.end, file.size) - box.at) for box in outer if box.name == b"mdat")
    places = [place for box in boxes if box.name in (b"stco", b"co64") for place in _chunk_places(file, box)]
    if not problems and places and max(places) >= file.size:
        missing = sum(place >= file.size for place in places)
        problems.append(
            finding("A101", detail=f"{missing} of {len(places)} pieces of sound lie behind the end of the file")
        )
    # Fragmented files have their sound in moof and mdat boxes that follow.
    names = {box.name for box in boxes}
    has_track = b"mdia" in names
    return Shape(
        kind="mp4",
        variant=brand,
        is_stub=has_track and (min(places) >= file.size if places else sound == 0),
        findings=tuple(problems),
    )


def _overlong(file: Bytes, outer: list[Box]) -> Iterator[Finding]:
    for box in outer:
        if box.end > file.size:
            name = box.name.decode("latin-1")
            yield finding("A101", detail=f"the part {name!r} should end at {box.end}, the file has {file.size} bytes")
            return


def _walk(file: Bytes) -> Iterator[Box]:
    """Boxes in file order, those inside the ones that hold tracks too."""
    count = 0
    waiting = [(0, file.size, 0)]
    while waiting:
        at, end, depth = waiting.pop()
        while at + 8 <= end and count < MAX_BOXES:
            box = _box(file, at, end, depth)
            if box is None:
                break
            count += 1
            yield box
            if box.name in _INNER and depth < MAX_DEPTH:
                waiting.append((box.at, min(box.end, file.size), depth + 1))
            at = box.end


def _box(file: Bytes, at: int, end: int, depth: int) -> Box | None:
    head = file.read(at, 16)
    size, name = int.from_bytes(head[:4], "big"), head[4:8]
    start = at + 8
    if size == 1 and len(head) == 16:
        size, start = int.from_bytes(head[8:], "big"), at + 16
    elif size == 0:
        size = end - at  # to the end of what is around it
    return Box(name, start, at + size, depth) if size >= 8 else None


def _chunk_places(file: Bytes, box: Box) -> Iterator[int]:
    width = 4 if box.name == b"stco" else 8
    count = int.from_bytes(file.read(box.at + 4, 4), "big")
    table = file.read(box.at + 8, min(count * width, MAX_TABLE_BYTES, max(0, box.end - box.at - 8)))
    for at in range(0, len(table) - width + 1, width):
        yield int.from_bytes(table[at : at + width], "big")
