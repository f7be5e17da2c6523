"""Artists: who made a release, as far as anything says so.

Takes  everything that speaks about the release (Voices).
Gives  contributors in their roles, each with where it was found.
Never  takes a shelf ("Jazz", "1973") for an artist, guests for a compilation, or a licence for a name.
"""

import re
from collections.abc import Iterator, Sequence

from sonoteca.acquire import claims
from sonoteca.acquire.dates import parse_date
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.titles import clean, dominant, fold, is_various, says_nothing
from sonoteca.acquire.voices import Voices
from sonoteca.model.release import Contributor

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
_GUESTS = re.compile(r"\s*[(\[]?\b(?:feat|ft|featuring)\b[.:]?\s.*", re.IGNORECASE)


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
    by_tags = claims.most(voices.items, "albumartist") or _artist_of_tracks(voices.items)
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


def _artist_of_tracks(items: Sequence[Item]) -> str:
    """The artist of most tracks, guests left aside; three or more on most tracks are a compilation."""
    artists = [_GUESTS.sub("", found[0]) for item in items if (found := claims.values(item, "artist"))]
    if main := dominant(artists, len(items)):
        return main
    return VARIOUS if len({fold(name) for name in artists}) >= 3 and len(artists) * 2 > len(items) else ""


def _shelf_artist(voices: Voices) -> str:
    """The folder above, when there is one between the release and what was listed, it is not named like a shelf, and no
    tag names somebody else."""
    above = clean(voices.plan.parents[-1]) if len(voices.plan.parents) > 1 else ""
    others = any(fold(name) != fold(above) for item in voices.items for name in claims.values(item, "artist"))
    return "" if others or (_SHELVES.fullmatch(above) and not is_various(above)) else above
