"""The source, read once: every module with its name and its tree. Nothing is imported, nothing of it is run."""

import ast
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

from tests.tools import PROJECT

SRC = PROJECT / "src"
PACKAGE = SRC / "sonoteca"
ROOMS = ("acquire", "preserve", "convert", "rights", "catalogue", "torrents", "swarm", "mirror", "orders")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One module: `name` as it is imported, `path` relative to the project."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The part below sonoteca: "acquire", "ports", "cli"; "" for sonoteca itself."""
        return self.name.partition(".")[2].partition(".")[0]

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


def parse_source(text: str, path: str = "src/sonoteca/acquire/example.py") -> Source:
    """A module from its text."""
    parts = Path(path).with_suffix("").parts[1:]
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(name, path, text, ast.parse(text, path))


@cache
def sources() -> tuple[Source, ...]:
    """Every module of the package."""
    return tuple(
        parse_source(file.read_text(encoding="utf-8"), file.relative_to(PROJECT).as_posix())
        for file in sorted(PACKAGE.rglob("*.py"))
    )


def is_written(module: str) -> bool:
    """Whether a module of the package exists yet: "config" is config.py or config/."""
    return any(source.name == f"sonoteca.{module}" for source in sources())


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def has_docstring(node: ast.Module | ast.ClassDef | Function) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def code_lines(source: Source) -> frozenset[int]:
    """The numbers of the lines that hold code: not blank, not comment, not docstring."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(StringIO(source.text).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    return frozenset(lines - docstring_lines(source.tree))


def docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and has_docstring(node):
            text = node.body[0]
            lines.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return lines
