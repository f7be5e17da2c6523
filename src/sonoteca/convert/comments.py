"""Vorbis comments: how Opus and FLAC files carry tags (RFC 7845 §5.2, RFC 9639 §8.6), as bytes.

Takes  (NAME, text) pairs in their order.   Gives  the comment header's bytes, of a length that is known beforehand.
Never  lets a text through that could not be one: names are printable ASCII without "=", texts one harmless line
       (plain_text.py), whoever made the pairs.

Some tags are known only when all sound has been heard. So room is left for them: the header is made twice, at the
beginning and at the end, with the same number of bytes.
"""

from collections.abc import Iterable, Sequence

from sonoteca.convert.plain_text import one_line

VENDOR = "Sonoteca"
MAX_HEADER_BYTES = 60_000  # one Ogg page holds it
MAX_NAME_CHARACTERS = 64
Pair = tuple[str, str]


def format_comments(pairs: Sequence[Pair]) -> bytes:
    """The header without framing: vendor, count, comments."""
    texts = [f"{name}={text}".encode() for name, text in pairs]
    return b"".join((_counted(VENDOR.encode()), len(texts).to_bytes(4, "little"), *map(_counted, texts)))


def fitting(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The pairs that can be written, in their order: those with a name and a text, as far as the header holds them."""
    kept: list[Pair] = []
    room = MAX_HEADER_BYTES
    for name, text in pairs:
        fit = one_line(text)
        size = len(name) + len(fit.encode()) + 5
        if fit and is_name(name) and size <= room:
            kept.append((name, fit))
            room -= size
    return tuple(kept)


def is_name(name: str) -> bool:
    """RFC 9639 §8.6: 0x20 to 0x7D without "="; here no spaces at the ends either."""
    return (
        0 < len(name) <= MAX_NAME_CHARACTERS
        and all(" " <= char <= "}" and char != "=" for char in name)
        and name == name.strip()
    )


def _counted(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "little") + raw
