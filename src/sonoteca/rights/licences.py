"""Licences: a statement in anyone's words becomes an SPDX expression (or a licence's address) and a class.

Takes  a statement: an SPDX expression, an address, a Debian short name, a phrase, a sentence that holds one of them.
Gives  `Understood`.
Never  guesses: what is not understood has licence "" and class "", and the rules hold it. A sentence that names
       several licences has them in `names` and none in `licence`, because it does not say which counts.
"""

import functools
from dataclasses import dataclass

from sonoteca.rights.licence_classes import class_of, is_public_domain, narrowed
from sonoteca.rights.licence_expressions import parse_expression
from sonoteca.rights.licence_ids import plain_words
from sonoteca.rights.licence_table import NOTHING_SAID, OTHER_TERMS, LicenceClass
from sonoteca.rights.licence_texts import Mention, find_mentions
from sonoteca.rights.licence_words import licence_of_name

MAX_STATEMENT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a statement says. `licence` is an SPDX expression or a licence's address, "" when it is not understood;
    `names` are the licences of a statement that names several without saying which counts; `is_public_domain` says
    that it claims that no right is left, which somebody has to reason."""

    licence: str = ""
    licence_class: LicenceClass = LicenceClass.UNKNOWN
    is_public_domain: bool = False
    names: tuple[str, ...] = ()


@functools.lru_cache(maxsize=4096)
def understand(statement: str) -> Understood:
    """What the statement says, as far as it can be said for sure. Only its first 20,000 characters are read."""
    text = statement[:MAX_STATEMENT_CHARACTERS].strip()
    if plain_words(text).strip(" .") in NOTHING_SAID:
        return Understood()
    licence = licence_of_name(text) or parse_expression(text)
    return understood(licence) if licence else understand_text(text)


def understand_text(text: str) -> Understood:
    """The same for a text of some length: only what it names counts, never the text as a name."""
    return understand_mentions(find_mentions(text))


def understand_mentions(mentions: tuple[Mention, ...]) -> Understood:
    """What a text says that names these licences: one of them, when it names one and sets no other terms."""
    licences = narrowed(tuple(mention.licence for mention in mentions))
    if len(licences) == 1 and licences[0] != OTHER_TERMS:
        return understood(licences[0])
    return Understood(names=licences)


def understood(licence: str) -> Understood:
    """The same for a licence that is an SPDX expression or an address already."""
    return Understood(licence=licence, licence_class=class_of(licence), is_public_domain=is_public_domain(licence))
