"""Opus in Ogg: the two header packets and the gain (RFC 7845 §5).

Takes  what is known of the sound and its tags.   Gives  bytes.

The comment header has room for the gain, which is known last: without it, the bytes after the last comment are zero,
which RFC 7845 §5.2 calls padding.
"""

from collections.abc import Sequence

from sonoteca.convert.comments import Pair, format_comments, is_name

GAIN = "R128_TRACK_GAIN"
REFERENCE_LUFS = -23.0  # RFC 7845 §5.2.1, EBU R 128
ALBUM_GAIN = "R128_ALBUM_GAIN"  # known when the whole release has been decoded (albums.py)
_GAIN_ROOM = 8 + len(f"{GAIN}=-32768") + len(f"{ALBUM_GAIN}=-32768")


def format_head(channels: int, pre_skip: int, rate_hz: int) -> bytes:
    """The identification header; `rate_hz` is that of the original and means nothing to a decoder. One or two
    channels."""
    fields = (1).to_bytes(1) + channels.to_bytes(1) + pre_skip.to_bytes(2, "little") + rate_hz.to_bytes(4, "little")
    return b"OpusHead" + fields + bytes(3)  # no output gain, mapping family 0


def pre_skip_of(head: bytes) -> int:
    """The samples at 48 kHz that a decoder leaves out at the beginning, from an encoder's own header."""
    return int.from_bytes(head[10:12], "little")


def format_tags(pairs: Sequence[Pair], gain_q8: int | None) -> bytes:
    """The comment header; the same length whatever the gain is, None too. ValueError for a name that cannot be one."""
    if not all(is_name(name) for name, _ in pairs):
        raise ValueError("a comment's name that cannot be one")
    gain = () if gain_q8 is None else ((GAIN, str(gain_q8)),)
    length = len(format_comments(pairs)) + _GAIN_ROOM
    return b"OpusTags" + format_comments((*pairs, *gain)).ljust(length, b"\0")


def gain_of(integrated_lufs: float | None) -> int | None:
    """The gain to −23 LUFS in 1/256 dB (Q7.8, 16 bits), None when there is no loudness to speak of."""
    if integrated_lufs is None:
        return None
    return max(-32768, min(32767, round((REFERENCE_LUFS - integrated_lufs) * 256)))
