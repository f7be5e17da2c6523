"""Licence blocks: how the whole texts of common licences begin and end, and by which sentences their kinds are told
apart.

Data for licence_texts.py. All phrases are in lower case with single spaces, as `plain_words` makes them. A block
whose kind cannot be told is taken out of the text all the same, without a licence: half a text must not be read as
notices.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sonoteca.rights.licence_ids import cc_licence
from sonoteca.rights.licence_words import CC_WORDS, of_cc_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """From `begin` to the last of `ends` within `max_characters` (the phrase `begin` alone when none of them comes)."""

    begin: str
    ends: tuple[str, ...]
    max_characters: int
    licence_of: Callable[[str], str]
    is_summary: bool = False  # a deed: what it sums up is named beside it


def _always(licence: str) -> Callable[[str], str]:
    return lambda span: licence


def _nothing(span: str) -> str:
    return ""


def _gnu(licence: str, begin: str, max_characters: int, *ends: str) -> Block:
    ends = (
        "end of terms and conditions",
        "ty coon, president of vice",
        "public license instead of this license",
        *ends,
    )
    return Block(begin=begin, ends=ends, max_characters=max_characters, licence_of=_always(licence))


# ── Creative Commons ─────────────────────────────────────────────────────────────────────────────────────────────────


def licence_of_legal_code(span: str) -> str:
    """The licence of a legal code of versions 1.0 to 3.0, from its own sentences: people copy it without the heading.
    "" when the sentences do not tell."""
    version = _version(span)
    parts = ["by"] if "original author" in span and "credit" in span else []
    if not version or (not parts and version != "1.0"):
        return ""
    parts += ["nc"] if "primarily intended for or directed toward commercial advantage" in span else []
    if "to create and reproduce derivative works" not in span and "to create and reproduce adaptations" not in span:
        parts.append("nd")
    elif "license elements" in span or (
        "only under the terms of this license" in span and version == "1.0" and _shares_alike_1_0(span)
    ):
        parts.append("sa")
    return cc_licence("-".join(parts), version)


def _shares_alike_1_0(span: str) -> bool:
    return "a derivative work only under the terms of this license" in span


_ENTITY = (
    '"licensor" means the individual or entity that offers'  # "individual, individuals, entity or entities" from 3.0 on
)


def _version(span: str) -> str:
    if "the rome convention of 1961" in span:
        return "3.0"
    if "sponsor institute, publishing entity" in span and _ENTITY in span:
        return "2.5"
    if "performance royalties under blanket licenses" in span and _ENTITY in span:
        return "2.0"
    if "licensor represents and warrants that, to the best of licensor's knowledge" in span:
        return "1.0"
    return ""


def _licence_of_legal_code_4(span: str) -> str:
    hit = CC_WORDS.search(span)
    return of_cc_words(hit, whole=False) if hit else ""


# ── BSD and MIT ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _licence_of_bsd(span: str) -> str:
    # The length tells whether a clause was added that nobody here knows.
    if "all advertising materials mentioning" in span:
        return "BSD-4-Clause" if len(span) < 1_800 else ""
    if "endorse or promote products derived" in span:
        return "BSD-3-Clause" if len(span) < 1_600 else ""
    return "BSD-2-Clause" if len(span) < 1_340 and "redistributions in binary form" in span else ""


def _licence_of_mit(span: str) -> str:
    if "except as contained in this notice, the name" in span:
        return "X11" if len(span) < 1_500 else ""
    if "furnished to do so. the software is provided" in span:
        return "MIT-0" if len(span) < 900 else ""
    has_notice = "the above copyright notice and this permission notice" in span
    return "MIT" if has_notice and len(span) < 1_100 and "not evil" not in span else ""


def _licence_of_zlib(span: str) -> str:
    return "Zlib" if "must not be misrepresented as being the original software" in span and len(span) < 1_000 else ""


def _licence_of_isc(span: str) -> str:
    return (
        "ISC" if "copyright notice and this permission notice appear in all copies" in span and len(span) < 800 else ""
    )


def _licence_of_mozilla(span: str) -> str:
    return "MPL-2.0" if '"larger work"' in span else ""  # else only its name stands there


BLOCKS: tuple[Block, ...] = (
    _gnu("GPL-1.0-only", "gnu general public license version 1, february 1989", 16_000, "that's all there is to it!"),
    _gnu("GPL-2.0-only", "gnu general public license version 2, june 1991", 19_000),
    _gnu(
        "GPL-3.0-only",
        "gnu general public license version 3, 29 june 2007",
        36_000,
        "why-not-lgpl.html",
        "but first, please read",
    ),
    _gnu(
        "LGPL-2.0-only", "gnu library general public license version 2, june 1991", 27_000, "that's all there is to it!"
    ),
    _gnu(
        "LGPL-2.1-only",
        "gnu lesser general public license version 2.1, february 1999",
        28_000,
        "that's all there is to it!",
    ),
    _gnu(
        "LGPL-3.0-only",
        "gnu lesser general public license version 3, 29 june 2007",
        8_500,
        "authorization for you to choose that version for the library",
    ),
    _gnu(
        "AGPL-3.0-only",
        "gnu affero general public license version 3, 19 november 2007",
        36_000,
        "follow the gnu agpl, see",
    ),
    Block(
        begin="the work (as defined below) is provided under the terms of this creative commons public license",
        ends=("without the mutual written agreement of the licensor and you", "creative commons may be contacted at"),
        max_characters=30_000,
        licence_of=licence_of_legal_code,
    ),
    Block(  # version 4.0 with its preface
        begin='creative commons corporation ("creative commons") is not a law firm',
        ends=("privileges and immunities that apply to the licensor or you", "creative commons may be contacted at"),
        max_characters=28_000,
        licence_of=_licence_of_legal_code_4,
    ),
    Block(
        begin="by exercising the licensed rights (defined below), you accept and agree to be bound by the terms",
        ends=("privileges and immunities that apply to the licensor or you", "creative commons may be contacted at"),
        max_characters=25_000,
        licence_of=_licence_of_legal_code_4,
    ),
    Block(  # the deed of version 4.0, which the page with the licence's name begins with
        begin="you are free to: share",
        ends=("may limit how you use the material",),
        max_characters=2_500,
        licence_of=_nothing,
        is_summary=True,
    ),
    Block(  # the deed of versions up to 3.0
        begin="you are free: to share",
        ends=("with a link to this web page", "impairs or restricts the author's moral rights"),
        max_characters=2_500,
        licence_of=_nothing,
        is_summary=True,
    ),
    Block(
        begin="gnu free documentation license version 1.",
        ends=("to permit their use in free software",),
        max_characters=26_000,
        licence_of=_nothing,
    ),
    Block(
        begin="statement of purpose the laws of most jurisdictions throughout the world automatically confer",
        ends=("no duty or obligation with respect to this cc0 or use of the work",),
        max_characters=8_000,
        licence_of=_always("CC0-1.0"),
    ),
    Block(
        begin="redistribution and use in source and binary forms, with or without modification, are permitted",
        ends=("possibility of such damage",),
        max_characters=2_600,
        licence_of=_licence_of_bsd,
    ),
    Block(
        begin="permission is hereby granted, free of charge, to any person obtaining a copy of this software and",
        ends=("dealings in the software", "without prior written authorization from"),
        max_characters=1_600,
        licence_of=_licence_of_mit,
    ),
    Block(
        begin="this software is provided 'as-is', without any express or implied warranty",
        ends=("from any source distribution",),
        max_characters=1_500,
        licence_of=_licence_of_zlib,
    ),
    Block(
        begin="permission to use, copy, modify, and/or distribute this software for any purpose with or without",
        ends=("use or performance of this software",),
        max_characters=1_200,
        licence_of=_licence_of_isc,
    ),
    Block(
        begin="apache license version 2.0, january 2004",
        ends=("end of terms and conditions", "limitations under the license"),
        max_characters=13_000,
        licence_of=_always("Apache-2.0"),
    ),
    Block(
        begin="mozilla public license version 2.0",
        ends=("as defined by the mozilla public license, v. 2.0",),
        max_characters=18_000,
        licence_of=_licence_of_mozilla,
    ),
    Block(
        begin="this is free and unencumbered software released into the public domain",
        ends=("or other dealings in the software",),
        max_characters=1_400,
        licence_of=_always("Unlicense"),
    ),
    Block(
        begin="do what the fuck you want to public license",
        ends=("you just do what the fuck you want to",),
        max_characters=800,
        licence_of=_always("WTFPL"),
    ),
    Block(
        begin="free art license 1.3",
        ends=("this license is to be interpreted in accordance with french law",),
        max_characters=15_000,
        licence_of=_always("LAL-1.3"),
    ),
    Block(
        begin="licence art libre 1.3",
        ends=("la présente licence est soumise au droit français",),
        max_characters=15_000,
        licence_of=_always("LAL-1.3"),
    ),
)
