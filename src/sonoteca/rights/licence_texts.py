"""Licence texts: which licences a longer text names, by characteristic sentences, addresses, notices and names.

Takes  the text of a licence file, a page, a sentence.   Gives  a `Mention` for each licence named, with the words
       that named it.
Never  says which of several counts, and never that a text names no other: unknown terms stay unknown.

Order  whole licences are found first and taken out, because they speak about themselves and about other licences at
       length; then what only points to a place or repeats itself ("On Debian systems, the complete text …"); then
       notices and names in the rest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.rights import licence_words as words
from sonoteca.rights.licence_addresses import find_addresses
from sonoteca.rights.licence_blocks import BLOCKS, Block
from sonoteca.rights.licence_expressions import parse_expression
from sonoteca.rights.licence_ids import gnu_licence, plain_words
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED, OTHER_TERMS, PUBLIC_DOMAIN, RESTRICTING

MAX_CHARACTERS = 1_000_000
MAX_MENTIONS = 200

_MARKUP = re.compile(r"<(?!https?:)[a-zA-Z/!][^<>]{0,500}>")
_LINE_START = re.compile(r"(?m)^[ \t]*(?:[*#>;|%]+|//+|--|/\*+|\.$|․)?[ \t]*")
_SPDX_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\n\r]{1,200})", re.IGNORECASE)
_NOT_A_GRANT = re.compile(
    r"on (?:any )?debian[^.,]{0,40}systems?,.{0,300}?common-licenses/[\w.-]+"
    r"|see the gnu (?:\w+ )?general public licen[sc]e for more details"
    r"|you should have received a copy of the gnu (?:\w+ )?general public licen[sc]e"
    r"|the (?:complete|full) text of the gnu (?:\w+ )?general public licen[sc]e"
    # The line of a copyright notice that a licence follows: BSD and MIT texts begin so.
    r"|all rights reserved\.?(?= (?:redistribution and use|permission is hereby|permission to use|this software is))"
)
_GNU_NOTICE = re.compile(
    r"(?:under|licen[sc]e:?|licensed|by|of) (?:the )?(?:terms (?:and conditions )?of )?(?:either )?(?:the )?"
    r"gnu (?P<name>lesser |library |affero )?general public licen[sc]e(?P<tail>.{0,170})"
)
_GNU_TAIL = re.compile(
    r"[ ,;(]*(?:[al]?gpl\)?)?[ ,;:]*(?:as published by the free software foundation)?[ ,;:]*(?:either )?"
    r"(?:v(?:ersion)?[ .]*(?P<version>\d(?:\.\d)?))?(?P<rest>.*)"
)
_GNU_SHORT = re.compile(
    r"(?:under|licen[sc]e:?|licensed) (?:the )?(?:terms of )?(?:the )?(?:gnu )?(?P<name>l|a)?gpl(?=v?\d|[^a-z]|$)"
    r"[ ,-]*(?:v(?:ersion)?[ .]*)?(?P<version>\d(?:\.\d)?)?(?P<rest>.{0,60})"
)
# What only the terms of a licence say: where it stands outside of every licence that was recognised, there are other
# terms.
_TERMS = re.compile(
    r"\b(?:licensors?|licensees?|licensed (?:works?|software|material)|hereby grant(?:s|ed)?"
    r"|permission is (?:hereby )?granted|you may (?:not|only|copy|use|distribute|redistribute|modify|charge)"
    r"|shall not|must not|may not be|(?:is|are) prohibited|are permitted provided|provided that the following"
    r"|subject to the following|acknowledge that)\b"
)
_GRANTING = re.compile(
    r"permission (?:is|to) |hereby grant|permitted provided|\byou (?:may|are free to) |redistribut|licensed under"
    r"|free software|grants? (?:you|to)|public licen[sc]e|free licen[sc]e|creative ?commons"
)
# In a sentence these turn the sense of a name round, or limit it, in a way that is not followed here.
_TURNING = re.compile(
    r"\b(?:not|no|never|none|nothing|except|excepting|excluding|unless|until|without|formerly|nicht|kein\w*|außer|bis"
    r"|sans|sauf|pas|sin|salvo|excepto|não|non|nie|нет|не)\b(?!-)"
)
SENTENCE_CHARACTERS = 600
_LATER = re.compile(r"\+|[^.;]{0,60}?\b(?:or|and)\b[ ,(]*(?:at your option[ ,)]*)?(?:any )?(?:later|newer)")
_PUBLIC_DOMAIN = re.compile(
    r"(?<!not )(?<!not yet )\b(?:in|into|to|of|as|is|are|:) (?:the )?public[ -]domain\b(?! mark)"
)
_APACHE = re.compile(
    r"under (?:the )?(?:terms of the )?apache licen[sc]e,? (?:version )?2\.0"
    r"|licen[sc]e: apache licen[sc]e,? (?:version )?2"
)
_MOZILLA = re.compile(r"terms of the mozilla public licen[sc]e, v(?:\.|ersion) ?2\.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A licence that a text names, and the words that name it (at most 200 characters). `is_text` when the whole text
    of the licence stands there, which does not say whether later versions may be chosen."""

    licence: str
    phrase: str
    is_text: bool = False


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Every licence that the text names, each once; OTHER_TERMS among them when it says more than those licences do.
    Reads 1,000,000 characters at most."""
    raw = text[:MAX_CHARACTERS]
    found = [*_of_tags(raw), *_of_addresses(raw)]
    flat = plain_words(_LINE_START.sub("", _MARKUP.sub(" ", raw)))
    flat = _NOT_A_GRANT.sub(" ", flat)
    rest: list[str] = []
    found += _take_out_blocks(flat, rest)
    for part in rest:
        found += [*_of_notices(part), *_of_names(part), *_of_restrictions(part, flat)]
    found += _of_other_terms(rest, flat)
    once = {mention.licence: mention for mention in reversed(found[:MAX_MENTIONS])}
    return tuple(mention for mention in reversed(once.values()) if not _is_said_better(mention, found))


def _is_said_better(mention: Mention, found: list[Mention]) -> bool:
    # The text of GPL-2 with a notice "or any later version" before it: the notice says what was meant.
    if not mention.is_text or not mention.licence.endswith("-only"):
        return False
    later = mention.licence.removesuffix("only") + "or-later"
    return any(other.licence == later for other in found)


def _of_tags(raw: str) -> Iterator[Mention]:
    for hit in _SPDX_TAG.finditer(raw):
        expression = hit[1].strip(" \t*/#-<>!")
        if licence := parse_expression(expression):
            yield Mention(licence=licence, phrase=hit[0].strip()[:200])


def _of_addresses(raw: str) -> Iterator[Mention]:
    for licence, address in find_addresses(raw):
        yield Mention(licence=licence, phrase=address[:200])


def _take_out_blocks(flat: str, rest: list[str]) -> list[Mention]:
    """The whole licences in the text; what is between and around them is added to `rest`."""
    found: list[Mention] = []
    spans: list[tuple[int, int]] = []
    for block in BLOCKS:
        for begin, end in _spans(block, flat):
            licence = block.licence_of(flat[begin:end])
            spans.append((begin, end))
            if licence or not block.is_summary:
                found.append(Mention(licence=licence or OTHER_TERMS, phrase=flat[begin : begin + 120], is_text=True))
    place = 0
    for begin, end in sorted(spans):
        rest.append(flat[place : max(begin, place)])
        place = max(place, end)
    rest.append(flat[place:])
    return found


def _spans(block: Block, flat: str) -> Iterator[tuple[int, int]]:
    place = 0
    while (begin := flat.find(block.begin, place)) >= 0:
        limit = begin + block.max_characters
        ends = [flat.rfind(end, begin, limit) + len(end) for end in block.ends if flat.rfind(end, begin, limit) >= 0]
        place = max(ends) if ends else begin + len(block.begin)
        yield begin, place


def _of_notices(part: str) -> Iterator[Mention]:
    for hit in _GNU_NOTICE.finditer(part):
        tail = _GNU_TAIL.match(hit["tail"])
        name = {"": "GPL", "affero": "AGPL"}.get((hit["name"] or "").strip(), "LGPL")
        if tail and (licence := gnu_licence(name, tail["version"] or "", later=bool(_LATER.match(tail["rest"])))):
            yield Mention(licence=licence, phrase=hit[0][:160])
    for hit in _GNU_SHORT.finditer(part):
        later = bool(_LATER.match(hit["rest"]))
        if licence := gnu_licence(f"{hit['name'] or ''}GPL", hit["version"] or "", later=later):
            yield Mention(licence=licence, phrase=hit[0][:100])
    for licence, pattern in (("Apache-2.0", _APACHE), ("MPL-2.0", _MOZILLA)):
        yield from (Mention(licence=licence, phrase=hit[0]) for hit in pattern.finditer(part))


def _of_names(part: str) -> Iterator[Mention]:
    for hit in words.CC_WORDS.finditer(part):
        # "cc by john" is no licence: alone, BY needs a version or the word licence.
        is_name = hit["version"] or len(hit["elements"]) > 2 or "licen" in hit[0] or "creative" in hit[0]
        if is_name and (licence := words.of_cc_words(hit, whole=False)):
            yield Mention(licence=licence, phrase=hit[0].strip()[:200])
    for licence, pattern in (
        ("CC0-1.0", words.CC_ZERO),
        ("CC-PDM-1.0", words.CC_MARK),
        (PUBLIC_DOMAIN, _PUBLIC_DOMAIN),
    ):
        yield from (Mention(licence=licence, phrase=hit[0]) for hit in pattern.finditer(part))


def _of_restrictions(part: str, flat: str) -> Iterator[Mention]:
    for licence, pattern in RESTRICTING:
        if hit := re.search(pattern, part):
            # In a longer text "all rights reserved" is a formula where a licence follows: it only says that there are
            # other terms.
            is_formula = licence == ALL_RIGHTS_RESERVED and "reserved" in hit[0] and len(flat) > SENTENCE_CHARACTERS
            is_formula = is_formula and bool(_GRANTING.search(flat))
            yield Mention(licence=OTHER_TERMS if is_formula else licence, phrase=hit[0])


def _of_other_terms(rest: list[str], flat: str) -> Iterator[Mention]:
    patterns = (_TERMS, _TURNING) if len(flat) <= SENTENCE_CHARACTERS else (_TERMS,)
    hits = [hit for part in rest for pattern in patterns if (hit := pattern.search(part))]
    yield from (Mention(licence=OTHER_TERMS, phrase=hit[0]) for hit in hits[:1])
