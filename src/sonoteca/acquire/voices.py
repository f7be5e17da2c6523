"""Voices: everything that speaks about a release as a whole, side by side.

Takes  what was found of a folder.
Gives  `Voices`, which heading.py and artists.py ask one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sonoteca.acquire.conventions import EtreeName, ReleaseName, find_etree, parse_release_name
from sonoteca.acquire.dates import parse_date
from sonoteca.acquire.infotext import InfoText
from sonoteca.acquire.manifest import Manifest
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.sheets import CueHead
from sonoteca.acquire.titles import clean
from sonoteca.model.source import FolderPlan

UNTITLED = "[untitled]"  # as MusicBrainz writes it


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
