"""Identify: facts about bytes become a candidate release.

Takes  `Found`: the plan made from names, each kept file with its digest and the report of the limited process, cue
       sheets, the small texts beside the music.
Gives  `Identified`: a Release in which every statement says where it was found, and findings on what was not believed.
Never  opens anything, knows the time, or lets a tag decide alone: tags, names and manifests are claims, set side by
       side.
Order  files are paired into items (pairing), items get their places (ordering), cue sheets cut some of them (sheets),
       then tracks (tracks) and the heading (heading, artists, artwork) are stated from the strongest voice.
       docs/identity.md has the rules.

The same files always give the same release: no order of a set or a folder decides anything.
"""

from collections.abc import Sequence

from sonoteca.acquire import artists, claims, heading, ordering, pairing, sheets, tracks
from sonoteca.acquire.artwork import artwork_order
from sonoteca.acquire.filenames import called
from sonoteca.acquire.found import Found, FoundFile, Identified
from sonoteca.acquire.infotext import find_info
from sonoteca.acquire.manifest import find_manifest
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.sheets import Sheets
from sonoteca.acquire.voices import Voices, voices_of_name
from sonoteca.formats.naming import natural_key
from sonoteca.model.finding import Finding
from sonoteca.model.ids import recording_id, release_id
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.source import Role

__all__ = ["Found", "FoundFile", "Identified", "identify"]


def identify(found: Found) -> Identified:
    """The release that a folder is. Total: any report, name and text gives one; without recordings it has no tracks."""
    notes: list[Finding] = []
    items = pairing.pair(found.files, notes)
    notes += [one for item in items for one in claims.misplaced(item)]
    cued = sheets.read_sheets(found.cues, items, notes)
    manifest = find_manifest(found.texts)
    folder, concert = voices_of_name(found.plan.name)
    voices = Voices(
        plan=found.plan,
        items=items,
        manifest=manifest,
        cue=cued.head,
        info=find_info(found.texts),
        folder=folder,
        concert=concert,
    )
    release = _release(found, voices, _tracks(voices, cued, notes), notes)
    return Identified(release=release, findings=tuple(dict.fromkeys(notes)))


def _tracks(voices: Voices, cued: Sheets, notes: list[Finding]) -> tuple[Track, ...]:
    names = called((item.path for item in voices.items), artists.known_names(voices))
    placed = ordering.ordered(voices.items, ordering.Clues(called=names, in_cue=cued.order), notes)
    told = tracks.Told(
        cuts=cued.cuts,
        manifest=voices.manifest.files,
        titles=claims.titles(voices.items, notes),
        called=names,
        listed=tracks.listed(placed, voices.info.entries),
    )
    return tracks.tracks_of(placed, told, notes)


def _release(found: Found, voices: Voices, found_tracks: tuple[Track, ...], notes: list[Finding]) -> Release:
    manifest = voices.manifest
    date, date_source = heading.date_of(voices, notes)
    place, event = heading.place_and_event(voices)
    label, catalogue_number = heading.label_of(voices)
    masters = _masters(voices.items)
    return Release(
        id=found.release_id or release_id((master.digest for master in masters), found.source_key),
        title=heading.title_of(voices),
        contributors=tuple(dict.fromkeys(artists.contributors_of(voices))),
        date=date,
        date_source=date_source,
        place=place,
        event=event,
        label=label,
        catalogue_number=catalogue_number,
        identifiers=tuple(heading.identifiers_of(voices, notes)),
        genres=manifest.genres or claims.genres(voices.items) or tuple(filter(None, (voices.cue.genre,))),
        tags=manifest.tags,
        language=heading.language_of(manifest.language or claims.most(voices.items, "language")),
        description=manifest.description or voices.info.description,
        series=manifest.series,
        collection=found.collection,
        lineage=heading.lineage_of(voices),
        rights_holders=manifest.rights_holders,
        masters=masters,
        tracks=found_tracks,
        artwork=artwork_order(found.files),
        documents=_documents(found),
    )


def _masters(items: Sequence[Item]) -> tuple[Master, ...]:
    """Every recording's files, by logical path. The same bytes a second time are the same primary master again."""
    masters = [_master(item, file) for item in items for file in item.files]
    return tuple(sorted(masters, key=lambda master: master.path))


def _master(item: Item, file: FoundFile) -> Master:
    is_primary = file.digest == item.primary.digest
    return Master(
        path=file.path,
        original=file.planned.path,
        digest=file.digest,
        bytes=file.bytes,
        recording=recording_id(item.primary.digest),
        role=MasterRole.PRIMARY if is_primary else MasterRole.ALTERNATE,
        audio=file.audio or item.audio,
    )


def _documents(found: Found) -> tuple[str, ...]:
    documents = [file for file in found.files if file.planned.role is Role.DOCUMENT]
    return tuple(file.path for file in sorted(documents, key=lambda file: natural_key(file.planned.path)))
