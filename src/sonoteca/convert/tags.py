"""Tags: what our files say about themselves, under Picard's names for Vorbis comments.

Takes  a release and a track as the curator left them, and what the verdict says.
Gives  (NAME, text) pairs in the order in which they are written; the file itself adds ENCODERSETTINGS (its recipe) and
       the gain.
Never  takes over a tag of the source: those are claims, and the description is what became of them. No text is longer
       than MAX_CHARACTERS, no name has more than MAX_VALUES texts, none holds a control character (plain_text.py).

What identifies the recording and its licence comes before the long lists: a header has room for so much, and what does
not fit is left out from the end (comments.py).
"""

from collections.abc import Iterable, Iterator

from sonoteca.convert.attribution import artists_of, public_source
from sonoteca.convert.credits import Licensed
from sonoteca.convert.licence_terms import address_of, atoms_of
from sonoteca.convert.plain_text import one_line
from sonoteca.model.release import Contributor, Identifier, Release, Track

Pair = tuple[str, str]
MAX_CHARACTERS = 300
MAX_VALUES = 20
# A contributor's role → Picard's name; who is not here stands in the credits.
ROLES: dict[str, str] = {
    "composer": "COMPOSER",
    "lyricist": "LYRICIST",
    "arranger": "ARRANGER",
    "conductor": "CONDUCTOR",
    "performer": "PERFORMER",
    "remixer": "REMIXER",
    "producer": "PRODUCER",
    "engineer": "ENGINEER",
    "mixer": "MIXER",
}
# An identifier's scheme → Picard's name.
IDENTIFIERS: dict[str, str] = {
    "isrc": "ISRC",
    "upc": "BARCODE",
    "musicbrainz-recording": "MUSICBRAINZ_TRACKID",  # Picard's name for a recording
    "musicbrainz-track": "MUSICBRAINZ_RELEASETRACKID",
    "musicbrainz-release": "MUSICBRAINZ_ALBUMID",
    "musicbrainz-release-group": "MUSICBRAINZ_RELEASEGROUPID",
    "musicbrainz-artist": "MUSICBRAINZ_ARTISTID",
    "musicbrainz-work": "MUSICBRAINZ_WORKID",
}


def tags_of(release: Release, track: Track, licence: Licensed) -> tuple[Pair, ...]:
    """The tags of a file made of this track: every text clean and bounded, none empty, none twice."""
    pairs = (
        *_names(release, track),
        *_place(release, track),
        *_rights(release, licence),
        *_ids(release, track, licence),
        *_long_lists(release, track),
    )
    clean = dict.fromkeys((name, one_line(text, MAX_CHARACTERS)) for name, text in pairs)
    return tuple((name, text) for name, text in clean if text)


def _names(release: Release, track: Track) -> Iterator[Pair]:
    yield "TITLE", track.title.text
    yield from _each("ARTIST", artists_of(release, track))
    yield "ALBUM", release.title.text
    yield from _each("ALBUMARTIST", _in_role(release.contributors, "artist"))


def _place(release: Release, track: Track) -> Iterator[Pair]:
    disc = sorted(one.position for one in release.tracks if one.disc == track.disc)
    yield "TRACKNUMBER", str(_number(track, disc))
    yield "TRACKTOTAL", str(max(len(disc), 1))
    if track.disc > 0:
        yield "DISCNUMBER", str(track.disc)
        yield "DISCTOTAL", str(max(one.disc for one in (*release.tracks, track)))
    yield "DATE", release.date


def _number(track: Track, disc: list[int]) -> int:
    """As printed when that is a number; else which of the disc it is ("A1", no number, track 0)."""
    printed = track.number.strip()
    if printed.isascii() and printed.isdecimal() and 0 < int(printed[:6]) < 10_000:
        return int(printed[:6])
    return disc.index(track.position) + 1 if track.position in disc else max(track.position, 1)


def _rights(release: Release, licence: Licensed) -> Iterator[Pair]:
    atoms = atoms_of(licence.licence)
    # Several licences together mean what their expression says, and no address does.
    yield "LICENSE", (address_of(atoms[0]) if len(atoms) == 1 else "") or licence.licence
    yield from _each("COPYRIGHT", release.rights_holders)


def _ids(release: Release, track: Track, licence: Licensed) -> Iterator[Pair]:
    yield "SONOTECA_TRACK", track.id
    yield "SONOTECA_RELEASE", release.id
    masters = (one for one in release.masters if one.recording == track.recording and one.role == "primary")
    yield from (("SONOTECA_MASTER", f"sha256:{one.digest}") for one in masters)
    yield "SOURCE", public_source(licence.source)
    yield from _identifiers((*track.identifiers, *release.identifiers))


def _identifiers(identifiers: Iterable[Identifier]) -> Iterator[Pair]:
    for scheme, name in IDENTIFIERS.items():
        yield from _each(name, (one.text for one in identifiers if one.scheme == scheme))


def _long_lists(release: Release, track: Track) -> Iterator[Pair]:
    labels = (release.label, *_in_role(release.contributors, "label"))
    yield from _each("LABEL", (one for one in labels if one))
    yield "CATALOGNUMBER", release.catalogue_number
    yield "LANGUAGE", track.language or release.language
    yield from _each("GENRE", release.genres)
    for role, name in ROLES.items():
        # What is said of the track stands above what is said of the whole release.
        yield from _each(name, _in_role(track.contributors, role) or _in_role(release.contributors, role))


def _in_role(contributors: Iterable[Contributor], role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in contributors if one.role == role))


def _each(name: str, texts: Iterable[str]) -> Iterator[Pair]:
    yield from ((name, text) for text in tuple(dict.fromkeys(texts))[:MAX_VALUES])
