"""Attribution: who a track is by, and the line that whoever shares it can copy.

Takes  a release, a track, a licence.   Gives  names by role; one line with title, author, source and licence (what
       Creative Commons calls TASL); addresses of identifiers.
Never  joins what it cannot bound: every name is one line of a stated length.
"""

import re
from collections.abc import Iterable, Iterator

from sonoteca.convert import licence_terms
from sonoteca.convert.plain_text import one_line
from sonoteca.model.release import Contributor, Identifier, Release, Track

MAX_ARTISTS = 20
MAX_NAMES = 50
MAX_ROLE = 12
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/()-]*")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_USER = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)
_PLACES = {"doi": "https://doi.org/", "ia": "https://archive.org/details/"} | {
    f"musicbrainz-{what}": f"https://musicbrainz.org/{what}/"
    for what in ("recording", "track", "release", "release-group", "artist", "work")
}


def attribution_of(release: Release, track: Track, licence: str, archive_name: str) -> str:
    """Title, author, source, licence on one line (Creative Commons' TASL), each with a bounded length."""
    artists = ", ".join(one_line(name, 200) for name in artists_of(release, track)[:MAX_ARTISTS])
    atoms = licence_terms.atoms_of(one_line(licence))
    named = [f"{licence_terms.name_of(atom)} ({licence_terms.address_of(atom)})".removesuffix(" ()") for atom in atoms]
    parts = (
        f'"{one_line(track.title.text, 300)}"',
        f" by {artists}" if artists else "",
        f', from "{one_line(release.title.text, 300)}"' if release.title.text else "",
        f" ({one_line(release.date, 20)})" if release.date else "",
        f", {one_line(', '.join(release.rights_holders[:5]), 300)}" if release.rights_holders else "",
        f", via {one_line(archive_name, 200)}" if archive_name else "",
        f", {_under(licence, named)}",
    )
    return "".join(parts)


def _under(licence: str, named: list[str]) -> str:
    if not named:
        return "with permission"
    return f"licensed under {named[0] if len(named) == 1 else one_line(licence, 300) + ': ' + ', '.join(named)}"


# Who is named first; every other role follows in the alphabet's order.
_FIRST = ("artist", "composer", "lyricist", "arranger", "conductor", "performer")


def artists_of(release: Release, track: Track) -> tuple[str, ...]:
    """Who a track is by: its own artists, else the release's."""
    return _in_role(track.contributors, "artist") or _in_role(release.contributors, "artist")


def people_of(release: Release, track: Track) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(role, names): those of the track, and of the release for roles that the track does not name."""
    roles = {one_line(one.role, MAX_ROLE) for one in (*track.contributors, *release.contributors)} - {""}
    for role in sorted(roles, key=lambda one: (_FIRST.index(one) if one in _FIRST else len(_FIRST), one)):
        names = _in_role(track.contributors, role) or _in_role(release.contributors, role)
        yield role, tuple(one_line(name, 300) for name in names[:MAX_NAMES])


def _in_role(contributors: Iterable[Contributor], role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in contributors if one_line(one.role, MAX_ROLE) == role))


def find_address(identifier: Identifier) -> str:
    """Where an identifier leads, "" when nowhere or when it is not the plain word that such an identifier is."""
    place = _PLACES.get(identifier.scheme, "")
    return place + identifier.text if place and _HARMLESS.fullmatch(identifier.text) else ""


def public_source(source: str) -> str:
    """Where something was found, fit for a stranger: an address without the name of who opened it; of a path on
    somebody's machine its last part."""
    if _WEB.match(source):
        return _USER.sub(r"\1", source)
    return source.rstrip("/").rpartition("/")[2]
