"""MPEG audio (layers I to III) and ADTS AAC: frames one after the other, with nothing around them that says how many.

Takes  the file.   Gives  its Shape: every frame counted, what the Xing, Info or VBRI frame claims, what is no frame.

Each frame's header gives its length, so walking costs a table look-up a frame: a few milliseconds for an album side,
and the only way to know the length of a file whose header lies or is absent.
Sources: ISO 11172-3 §2.4.2.3, 13818-3, 14496-3 §1.A.2; the LAME tag by its own description (rev 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sonoteca.acquire.containers import Seal, Shape, View
from sonoteca.formats.sound_tags import Bytes, find_tail, id3_size, skip_tags
from sonoteca.model.finding import Finding, finding

_WINDOW_BYTES = 1 << 20
_MAX_SEARCH_BYTES = 1 << 24
_TOLERATED_JUNK_BYTES = 8
_MAX_PADDING_BYTES = 1 << 16
_LARGEST_FRAME_BYTES = 1441
_RATES = (44100, 48000, 32000)
_KBPS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What does not change from frame to frame. `version` 1, 2, or 3 for the unofficial 2.5."""

    version: int
    layer: int
    rate: int

    @property
    def samples(self) -> int:
        """Samples a frame."""
        return {1: 384, 2: 1152, 3: 1152 if self.version == 1 else 576}[self.layer]


def _lengths() -> tuple[dict[int, int], dict[int, Kind]]:
    """Length and kind of a frame by the second and third byte of its header."""
    sizes, kinds = {}, {}
    for version_bits, version in ((3, 1), (2, 2), (0, 3)):
        for layer in (1, 2, 3):
            for bitrate, kbps in enumerate(_KBPS[min(version, 2), layer], start=1):
                for place, base in enumerate(_RATES):
                    kind = Kind(version, layer, base >> version - 1)
                    for low in range(8):  # protection, padding, private
                        protection, padding, private = low & 1, low >> 1 & 1, low >> 2
                        key = (0xE0 | version_bits << 3 | 4 - layer << 1 | protection) << 8
                        key |= bitrate << 4 | place << 2 | padding << 1 | private
                        sizes[key] = _frame_bytes(kind, kbps, padding)
                        kinds[key] = kind
    return sizes, kinds


