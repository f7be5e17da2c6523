"""Licence expressions: names joined by AND, OR and WITH, as SPDX and Debian write them, as a choice of sets of
licences.

Takes  an expression.   Gives  its alternatives, and the same expression in today's SPDX ids.
Never  drops a part that it does not understand: then the whole is not understood.

The structure is parsed by license-expression; the names are replaced by symbols first, because Debian's names
("GPL-2+") and addresses are no names to it.
"""

import functools
import re
from collections.abc import Iterator

from license_expression import LicenseSymbol, Licensing

from sonoteca.rights.licence_ids import exception_ids
from sonoteca.rights.licence_words import licence_of_name

MAX_CHARACTERS = 1000
MAX_NESTED = 20
MAX_ALTERNATIVES = 64
_PARSER = Licensing()
_OPERATOR = re.compile(r"(?:^|\s)(and|or|with)(?=\s|$)", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
# DEP-5: "GPL-2+ with OpenSSL exception". What SPDX has no name for adds a permission that nobody here can read: left
# out.
_UNLISTED_EXCEPTION = re.compile(r"[\w.+-]+(?: [\w.+-]+){0,3} exceptions?", re.IGNORECASE)


def parse_expression(text: str) -> str:
    """The expression in today's ids, as alternatives joined by OR; "" if it is none or not understood."""
    found = _alternatives(text)
    if any("" in alternative for alternative in found):
        return ""
    return " OR ".join(" AND ".join(sorted(alternative)) for alternative in found)


@functools.lru_cache(maxsize=4096)
def alternatives(licence: str) -> tuple[frozenset[str], ...]:
    """What one may choose between, each a set of licences that all have to be kept. One licence is a choice of one."""
    return _alternatives(licence) or (frozenset({licence}),)


def _alternatives(text: str) -> tuple[frozenset[str], ...]:
    if len(text) > MAX_CHARACTERS or text.count("(") > MAX_NESTED or not text.isprintable() or not text.strip():
        return ()
    atoms: list[str] = []
    symbols = list(_placeholders(text, atoms))
    if not _is_well_formed(symbols) or len(atoms) > MAX_ALTERNATIVES:
        return ()
    found = _choices(_PARSER.parse(" ".join(symbols)), atoms)
    return tuple(dict.fromkeys(found)) if len(found) <= MAX_ALTERNATIVES else ()


def _is_well_formed(symbols: list[str]) -> bool:
    """Whether names and operators take turns and brackets close: the parser fails in many ways when they do not."""
    depth = 0
    is_name_due = True
    for symbol in symbols:
        is_opening = symbol not in ("AND", "OR", ")")
        depth += {"(": 1, ")": -1}.get(symbol, 0)
        if is_opening is not is_name_due or depth < 0:
            return False
        is_name_due = symbol in ("(", "AND", "OR")
    return depth == 0 and not is_name_due


def _placeholders(text: str, atoms: list[str]) -> Iterator[str]:
    # DEP-5: a comma before "and" or "or" binds less than the operators between commas.
    for place, group in enumerate(re.split(r"\s*,\s*(?=(?:and|or)\b)", text, flags=re.IGNORECASE)):
        first = re.match(r"(?:and|or)\b", group, re.IGNORECASE) if place else None
        if first:
            yield first[0].upper()
        yield "("
        yield from _symbols(group[first.end() :] if first else group, atoms)
        yield ")"


def _symbols(text: str, atoms: list[str]) -> Iterator[str]:
    is_exception = False
    for part in re.split(r"([()])", text):
        for piece in (piece.strip() for piece in ([part] if part in ("(", ")") else _OPERATOR.split(part))):
            if piece.lower() in ("and", "or", "(", ")"):
                yield piece.upper()
            elif piece.lower() == "with":
                is_exception = True
                continue
            elif piece and is_exception:
                atoms[-1:] = [_with_exception(atoms[-1], piece)] if atoms else [""]
            elif piece:
                atoms.append(_atom(piece))
                yield f"a{len(atoms) - 1}"
            if piece:
                is_exception = False


def _with_exception(licence: str, name: str) -> str:
    if known := exception_ids().get(name.lower()):
        return f"{licence} WITH {known}" if licence else ""
    return licence if _UNLISTED_EXCEPTION.fullmatch(name) else ""


def _atom(piece: str) -> str:
    if _REFERENCE.fullmatch(piece):
        return piece
    # "Perl" stands for a choice; inside a longer expression its first member stands for it.
    return licence_of_name(piece).partition(" OR ")[0]


def _choices(tree: object, atoms: list[str]) -> tuple[frozenset[str], ...]:
    if isinstance(tree, LicenseSymbol):
        return (frozenset({atoms[int(str(tree.key)[1:])]}),)
    parts = [_choices(part, atoms) for part in getattr(tree, "args", ())]
    if isinstance(tree, _PARSER.OR):
        return tuple(one for part in parts for one in part)[: MAX_ALTERNATIVES + 1]
    product: tuple[frozenset[str], ...] = (frozenset(),)
    for part in parts:
        product = tuple(left | right for left in product for right in part)[: MAX_ALTERNATIVES + 1]
    return product
