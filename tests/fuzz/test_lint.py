"""Invariant: any bytes give findings with codes of the table, few of each, that can be shown; nothing is raised."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode
from sonoteca.model.malformed import MALFORMED
from sonoteca.torrents.limits import Limits
from sonoteca.torrents.lint import MAX_OF_A_KIND, lint
from tests.fuzz.test_metainfo import VALUES, changed, flipped

TIGHT = Limits(max_pieces=1, max_tokens=5, max_files=1, max_path_bytes=1, max_folders=1)


@given(
    st.one_of(st.binary(max_size=200), VALUES.map(bencode.format), changed(), flipped()),
    st.sampled_from([Limits(), TIGHT]),
)
def test_any_bytes(raw: bytes, limits: Limits) -> None:
    found = lint(raw, limits)
    assert {one.code for one in found} <= set(MALFORMED)
    assert max(Counter(one.code for one in found).values(), default=0) <= MAX_OF_A_KIND
    for one in found:
        f"{one.where}{one.detail}".encode()
