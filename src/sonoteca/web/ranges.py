"""Ranges: which bytes of a representation are wanted, and what the answer's head says (RFC 9110 §13, §14, §15.3.7).

Takes  the request's method and conditional headers, and the representation: size, ETag, type, further headers.
Gives  a Plan: status, headers, and the parts of the body in order, each bytes to send as they are or a Span to read.
Never  reads the representation, raises for what a client sends, or gives more parts than MAX_RANGES.

What a client may ask of us and we may refuse (§14.2): a range that is not well formed, of another unit, or one of very
many, is ignored, and the whole is sent with 200; that is right for every client. Ranges that touch are sent as one.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_RANGES = 16
MAX_HEADER = 1024
# §14.1.1 and §14.1.2; 18 digits are more than any file has, and a number of thousands of digits is never built.
_SPEC = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')  # §8.8.3
_BLANKS = " \t"
_PART_OVERHEAD = 160  # about what the head of a part costs: a gap smaller than that is cheaper sent


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, and without, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says; None for a header that it does not have."""

    method: str = "GET"
    range: str | None = None
    if_range: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """What can be sent. `etag` is strong, with its quotes; `headers` go with every answer that has it."""

    size: int
    etag: str
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer. `length` is that of the body, also where none is sent (HEAD, 304: `parts` is empty)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    parts: tuple[bytes | Span, ...] = ()


def plan(asked: Asked, what: Representation) -> Plan:
    """The answer to a GET or HEAD, in the order of RFC 9110 §13.2.2."""
    if asked.if_match is not None and not is_match(asked.if_match, what.etag, weak=False):
        return _plain(412, what)
    if asked.if_none_match is not None and is_match(asked.if_none_match, what.etag, weak=True):
        return Plan(status=304, headers=(("ETag", what.etag), *_lasting(what)))
    spans = _wanted(asked, what)
    if spans is None:
        return _whole(asked, what)
    if not spans:
        return _plain(416, what, (("Content-Range", f"bytes */{what.size}"),))
    return _single(spans[0], what) if len(spans) == 1 else _multiple(spans, what)


def is_match(header: str, etag: str, *, weak: bool) -> bool:
    """Whether If-Match or If-None-Match names this ETag (§8.8.3.2); "*" names every one."""
    if header.strip(_BLANKS) == "*":
        return True
    found = (tag[0] for tag in _ETAG.finditer(header))
    return any(tag.removeprefix("W/") == etag if weak else tag == etag for tag in found)


def parse_ranges(header: str, size: int) -> tuple[Span, ...] | None:
    """The spans that a Range header asks for, in its order, cut to the size; () when none can be satisfied; None
    when it is to be ignored."""
    unit, equals, said = header.partition("=")
    if not equals or unit.strip(_BLANKS).lower() != "bytes" or len(header) > MAX_HEADER or not size:
        return None
    # §5.6.1.2: empty elements of a list are skipped.
    specs = [spec for one in said.split(",") if (spec := one.strip(_BLANKS))]
    if not specs or len(specs) > MAX_RANGES:
        return None
    spans = []
    for spec in specs:
        found = _SPEC.fullmatch(spec)
        if found is None or not (found[1] or found[2]):
            return None
        if found[1] and found[2] and int(found[1]) > int(found[2]):
            return None
        spans.append(_span(found[1], found[2], size))
    return tuple(span for span in spans if span.start < span.end)


def _span(first: str, last: str, size: int) -> Span:
    if not first:
        return Span(max(0, size - int(last)), size)
    return Span(int(first), min(int(last) + 1, size) if last else size)


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same bytes without those asked for twice; spans that touch, or nearly, become one, in the order of the first
    of them (§15.3.7.2)."""
    order = {span: place for place, span in reversed(list(enumerate(spans)))}
    kept: list[tuple[Span, int]] = []
    for span in sorted(order, key=lambda one: (one.start, one.end)):
        place = order[span]
        if kept and span.start <= kept[-1][0].end + _PART_OVERHEAD:
            before, earlier = kept.pop()
            span, place = Span(before.start, max(before.end, span.end)), min(place, earlier)
        kept.append((span, place))
    return tuple(span for span, _ in sorted(kept, key=lambda one: one[1]))


def _wanted(asked: Asked, what: Representation) -> tuple[Span, ...] | None:
    if asked.range is None or asked.method != "GET":  # §14.2: Range is defined for GET alone
        return None
    # §13.1.5: a weak ETag or a date that is not strong never matches, and we have no date.
    if asked.if_range is not None and asked.if_range.strip(_BLANKS) != what.etag:
        return None
    spans = parse_ranges(asked.range, what.size)
    return spans and joined(spans)


def _lasting(what: Representation) -> tuple[tuple[str, str], ...]:
    return (("Accept-Ranges", "bytes"), *what.headers)


def _whole(asked: Asked, what: Representation) -> Plan:
    sizes = (("Content-Type", what.media_type), ("Content-Length", str(what.size)), ("ETag", what.etag))
    body = (Span(0, what.size),) if asked.method == "GET" and what.size else ()
    return Plan(status=200, headers=(*sizes, *_lasting(what)), parts=body)


def _single(span: Span, what: Representation) -> Plan:
    headers = (
        ("Content-Type", what.media_type),
        ("Content-Length", str(span.end - span.start)),
        ("Content-Range", _content_range(span, what.size)),
        ("ETag", what.etag),
        *_lasting(what),
    )
    return Plan(status=206, headers=headers, parts=(span,))


def _multiple(spans: Sequence[Span], what: Representation) -> Plan:
    # Drawn from what is sent, so that the same request has the same answer; 128 bits do not occur by chance.
    boundary = hashlib.sha256(f"{what.etag} {spans}".encode("utf-8", "replace")).hexdigest()[:32]
    parts: list[bytes | Span] = []
    for number, span in enumerate(spans):
        lines = (
            f"{'' if number == 0 else chr(13) + chr(10)}--{boundary}",
            f"Content-Type: {what.media_type}",
            f"Content-Range: {_content_range(span, what.size)}",
            "\r\n",
        )
        parts += ["\r\n".join(lines).encode("latin-1"), span]
    parts.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    length = sum(len(one) if isinstance(one, bytes) else one.end - one.start for one in parts)
    headers = (
        ("Content-Type", f"multipart/byteranges; boundary={boundary}"),
        ("Content-Length", str(length)),
        ("ETag", what.etag),
        *_lasting(what),
    )
    return Plan(status=206, headers=headers, parts=tuple(parts))


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span.start}-{span.end - 1}/{size}"


def _plain(status: int, what: Representation, headers: tuple[tuple[str, str], ...] = ()) -> Plan:
    return Plan(status=status, headers=(("Content-Length", "0"), ("ETag", what.etag), *headers))
