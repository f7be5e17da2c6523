"""Heading: what stands at the head of a release: title, names, date, place, numbers given by others.

Takes  everything that speaks about the release as a whole (Voices).
Gives  for each statement the strongest voice that says it: manifest, cue sheet, tags that most tracks agree on, the
       folder's name, the text beside the music, the folder above.
Never  mixes two voices in one statement, nor states what none of them says: a folder always has a name, so only the
       title is always there.
"""

import re
from collections.abc import Iterator

from sonoteca.acquire import claims
from sonoteca.acquire.artists import artists_of
from sonoteca.acquire.dates import common_date, parse_date
from sonoteca.acquire.infotext import place_of
from sonoteca.acquire.numbers import parse_barcode, parse_uuid
from sonoteca.acquire.titles import clean, says_nothing
from sonoteca.acquire.voices import UNTITLED, Voices
from sonoteca.model.finding import Finding, finding
from sonoteca.model.release import Identifier, Statement

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)


def title_of(voices: Voices) -> Statement:
    """The release's title; that of a concert is who, where and when, as far as it is known."""
    spoken = (
        (voices.manifest.title, "manifest"),
        (voices.cue.title, "cue"),
        (claims.most(voices.items, "album"), "tag"),
        _concert_title(voices),
        (voices.folder.title, "folder name"),
    )
    said = [Statement(text=text, source=source) for text, source in spoken if not says_nothing(text)]
    # A folder may be called "Album": better a poor name than none.
    return said[0] if said else Statement(text=voices.folder.title or UNTITLED, source="folder name")


def _concert_title(voices: Voices) -> tuple[str, str]:
    """Who, where and when; the text beside the music counts as its source as soon as it says one of them."""
    artist = next(iter(artists_of(voices)), None)
    if voices.concert is None or artist is None:
        return "", ""
    event = place_of(voices.info.head, artist.name)[0]
    title = ", ".join(part for part in (artist.name, event, voices.folder.date) if part)
    return title, "info text" if event else artist.source


def date_of(voices: Voices, notes: list[Finding]) -> tuple[str, str]:
    """The date and its source; a date that cannot be is left out, with a note."""
    tagged = [text for item in voices.items if (text := next(iter(claims.values(item, "date")), ""))]
    dates = [parse_date(text) for text in tagged]
    wrong = sorted({text for text, date in zip(tagged, dates, strict=True) if not date})
    if wrong:
        notes.append(finding("T204", detail=", ".join(wrong)[:200]))
    spoken = (
        (parse_date(voices.manifest.date), "manifest"),
        (parse_date(voices.cue.date), "cue"),
        # A concert's day stands in the folder's name; tags often hold the day it was shared.
        (voices.folder.date if voices.concert else "", "folder name"),
        (common_date(dates, len(voices.items)), "tag"),
        (voices.folder.date, "folder name"),
        (next((date for line in voices.info.head if (date := parse_date(line))), ""), "info text"),
    )
    return next(((date, source) for date, source in spoken if date), ("", ""))


def place_and_event(voices: Voices) -> tuple[str, str]:
    """Where a concert was, and what it was called, from the manifest or the head of its text."""
    artist = next((one.name for one in artists_of(voices)), "")
    event, place = place_of(voices.info.head, artist) if voices.concert else ("", "")
    return voices.manifest.place or place, voices.manifest.event or event


def identifiers_of(voices: Voices, notes: list[Finding]) -> Iterator[Identifier]:
    """Numbers that others gave the release, each in its form."""
    spoken = (
        ("upc", voices.manifest.barcode, "manifest", parse_barcode),
        ("upc", voices.cue.catalog, "cue", parse_barcode),
        ("upc", claims.most(voices.items, "barcode"), "tag", parse_barcode),
        ("musicbrainz-release", claims.most(voices.items, "musicbrainz_albumid"), "tag", parse_uuid),
        ("musicbrainz-release-group", claims.most(voices.items, "musicbrainz_releasegroupid"), "tag", parse_uuid),
        ("shnid", voices.concert.shnid if voices.concert else "", "folder name", str),
    )
    seen: set[tuple[str, str]] = set()
    for scheme, text, source, parse in spoken:
        normal = parse(text)
        if text and not normal:
            notes.append(finding("T205", detail=f"{scheme}: {text[:60]}"))
        elif normal and (scheme, normal) not in seen:
            seen.add((scheme, normal))
            yield Identifier(scheme=scheme, text=normal, source=source)


def label_of(voices: Voices) -> tuple[str, str]:
    """Label and catalogue number."""
    label = (
        voices.manifest.label or claims.most(voices.items, "label", "organization", "publisher") or voices.folder.label
    )
    number = voices.manifest.catalogue_number or claims.most(voices.items, "catalognumber")
    return label, number or voices.folder.catalogue_number


def language_of(text: str) -> str:
    """An ISO 639 or BCP 47 code; "" for what is none."""
    return text.lower() if _LANGUAGE.fullmatch(text) else ""


def lineage_of(voices: Voices) -> str:
    """How the recording came about: what the text says, else what the folder's name does."""
    facts = (voices.concert.source, *voices.concert.others, voices.concert.format) if voices.concert else ()
    named = " > ".join(clean(fact) for fact in facts if fact)
    return voices.manifest.lineage or voices.info.lineage or named
