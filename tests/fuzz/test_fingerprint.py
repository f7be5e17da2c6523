"""Invariant: any text gives a fingerprint that is formed to the same text, or a ValueError; nothing else."""

import base64

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats.fingerprint import format, parse

NEARLY = st.builds(
    lambda count, body: base64.urlsafe_b64encode(bytes([1, 0, 0, count]) + body).rstrip(b"=").decode(),
    st.integers(0, 40),
    st.binary(max_size=120),
)


@given(st.one_of(st.text(max_size=60), NEARLY))
@example("AQ" + "_" * 40)
@example("AQAAAf____8")
def test_any_text(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert format(found) == text
