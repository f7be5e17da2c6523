"""Each law holds in every module, and each law can be broken: a small wrong example is caught."""

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest

from tests.house import laws
from tests.house.reading import Source, parse_source, sources

Law = Callable[[Source], Iterator[str]]


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_law_holds(law: Law) -> None:
    offences = [found for source in sources() for found in law(source)]
    assert not offences, "\n" + "\n".join([(law.__doc__ or "").strip(), *offences])


BODY = "\n".join(f"    a{n} = {n}" for n in range(laws.MAX_FUNCTION_LINES))
HIDING = "# a comment\n\n" * 50
ROOM = "src/sonoteca/rights/__init__.py"

BROKEN: list[tuple[Law, str, str]] = [
    (laws.long_functions, f"def f():\n{BODY}", "src/sonoteca/model/a.py"),
    (laws.long_files, "# line\n" * (laws.MAX_FILE_LINES + 1), "src/sonoteca/model/a.py"),
    (laws.many_arguments, "def f(a, b, c, d, e, g): ...", "src/sonoteca/model/a.py"),
    (laws.many_arguments, "class A:\n    def f(self, a, b, /, c, *, d, e, g): ...", "src/sonoteca/model/a.py"),
    (laws.imports_inside, "def f():\n    import re", "src/sonoteca/model/a.py"),
    (laws.imports_inside, "class A:\n    async def f(self):\n        from re import sub", "src/sonoteca/model/a.py"),
    (laws.hidden_imports, "import importlib\nimportlib.import_module('os')", "src/sonoteca/model/a.py"),
    (laws.rooms_next_door, "import sonoteca.preserve.versions", "src/sonoteca/rights/a.py"),
    (laws.rooms_next_door, "from sonoteca import ledger", "src/sonoteca/rights/a.py"),
    (laws.rooms_next_door, "from sonoteca.config import Settings", "src/sonoteca/rights/a.py"),
    (laws.rooms_next_door, "from ..catalogue import entries", "src/sonoteca/rights/a.py"),
    (laws.room_doors, '"""Takes a. Gives b."""', ROOM),
    (laws.room_doors, '"""Room.\n\nTakes  a\nGives  b\nUndoes c\n"""\nfrom sonoteca.rights.rules import judge', ROOM),
    (laws.room_doors, "x = 1", "src/sonoteca/model/__init__.py"),
    (laws.undescribed, "x = 1", "src/sonoteca/model/a.py"),
    (laws.empty_words, "", "src/sonoteca/rights/utils.py"),
    (laws.empty_words, "", "src/sonoteca/rights/rule_helpers.py"),
    (laws.asserts, "def f(a):\n    assert a", "src/sonoteca/model/a.py"),
    (laws.broad_excepts, "try:\n    f()\nexcept Exception:\n    pass", "src/sonoteca/model/a.py"),
    (laws.broad_excepts, "try:\n    f()\nexcept:\n    raise", "src/sonoteca/model/a.py"),
    (laws.broad_excepts, "try:\n    f()\nexcept (OSError, BaseException) as e:\n    raise", "src/sonoteca/model/a.py"),
    (laws.broad_excepts, "with contextlib.suppress(Exception):\n    f()", "src/sonoteca/model/a.py"),
]


@pytest.mark.parametrize(("law", "text", "path"), BROKEN)
def test_law_can_be_broken(law: Law, text: str, path: str) -> None:
    assert list(law(parse_source(text, path)))


def test_every_law_has_an_example_that_breaks_it() -> None:
    assert {law for law, _, _ in BROKEN} == set(laws.LAWS)


def test_what_does_not_count() -> None:
    kept = (
        dedent('''
        """A module."""

        import re


        class A:
            def f(self, a, b, c, d, e):
                """One.

                Two.
                """
        ''')
        + HIDING.replace("#", "        #")
        + "        return a\n"
    )
    source = parse_source(kept, "src/sonoteca/rights/a.py")
    assert [found for law in laws.LAWS for found in law(source)] == []


def test_a_room_may_hold_what_is_below_it_and_itself() -> None:
    text = (
        "from sonoteca.model.ids import Digest\nfrom sonoteca.rights import licences\nfrom sonoteca import __version__"
    )
    assert list(laws.rooms_next_door(parse_source(text, "src/sonoteca/rights/rules.py"))) == []
