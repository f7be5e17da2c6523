"""docs/formats/read.md says what is read: its tables are those that the files give."""

from pathlib import Path

from tests.scenarios.read_table import read_table, refused_table
from tests.tools import PROJECT

PAGE = Path(PROJECT, "docs/formats/read.md")


def between(name: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {name} -->\n")[1].split(f"<!-- /{name} -->")[0].splitlines()


def test_the_table_is_that_of_the_files(corpus: Path) -> None:
    assert between("read") == list(read_table(corpus))


def test_the_refusals_are_those_of_the_code() -> None:
    assert between("refused") == list(refused_table())
