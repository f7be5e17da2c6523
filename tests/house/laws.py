"""Laws that the source of one module keeps or breaks: each takes a Source and gives its offences, "path:line what"."""

import ast
import re
from collections.abc import Iterator

from tests.house.reading import ROOMS, Function, Source, code_lines, functions

MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
SOFT_FILE_LINES = 200
MAX_ARGUMENTS = 5
# Words that say nothing about what is inside.
EMPTY_WORDS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "data"})
BROAD = frozenset({"Exception", "BaseException"})
# What a room may hold of the package besides itself; the linter says the same, this says it without the linter.
BELOW_ROOMS = frozenset({"model", "formats", "ports"})


def offence(source: Source, node: ast.AST, what: str) -> str:
    return f"{source.path}:{getattr(node, 'lineno', 1)} {what}"


def long_functions(source: Source) -> Iterator[str]:
    """At most 40 lines of code from `def` to the end."""
    lines = code_lines(source)
    for function in functions(source.tree):
        count = function_lines(function, lines)
        if count > MAX_FUNCTION_LINES:
            yield offence(source, function, f"{function.name} has {count} lines of code, at most {MAX_FUNCTION_LINES}")


def function_lines(function: Function, lines: frozenset[int]) -> int:
    return sum(number in lines for number in range(function.lineno, (function.end_lineno or 0) + 1))


def long_files(source: Source, limit: int = MAX_FILE_LINES) -> Iterator[str]:
    """At most 400 lines; above 200 a room wants another module."""
    count = len(source.text.splitlines())
    if count > limit:
        yield offence(source, source.tree, f"{count} lines, at most {limit}")


def many_arguments(source: Source) -> Iterator[str]:
    """At most five, not counting self and cls."""
    for function in functions(source.tree):
        names = argument_names(function)
        if len(names) > MAX_ARGUMENTS:
            yield offence(source, function, f"{function.name} takes {len(names)} arguments: {', '.join(names)}")


def argument_names(function: Function) -> list[str]:
    given = function.args
    found = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [argument.arg for argument in found if argument.arg not in ("self", "cls")]


def imports_inside(source: Source) -> Iterator[str]:
    """No import inside a function: it hides what a module rests on."""
    for function in functions(source.tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield offence(source, node, f"{function.name} imports inside itself")


def hidden_imports(source: Source) -> Iterator[str]:
    """No import by name at run time: the linter cannot see it."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield offence(source, node, "imports by name at run time")


def rooms_next_door(source: Source) -> Iterator[str]:
    """A room holds model, formats, ports and itself; no other room, no ledger, no settings, no pipeline."""
    if source.room not in ROOMS:
        return
    for node in ast.walk(source.tree):
        for room in imported_rooms(node, source.name):
            if room not in BELOW_ROOMS | {source.room}:
                yield offence(source, node, f"the room {source.room} imports sonoteca.{room}")


def imported_rooms(node: ast.AST, importer: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("sonoteca."))
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = importer.split(".")[: -node.level]
            base = ".".join([*above, base]).rstrip(".")
        if base == "sonoteca":
            yield from (alias.name for alias in node.names if not alias.name.startswith("__"))
        elif base.startswith("sonoteca."):
            yield base.split(".")[1]


def room_doors(source: Source) -> Iterator[str]:
    """The __init__ of a room, of formats, ports and model holds a docstring; a room's says Takes, Gives, Undoes."""
    if not source.is_package or source.room not in BELOW_ROOMS | set(ROOMS):
        return
    text = ast.get_docstring(source.tree)
    if text is None or len(source.tree.body) != 1:
        yield offence(source, source.tree, "holds only a docstring")
    elif source.room in ROOMS and source.name.count(".") == 1:
        absent = [word for word in ("Takes", "Gives", "Undoes") if not re.search(rf"(?m)^{word}\b", text)]
        if absent:
            yield offence(source, source.tree, f"the docstring does not say {', '.join(absent)}")


def undescribed(source: Source) -> Iterator[str]:
    """Every module says what it is."""
    if not ast.get_docstring(source.tree):
        yield offence(source, source.tree, "has no docstring")


def empty_words(source: Source) -> Iterator[str]:
    """A module is named after what is inside."""
    found = EMPTY_WORDS & set(re.split(r"[._]", source.name))
    if found:
        yield offence(source, source.tree, f"is named {', '.join(sorted(found))}, which says nothing")


def asserts(source: Source) -> Iterator[str]:
    """`python -O` drops assert: what it guarded would be open."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert):
            yield offence(source, node, "uses assert")


def broad_excepts(source: Source) -> Iterator[str]:
    """An except names what it expects; contextlib.suppress too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or bool(BROAD & names_in(node.type))
        elif isinstance(node, ast.Call):
            broad = ast.unparse(node.func).endswith("suppress") and any(BROAD & names_in(one) for one in node.args)
        else:
            broad = False
        if broad:
            yield offence(source, node, "catches everything")


def names_in(node: ast.AST) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}


LAWS = (
    long_functions,
    long_files,
    many_arguments,
    imports_inside,
    hidden_imports,
    rooms_next_door,
    room_doors,
    undescribed,
    empty_words,
    asserts,
    broad_excepts,
)
