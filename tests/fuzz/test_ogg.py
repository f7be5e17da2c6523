"""Invariant: any bytes give a page, or a header of several, that is formed to the same bytes, or a ValueError; nothing
else."""

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats.ogg import crc, format_long, format_page, parse_long, parse_page


def sealed(flags: int, header: bytes, table: bytes, body: bytes) -> bytes:
    """A page with a checksum that is right, whatever else it is."""
    raw = b"OggS\0" + bytes([flags]) + header + bytes(4) + bytes([len(table)]) + table + body
    return raw[:22] + crc(raw).to_bytes(4, "little") + raw[26:]


SEALED = st.builds(
    sealed,
    st.sampled_from([0, 1, 2, 4, 6, 8, 255]),
    st.binary(min_size=16, max_size=16),
    st.lists(st.sampled_from([0, 1, 2, 30, 254, 255]), max_size=6).map(bytes),
    st.binary(max_size=600),
)


@given(st.one_of(st.binary(max_size=400), SEALED, SEALED.map(lambda raw: raw + raw)))
@example(b"OggS" + bytes(23))
@example(sealed(2, bytes(16), b"", b""))
def test_any_bytes(raw: bytes) -> None:
    try:
        page, length = parse_page(raw)
    except ValueError:
        return
    assert format_page(page) == raw[:length]


@given(st.one_of(st.binary(max_size=400), SEALED, st.tuples(SEALED, SEALED).map(b"".join)))
def test_any_bytes_as_a_header_of_several_pages(raw: bytes) -> None:
    try:
        long, length = parse_long(raw)
    except ValueError:
        return
    assert format_long(long) == raw[:length]
