"""What templates may call gives HTML that says what was given, and nothing more."""

import html
import re

import pytest

from sonoteca.web.paper import command

CURES = (
    "sonoteca rights grant urn:uuid:0 --licence LICENCE --evidence FILE",
    "--lift",
    "sonoteca edit 1 --set 'title=<b>--bold</b>' a--b --",
    'sonoteca rights hold 1 --reason "<script>" --x=y',
)


@pytest.mark.parametrize("cure", CURES)
def test_a_command_reads_as_it_was_given_and_keeps_its_options_whole(cure: str) -> None:
    made = str(command(cure))
    assert html.unescape(re.sub(r"</?span[^>]*>", "", made)) == cure
    whole = re.findall(r'<span class="word">(.*?)</span>', made)
    assert whole == [word for word in cure.split() if re.fullmatch(r"--[a-z-]+", word)]
    assert "<" not in re.sub(r'<span class="word">|</span>', "", made)
