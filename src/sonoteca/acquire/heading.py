"""Heading: what stands at the head of a release: title, names, date, place, numbers given by others.

Takes  everything that speaks about the release as a whole (Voices).
Gives  for each statement the strongest voice that says it: manifest, cue sheet, tags that most tracks agree on, the
       folder's name, the text beside the music, the folder above.
Never  mixes two voices in one statement, nor states what none of them says: a folder always has a name, so only the
       title is always there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonoteca.acquire import claims
from sonoteca.acquire.conventions import EtreeName, ReleaseName, find_etree, parse_release_name
from sonoteca.acquire.dates import common_date, parse_date
from sonoteca.acquire.found import FoundFile
from sonoteca.acquire.infotext import InfoText, place_of
from sonoteca.acquire.manifest import Manifest
from sonoteca.acquire.naming import natural_key
from sonoteca.acquire.numbers import parse_barcode, parse_uuid
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.sheets import CueHead
from sonoteca.acquire.titles import clean, fold, is_various, says_nothing
from sonoteca.model.finding import Finding, finding
from sonoteca.model.release import Contributor, Identifier, Statement
from sonoteca.model.source import FolderPlan, Role

UNTITLED = "[untitled]"  # as MusicBrainz writes it
VARIOUS = "Various Artists"
SHARED_ROLES = ("composer", "lyricist", "arranger", "performer", "conductor", "producer", "engineer")

# Folders above a release that name a shelf, not an artist.
_SHELVES = re.compile(
    r"\W*(?:albums?|archives?|artists?|audio|bandcamp|bootlegs?|cds?|classical|collections?|compilations?|concerts?|data"
    r"|demos?|discography|discs?|downloads?|eps?|flac|folk|home|incoming|jazz|library|live|lossless|lossy|lps?|media|misc"
    r"|mnt|mp3|music|musik|musique|música|new|other|pop|public|recordings?|releases?|rock|share|shared|shows?|singles?"
    r"|sorted|soundtracks?|tapes|tmp|torrents?|unsorted|various(?: artists)?|va|vinyl|wav"
    r"|[a-z0-9]|0-9|\d+|(?:19|20)\d\ds?)\W*",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_FRONT = re.compile(r"(?:^|[^a-z])(front|cover|folder|albumart|album)(?:[^a-z]|$|_)", re.IGNORECASE)
_NOT_FRONT = re.compile(r"back|inlay|tray|inside|booklet|disc|cd|label|page|small|thumb", re.IGNORECASE)
_FRONT_ORDER = ("cover", "front", "folder", "albumart", "album")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Everything that speaks about the release as a whole."""

    plan: FolderPlan
    items: Sequence[Item]
    manifest: Manifest
    cue: CueHead
    info: InfoText
    folder: ReleaseName
    concert: EtreeName | None


def voices_of_name(name: str) -> tuple[ReleaseName, EtreeName | None]:
    """What the folder's name says, in one convention or the other; clean."""
    concert = find_etree(name)
    if concert:
        return ReleaseName(title=clean(name) or UNTITLED, date=parse_date(concert.date)), concert
    said = parse_release_name(name)
    return (
        ReleaseName(
            title=clean(said.title),
            artist=clean(said.artist),
            date=parse_date(said.date),
            label=clean(said.label),
            catalogue_number=clean(said.catalogue_number),
        ),
        None,
    )


def title_of(voices: Voices) -> Statement:
    """The release's title; that of a concert is who, where and when, as far as it is known."""
    spoken = (
        (voices.manifest.title, "manifest"),
        (voices.cue.title, "cue"),
        (claims.most(voices.items, "album"), "tag"),
        (_concert_title(voices), "folder name"),
        (voices.folder.title, "folder name"),
    )
    said = [Statement(text=text, source=source) for text, source in spoken if not says_nothing(text)]
    # A folder may be called "Album": better a poor name than none.
    return said[0] if said else Statement(text=voices.folder.title or UNTITLED, source="folder name")


def _concert_title(voices: Voices) -> str:
    if voices.concert is None:
        return ""
    artist = next((one.name for one in artists_of(voices)), "")
    event = place_of(voices.info.head, artist)[0]
    return ", ".join(part for part in (artist, event, voices.folder.date) if part) if artist else ""


def contributors_of(voices: Voices) -> Iterator[Contributor]:
    """Who made the release: artists, those whom all tracks share, the taper."""
    yield from artists_of(voices)
    for role in SHARED_ROLES:
        if name := claims.most(voices.items, role):
            yield Contributor(name=name, role=role, source="tag")
    taper = voices.concert.taper if voices.concert else ""
    if voices.info.taper:
        yield Contributor(name=voices.info.taper, role="taper", source="info text")
    elif taper:
        yield Contributor(name=clean(taper), role="taper", source="folder name")


def artists_of(voices: Voices) -> tuple[Contributor, ...]:
    """The release's artists, from the first voice that names any."""
    by_tags = claims.most(voices.items, "albumartist", "artist") or _various(voices.items)
    head = voices.info.head[0] if voices.concert and len(voices.info.head) > 2 else ""
    spoken = (
        (voices.manifest.artists, "manifest"),
        ((voices.cue.performer,), "cue"),
        ((by_tags,), "tag"),
        ((voices.folder.artist,), "folder name"),
        (("" if parse_date(head) else head,), "info text"),
        ((_shelf_artist(voices),), "folder name"),
    )
    for names, source in spoken:
        if found := [VARIOUS if is_various(name) else name for name in names if not says_nothing(name)]:
            return tuple(Contributor(name=name, role="artist", source=source) for name in found)
    return ()


def known_names(voices: Voices) -> tuple[str, ...]:
    """Names of people and groups that something other than file names has said."""
    return (*voices.manifest.rights_holders, *(one.name for one in artists_of(voices)))


def _various(items: Sequence[Item]) -> str:
    """Three or more artists, on most tracks: a compilation."""
    artists = [found[0] for item in items if (found := claims.values(item, "artist"))]
    return VARIOUS if len({fold(name) for name in artists}) >= 3 and len(artists) * 2 > len(items) else ""


def _shelf_artist(voices: Voices) -> str:
    """The folder above, when there is one between the release and what was listed, it is not named like a shelf, and no
    tag names somebody else."""
    above = clean(voices.plan.parents[-1]) if len(voices.plan.parents) > 1 else ""
    others = any(fold(name) != fold(above) for item in voices.items for name in claims.values(item, "artist"))
    return "" if others or _SHELVES.fullmatch(above) else above


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


def artwork_order(files: Sequence[FoundFile]) -> tuple[str, ...]:
    """Pictures by logical path, the front cover first, then by name."""
    pictures = [file for file in files if file.planned.role is Role.ARTWORK]
    return tuple(file.path for file in sorted(pictures, key=_front_first))


def _front_first(file: FoundFile) -> tuple[object, ...]:
    *folders, name = file.planned.path.split("/")
    found = None if _NOT_FRONT.search(name) else _FRONT.search(name.rpartition(".")[0])
    rank = _FRONT_ORDER.index(found[1].casefold()) if found else len(_FRONT_ORDER)
    return rank, len(folders), natural_key(file.planned.path)
