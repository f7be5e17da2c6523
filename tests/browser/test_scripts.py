"""Laws that the scripts keep: small, described, and without the calls by which text becomes code."""

import re
from pathlib import Path

import pytest

import sonoteca.web

STATIC = Path(sonoteca.web.__file__).parent / "static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
MAX_LINES = 200
# Text that becomes elements or code; timers of strings; what a strict policy would forbid anyway.
CALLS = r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\(.style|srcdoc"
ELSEWHERE = r"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    head = text.split("*/")[0]
    assert text.startswith("/**\n * ") and " * Takes  " in head and "Gives  " in head
    assert len(text.splitlines()) <= MAX_LINES
    assert not re.search(CALLS, text)
    assert not re.search(ELSEWHERE, text.replace("http://www.w3.org/2000/svg", ""))
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_it_imports_is_there(script: Path) -> None:
    for name, source in re.findall(r'import \{([^}]+)\} from "([^"]+)"', script.read_text(encoding="utf-8")):
        other = (script.parent / source).resolve().read_text(encoding="utf-8")
        for one in name.split(","):
            assert re.search(rf"export (async )?(function|class|const) {one.strip()}\b", other), one


def test_nothing_is_left_over() -> None:
    imported = {
        one
        for script in SCRIPTS
        for one in re.findall(r'(?:from |import\()"[./]*(?:player/)?([\w-]+\.js)"', script.read_text())
    }
    assert {script.name for script in SCRIPTS} - imported == {"player.js"}
