"""Ranges: what is sent is what was asked for, whatever was asked; a plain reading of RFC 9110 agrees."""

import re
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.web.ranges import MAX_RANGES, Asked, Plan, Representation, Span, is_match, parse_ranges, plan

WHAT = Representation(size=1000, etag='"abc"', media_type="audio/flac", headers=(("Cache-Control", "private"),))
CONTENT = bytes(place % 251 for place in range(5000))
NUMBER = st.one_of(st.just(""), st.integers(0, 6000).map(str))
SPEC = st.tuples(NUMBER, NUMBER).map("-".join)
HEADER = st.lists(SPEC, min_size=1, max_size=6).map(lambda specs: "bytes=" + ",".join(specs))


def of_size(size: int) -> Representation:
    return Representation(size=size, etag='"abc"', media_type="audio/flac")


def sent(planned: Plan) -> bytes:
    """The body that a plan means, of CONTENT."""
    return b"".join(one if isinstance(one, bytes) else CONTENT[one.start : one.end] for one in planned.parts)


def said(planned: Plan) -> dict[str, str]:
    return dict(planned.headers)


def plain(header: str, size: int) -> set[int] | None:
    """Which bytes a header means, one by one; None: it is to be ignored."""
    wanted: set[int] = set()
    for spec in header.removeprefix("bytes=").split(","):
        first, last = spec.split("-")
        if not first and not last:
            return None
        if first and last and int(first) > int(last):
            return None
        if first:
            wanted |= {place for place in range(size) if int(first) <= place <= (int(last) if last else size)}
        else:
            wanted |= {place for place in range(size) if place >= size - int(last)}
    return wanted


@given(HEADER, st.integers(1, 5000))
@example("bytes=-0", 10)
@example("bytes=0-0", 1)
@example("bytes=9-", 9)
@example("bytes=-99999", 10)
def test_the_bytes_that_were_asked_for(header: str, size: int) -> None:
    planned = plan(Asked(range=header), of_size(size))
    wanted = plain(header, size)

    if wanted is None:
        assert (planned.status, sent(planned)) == (200, CONTENT[:size])
    elif not wanted:
        assert (planned.status, sent(planned)) == (416, b"")
        assert said(planned)["Content-Range"] == f"bytes */{size}"
    else:
        assert planned.status == 206
        assert wanted <= {
            place for one in planned.parts if isinstance(one, Span) for place in range(one.start, one.end)
        }
    assert int(said(planned)["Content-Length"]) == len(sent(planned))


@given(HEADER, st.integers(1, 5000))
def test_parts_are_read_again_by_pythons_mail_parser(header: str, size: int) -> None:
    planned = plan(Asked(range=header), of_size(size))
    kind = said(planned).get("Content-Type", "")
    if not kind.startswith("multipart/byteranges"):
        return
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + sent(planned), policy=policy.HTTP)
    parts = list(message.iter_parts())
    spans = [one for one in planned.parts if isinstance(one, Span)]
    assert len(parts) == len(spans) > 1
    for part, span in zip(parts, spans, strict=True):
        assert part["Content-Range"] == f"bytes {span.start}-{span.end - 1}/{size}"
        assert part.get_content_type() == "audio/flac"


@given(HEADER, st.integers(1, 5000))
def test_no_byte_is_sent_twice(header: str, size: int) -> None:
    spans = [one for one in plan(Asked(range=header), of_size(size)).parts if isinstance(one, Span)]
    assert sum(one.end - one.start for one in spans) <= size


@given(st.text(max_size=60) | st.text("bytes=-,0123456789 \t", max_size=60).map("bytes=".__add__))
def test_nothing_breaks_it(header: str) -> None:
    assert plan(Asked(range=header, if_range=None), WHAT).status in (200, 206, 416)


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-499", [(0, 500)]),
        ("bytes=500-999", [(500, 1000)]),
        ("bytes=-500", [(500, 1000)]),
        ("bytes=9500-", []),
        ("bytes=0-0,-1", [(0, 1), (999, 1000)]),
        ("bytes= 0-1 ,\t5-6, ", [(0, 2), (5, 7)]),
        ("BYTES=0-1", [(0, 2)]),
        ("bytes=999-1000000", [(999, 1000)]),
    ],
)
def test_examples_of_rfc_9110(header: str, spans: list[tuple[int, int]]) -> None:
    assert parse_ranges(header, 1000) == tuple(Span(*one) for one in spans)


@pytest.mark.parametrize(
    "header",
    [
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=,",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=٣-٤",
        "items=0-1",
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + ",".join(["0-0"] * (MAX_RANGES + 1)),
        "bytes=0-1;2-3",
    ],
)
def test_what_is_ignored(header: str) -> None:
    assert parse_ranges(header, 1000) is None
    assert plan(Asked(range=header), WHAT).status == 200


def test_an_empty_representation_has_no_ranges() -> None:
    planned = plan(Asked(range="bytes=0-"), of_size(0))
    assert (planned.status, planned.parts, said(planned)["Content-Length"]) == (200, (), "0")


def test_head_has_the_length_and_no_body() -> None:
    planned = plan(Asked(method="HEAD", range="bytes=0-1"), WHAT)
    assert (planned.status, planned.parts, said(planned)["Content-Length"]) == (200, (), "1000")


@pytest.mark.parametrize(
    ("if_range", "status"),
    [('"abc"', 206), (' "abc" ', 206), ('W/"abc"', 200), ('"other"', 200), ("Mon, 23 Nov 2026 10:00:00 GMT", 200)],
)
def test_if_range_takes_a_strong_etag_alone(if_range: str, status: int) -> None:
    assert plan(Asked(range="bytes=0-1", if_range=if_range), WHAT).status == status


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Asked(if_none_match='"abc"'), 304),
        (Asked(if_none_match='W/"abc"'), 304),
        (Asked(if_none_match='"x", "abc"'), 304),
        (Asked(if_none_match="*"), 304),
        (Asked(if_none_match='"x"'), 200),
        (Asked(if_none_match="abc"), 200),
        (Asked(if_match='"abc"'), 200),
        (Asked(if_match='W/"abc"'), 412),
        (Asked(if_match='"x"', if_none_match='"abc"'), 412),
        (Asked(if_none_match='"abc"', range="bytes=0-1"), 304),
    ],
)
def test_preconditions(asked: Asked, status: int) -> None:
    planned = plan(asked, WHAT)
    assert planned.status == status
    assert said(planned)["ETag"] == '"abc"'
    assert status != 304 or said(planned)["Cache-Control"] == "private"


@given(st.text(max_size=80))
def test_matching_never_breaks(header: str) -> None:
    assert is_match(header, '"abc"', weak=True) in (True, False)


def test_what_stands_close_together_is_sent_as_one_in_the_order_asked_for() -> None:
    planned = plan(Asked(range="bytes=900-909,0-9,5-20,30-40"), WHAT)
    assert [one for one in planned.parts if isinstance(one, Span)] == [Span(900, 910), Span(0, 41)]
    boundary = said(planned)["Content-Type"].partition("=")[2]
    assert re.fullmatch("[0-9a-f]{32}", boundary)