def _frame_bytes(kind: Kind, kbps: int, padding: int) -> int:
    if kind.layer == 1:
        return (12000 * kbps // kind.rate + padding) * 4
    return kind.samples // 8 * 1000 * kbps // kind.rate + padding


_SIZES, _KINDS = _lengths()


def parse_frame(head: bytes) -> tuple[Kind, int] | None:
    """The kind and the length in bytes of the frame whose header this is, None if it is none."""
    key = head[1] << 8 | head[2] if len(head) >= 4 and head[0] == 0xFF else 0
    return (_KINDS[key], _SIZES[key]) if key in _KINDS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the first frame says instead of sound. `frames` 0 when it does not say; `skip` samples in front and `drop`
    at the end that the encoder added."""

    name: str
    frames: int = 0
    total_bytes: int = 0
    skip: int = 0
    drop: int = 0
    crc: int = 0


@dataclass(slots=True)
class Walk:
    """What a walk over the frames saw. `junk` bytes that are no frame, in `gaps` places; `restarts`: further Xing
    frames."""

    frames: int = 0
    samples: int = 0
    junk: int = 0
    gaps: int = 0
    restarts: int = 0
    cut: int = 0
    end: int = 0


def shape_mpeg(file: Bytes) -> Shape:
    """The Shape of an MPEG audio file."""
    begin, front = skip_tags(file)
    tail = find_tail(file, begin)
    blocks = (*front, *tail.blocks)
    start = _find_first(file, begin, tail.end)
    if start < 0:
        return Shape(kind="mpeg", blocks=blocks, is_empty=False)
    head = file.read(start, 4096)
    kind = _KINDS[head[1] << 8 | head[2]]
    claim = find_claim(head, kind)
    first = start + (_SIZES[head[1] << 8 | head[2]] if claim else 0)
    seen = walk_frames(file, first, tail.end, kind)
    trim = claim.skip + claim.drop if claim and seen.frames >= claim.frames else 0
    return Shape(
        kind="mpeg",
        variant=f"layer-{kind.layer}",
        samples=max(0, seen.frames * kind.samples - trim),
        exact=seen.gaps == 0,
        rate=kind.rate,
        view=View(start=start, end=tail.end),
        seal=_seal(head, first, tail.end, claim),
        blocks=blocks,
        is_stub=seen.frames == 0 and claim is not None and claim.frames > 0,
        findings=tuple(_findings(file, _Frame(begin, start, tail.end), claim, seen)),
    )


def _find_first(file: Bytes, at: int, end: int) -> int:
    """Where the first frame begins that another of its kind follows; else a single whole frame at the very place;
    -1."""
    place, stop = at, min(end, at + _MAX_SEARCH_BYTES)
    while place < stop:
        part = file.read(place, min(_WINDOW_BYTES, stop - place) + 4)
        inside = part.find(b"\xff")
        while 0 <= inside < len(part) - 3:
            if _is_start(file, place + inside, end, strict=place + inside > at):
                return place + inside
            inside = part.find(b"\xff", inside + 1)
        place += max(1, len(part) - 4)
    return -1


def _is_start(file: Bytes, at: int, end: int, strict: bool) -> bool:
    """Whether a frame begins here and another of its kind follows; strict: three more, because junk looks like
    frames."""
    kind: Kind | None = None
    for count in range(4 if strict else 2):
        head = file.read(at, 4)
        key = head[1] << 8 | head[2] if len(head) == 4 and head[0] == 0xFF else 0
        if key not in _KINDS or (kind is not None and _KINDS[key] != kind):
            return count > 0 and not strict and at >= end - 4
        kind = _KINDS[key]
        at += _SIZES[key]
    return True


def walk_frames(file: Bytes, at: int, end: int, kind: Kind) -> Walk:
    """Counts frames of one kind up to `end`."""
    seen = Walk(end=at)
    sizes = _sizes_of(kind)
    place = at
    while place < end - 3:
        part = file.read(place, min(_WINDOW_BYTES, end - place))
        inside = _walk_window(part, sizes, seen)
        place += inside
        seen.end = place
        if inside == 0 or len(part) < 4:
            break
    seen.cut = max(0, seen.end - end)
    seen.frames -= seen.cut > 0
    return seen


@cache
def _sizes_of(kind: Kind) -> dict[int, int]:
    return {key: size for key, size in _SIZES.items() if _KINDS[key] == kind}


def _walk_window(part: bytes, sizes: dict[int, int], seen: Walk) -> int:
    """Frames whose header lies in this part; gives where the next one begins (perhaps behind it)."""
    at, last, frames = 0, len(part) - 3, 0
    find = sizes.get
    while at < last:
        size = find(part[at + 1] << 8 | part[at + 2], 0) if part[at] == 0xFF else 0
        if size:
            frames += 1
            at += size
            continue
        found = _resume(part, at + 1, last, sizes)
        if part[at : at + 3] != b"TAG" and part[at:found].strip(b"\0"):
            seen.gaps += 1
            seen.junk += found - at
            seen.restarts += id3_size(part[at : at + 10]) > 0
        at = found
    seen.frames += frames
    return at


def _resume(part: bytes, at: int, last: int, sizes: dict[int, int]) -> int:
    """The next place where a frame begins that another follows."""
    while 0 <= (at := part.find(b"\xff", at)) < last:
        size = sizes.get(part[at + 1] << 8 | part[at + 2], 0)
        follow = at + size
        if size and (follow >= last or (part[follow] == 0xFF and part[follow + 1] << 8 | part[follow + 2] in sizes)):
            return at
        at += 1
    return last


# ── the first frame that is none ─────────────────────────────────────────────────────────────────────────────────────


def find_claim(head: bytes, kind: Kind) -> Claim | None:
    """What a Xing, Info or VBRI frame says; None when the first frame is sound."""
    if kind.layer != 3:
        return None
    is_mono = head[3] >> 6 == 3
    place = 4 + ((17 if is_mono else 32) if kind.version == 1 else (9 if is_mono else 17))
    if head[place : place + 4] in (b"Xing", b"Info"):
        return _xing(head, place)
    if head[36:40] == b"VBRI":
        return Claim(
            name="VBRI", total_bytes=int.from_bytes(head[46:50], "big"), frames=int.from_bytes(head[50:54], "big")
        )
    return None


def _xing(head: bytes, place: int) -> Claim:
    flags = int.from_bytes(head[place + 4 : place + 8], "big")
    at = place + 8
    frames = int.from_bytes(head[at : at + 4], "big") if flags & 1 else 0
    at += 4 if flags & 1 else 0
    total = int.from_bytes(head[at : at + 4], "big") if flags & 2 else 0
    at += (4 if flags & 2 else 0) + (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    name = head[at : at + 4]
    sort = head[place : place + 4].decode("latin-1")
    if name not in (b"LAME", b"Lavf", b"Lavc"):
        return Claim(name=sort, frames=frames, total_bytes=total)
    packed = int.from_bytes(head[at + 21 : at + 24], "big")
    crc = int.from_bytes(head[at + 32 : at + 34], "big")
    return Claim(name=sort, frames=frames, total_bytes=total, skip=packed >> 12, drop=packed & 0xFFF, crc=crc)


def _seal(head: bytes, first: int, end: int, claim: Claim | None) -> Seal | None:
    """LAME's checksum of the music, when the file is as long as it was then."""
    if claim is None or not claim.crc:
        return None
    size = claim.total_bytes - _SIZES[head[1] << 8 | head[2]]
    return Seal(at=first, size=size, crc=claim.crc) if 0 < size <= end - first else None


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Frame:
    begin: int
    start: int
    end: int


def _findings(file: Bytes, place: _Frame, claim: Claim | None, seen: Walk) -> Iterator[Finding]:
    if _is_foreign(file, place.begin, place.start):
        count = place.start - place.begin
        yield finding("A116" if _is_rest(file, place) else "A104", detail=f"{count} bytes before the first frame")
    if seen.restarts:
        yield finding("A108", detail="another recording's tag stands between the frames")
    elif seen.junk > _TOLERATED_JUNK_BYTES:
        yield finding("A105", detail=f"{seen.junk} bytes in {seen.gaps} places are no frames")
    if claim is None and seen.cut > 0:
        yield finding("A116", detail=f"{seen.cut} bytes of the last frame are missing")
    if claim is not None and claim.frames:
        yield from _compare(claim, seen)
    elif claim is not None and (missing := claim.total_bytes - (place.end - place.start)) > _LARGEST_FRAME_BYTES:
        yield finding("A101", detail=f"the header says {claim.total_bytes} bytes of frames, {missing} are missing")


def _compare(claim: Claim, seen: Walk) -> Iterator[Finding]:
    found = f"the header says {claim.frames} frames, {seen.frames} are there"
    if seen.frames > claim.frames * 1.01 + 2:
        yield finding("A108", detail=found)
    elif seen.frames < claim.frames - 1:
        yield finding("A101", detail=found)
    elif seen.cut > 0:
        yield finding("A101", detail=f"{seen.cut} bytes of the last frame are missing")


def _is_foreign(file: Bytes, begin: int, start: int) -> bool:
    """Whether something that is neither tag nor a little padding stands in front of the first frame."""
    return start - begin > _MAX_PADDING_BYTES or bool(file.read(begin, start - begin).strip(b"\0"))


def _is_rest(file: Bytes, place: "_Frame") -> bool:
    """Whether what stands in front is the rest of a frame whose beginning the tag ran over: nothing of it is
    foreign."""
    for over in (1, 2, 3):
        head = file.read(place.begin - over, 4)
        if (
            len(head) == 4
            and head[0] == 0xFF
            and _SIZES.get(head[1] << 8 | head[2]) == place.start - place.begin + over
        ):
            return True
    return False


# ── ADTS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def shape_adts(file: Bytes) -> Shape:
    """The Shape of a file of ADTS frames (AAC)."""
    begin, front = skip_tags(file)
    tail = find_tail(file, begin)
    at, blocks_of_1024, rate, junk = begin, 0, 0, 0
    while at < tail.end - 6:
        head = file.read(at, 7)
        size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or size < 7:
            junk = tail.end - at
            break
        blocks_of_1024 += (head[6] & 3) + 1
        rate = rate or _AAC_RATES.get(head[2] >> 2 & 15, 0)
        at += size
    problems = []
    if junk:
        problems.append(finding("A105", detail=f"{junk} bytes are no frames"))
    elif at > tail.end:
        problems.append(finding("A101", detail=f"{at - tail.end} bytes of the last frame are missing"))
    return Shape(
        kind="adts",
        view=View(start=begin, end=tail.end),
        samples=blocks_of_1024 * 1024,
        exact=not junk,
        rate=rate,
        blocks=(*front, *tail.blocks),
        findings=tuple(problems),
    )


_AAC_RATES = dict(enumerate((96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)))
