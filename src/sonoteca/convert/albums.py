"""Albums: how loud a release is as a whole, and the gain that keeps its tracks as loud to each other as they were made.

Takes  the loudness of every track: among it how many blocks of 0.4 seconds had which level.
Gives  an Album; the comments that tell players of it; a file's header with these comments in it, of the same length.
Never  decodes anything: what one decode of each track counted is enough (ITU-R BS.1770-5: both gates over all blocks).

Levels were counted in tenths of a LU, which moves the result by less than 0.05 LU.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sonoteca.convert.comments import Pair, is_name
from sonoteca.convert.flac_headers import PADDING, REFERENCE_LUFS, VORBIS_COMMENT
from sonoteca.convert.opus_headers import ALBUM_GAIN, gain_of
from sonoteca.formats.ogg import Long, format_long, parse_long, parse_page
from sonoteca.model.sound import Loudness

HEAD_BYTES = 1 << 20  # more than any header of ours has
STEP_LU = 0.1
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """All tracks as one: integrated loudness, and the highest true peak (None when nobody measured one)."""

    lufs: float
    peak_dbtp: float | None


def album_of(tracks: Iterable[Loudness]) -> Album | None:
    """Of a release; None when nothing in it is loud enough to have a loudness."""
    known = tuple(tracks)
    counts: dict[int, int] = {}
    for track in known:
        for level, blocks in track.gating:
            counts[level] = counts.get(level, 0) + blocks
    first = _mean(counts, ABSOLUTE_GATE_LUFS)
    second = None if first is None else _mean(counts, first - RELATIVE_GATE_LU)
    if second is None:
        return None
    peaks = [track.true_peak_dbtp for track in known if track.true_peak_dbtp is not None]
    return Album(lufs=round(second, 3), peak_dbtp=max(peaks, default=None))


def _mean(counts: dict[int, int], gate_lufs: float) -> float | None:
    """The mean power of the blocks above a gate, in LUFS."""
    above = [(level * STEP_LU, blocks) for level, blocks in counts.items() if level * STEP_LU > gate_lufs]
    blocks = sum(count for _, count in above)
    if not blocks:
        return None
    return 10 * math.log10(sum(count * 10 ** (level / 10) for level, count in above) / blocks)


def pairs_for(ending: str, album: Album) -> tuple[Pair, ...]:
    """What a file of this ending says: Opus to −23 LUFS (RFC 7845 §5.2.1), FLAC to −18 (ReplayGain 2.0)."""
    if ending == "opus":
        return ((ALBUM_GAIN, str(gain_of(album.lufs))),)
    gain: tuple[Pair, ...] = (("REPLAYGAIN_ALBUM_GAIN", f"{REFERENCE_LUFS - album.lufs:.2f} dB"),)
    if album.peak_dbtp is None:
        return gain
    return (*gain, ("REPLAYGAIN_ALBUM_PEAK", f"{10 ** (album.peak_dbtp / 20):.6f}"))


# ── in a header that is there already ────────────────────────────────────────────────────────────────────────────────


def with_pairs(ending: str, head: bytes, pairs: Sequence[Pair]) -> tuple[int, bytes]:
    """Where to put which bytes, so that these comments stand after the others; the length is the same. ValueError when
    it is no header of ours, or has no room."""
    if not all(is_name(name) for name, _ in pairs):
        raise ValueError("a comment's name that cannot be one")
    return _opus(head, pairs) if ending == "opus" else _flac(head, pairs)


def _opus(head: bytes, pairs: Sequence[Pair]) -> tuple[int, bytes]:
    _, at = parse_page(head)
    tags, _ = parse_long(head[at:])
    packet = tags.packet
    if packet[:8] != b"OpusTags":
        raise ValueError("no comments where they should be")
    made = packet[:8] + _joined(packet[8:], pairs).ljust(len(packet) - 8, b"\0")
    if len(made) != len(packet):
        raise ValueError("no room was left for it")
    return at, format_long(Long(serial=tags.serial, sequence=tags.sequence, packet=made))


def _flac(head: bytes, pairs: Sequence[Pair]) -> tuple[int, bytes]:
    if head[:4] != b"fLaC":
        raise ValueError("not FLAC")
    at = 4
    kind, before, after = _block_at(head, at)
    while kind != VORBIS_COMMENT:
        at = after
        kind, before, after = _block_at(head, at)
    kind, padding, end = _block_at(head, after)
    made = _joined(before, pairs)
    left = len(padding) - (len(made) - len(before))
    if kind != PADDING or left < 0:
        raise ValueError("no room was left for it")
    comments = VORBIS_COMMENT.to_bytes(1) + len(made).to_bytes(3) + made
    raw = comments + head[after : after + 1] + left.to_bytes(3) + bytes(left)
    if len(raw) != end - at:
        raise RuntimeError("a header of another length")
    return at, raw


def _block_at(head: bytes, at: int) -> tuple[int, bytes, int]:
    """(kind, body, where the next one begins) of a metadata block (RFC 9639 §8.1)."""
    if len(head) < at + 4:
        raise ValueError("cut off")
    end = at + 4 + int.from_bytes(head[at + 1 : at + 4])
    if len(head) < end:
        raise ValueError("cut off")
    return head[at] & 0x7F, head[at + 4 : end], end


def _joined(comments: bytes, pairs: Sequence[Pair]) -> bytes:
    """A comment header with more in it; what stands behind the last one is left out."""
    vendor = int.from_bytes(comments[:4], "little")
    count = int.from_bytes(comments[4 + vendor : 8 + vendor], "little")
    at = 8 + vendor
    for _ in range(count):
        if at + 4 > len(comments):
            raise ValueError("fewer comments than it says")
        at += 4 + int.from_bytes(comments[at : at + 4], "little")
    if at > len(comments):
        raise ValueError("a comment that is cut off")
    added = b"".join(_counted(f"{name}={text}".encode()) for name, text in pairs)
    return comments[: 4 + vendor] + (count + len(pairs)).to_bytes(4, "little") + comments[8 + vendor : at] + added


def _counted(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "little") + raw
