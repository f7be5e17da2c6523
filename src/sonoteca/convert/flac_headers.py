"""FLAC: the metadata in front of the frames (RFC 9639 §8), and the gain that players read there.

Takes  STREAMINFO as the encoder gives it, tags, a picture, where frames begin.   Gives  bytes, always as many as were
       left room for.

Order in the file: STREAMINFO, SEEKTABLE, PICTURE, VORBIS_COMMENT, PADDING. How many seek points there are and what the
gain is is known last, so padding takes what they do not use.
"""

from collections.abc import Sequence

from sonoteca.convert.comments import Pair, format_comments, is_name

STREAMINFO, PADDING, SEEKTABLE, VORBIS_COMMENT, PICTURE = 0, 1, 3, 4, 6  # RFC 9639 §8.1
STREAMINFO_BYTES = 34
REFERENCE_LUFS = -18.0  # ReplayGain 2.0
POINT_S = 10
MAX_POINTS = 720
_POINT_BYTES = 18
_SPARE = 1024  # so that a tag can be added later without writing the file again
_GAIN_ROOM = 2 * 48
Point = tuple[int, int, int]  # first sample of a frame, where it begins behind the first frame, its samples


def points_for(duration_s: float) -> int:
    """How many seek points a recording of so many seconds gets at most."""
    return min(MAX_POINTS, int(duration_s / POINT_S) + 1)


def room_for(pairs: Sequence[Pair], points: int, picture: bytes = b"") -> int:
    """How many bytes the metadata needs at most, the signature too."""
    shown = 4 + len(picture) if picture else 0
    tags = 4 + len(format_comments(pairs)) + _GAIN_ROOM
    return 4 + 4 + STREAMINFO_BYTES + 4 + points * _POINT_BYTES + shown + tags + 4 + _SPARE


def format_metadata(
    streaminfo: bytes, points: Sequence[Point], pairs: Sequence[Pair], room: int, picture: bytes = b""
) -> bytes:
    """Signature and blocks, `room` bytes of them. ValueError when they do not fit, or a name cannot be one."""
    if len(streaminfo) != STREAMINFO_BYTES or not all(is_name(name) for name, _ in pairs):
        raise ValueError("a STREAMINFO of another length, or a comment's name that cannot be one")
    table = b"".join(first.to_bytes(8) + at.to_bytes(8) + samples.to_bytes(2) for first, at, samples in points)
    blocks = [_block(STREAMINFO, streaminfo)]
    blocks += [_block(SEEKTABLE, table)] if table else []
    blocks += [_block(PICTURE, picture)] if picture else []
    blocks.append(_block(VORBIS_COMMENT, format_comments(pairs)))
    raw = b"fLaC" + b"".join(blocks)
    left = room - len(raw) - 4
    if left < 0:
        raise ValueError(f"{-left} bytes more than were left room for")
    return raw + _block(PADDING, bytes(left), is_last=True)


def spread(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many of the points, evenly."""
    step = -(-len(points) // most) if most else 0
    return list(points[::step]) if step else []


def gain_pairs(integrated_lufs: float | None, true_peak_dbtp: float | None) -> tuple[Pair, ...]:
    """ReplayGain 2.0 of a track: to −18 LUFS, and its true peak where full scale is 1."""
    gain = (
        (("REPLAYGAIN_TRACK_GAIN", f"{REFERENCE_LUFS - integrated_lufs:.2f} dB"),)
        if integrated_lufs is not None
        else ()
    )
    peak = (("REPLAYGAIN_TRACK_PEAK", f"{10 ** (true_peak_dbtp / 20):.6f}"),) if true_peak_dbtp is not None else ()
    return gain + peak


def _block(kind: int, body: bytes, *, is_last: bool = False) -> bytes:
    return (kind | is_last << 7).to_bytes(1) + len(body).to_bytes(3) + body
