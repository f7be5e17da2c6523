"""Edits: the curator's words over a release as it was found.

Takes  a release, and edits: field names to texts (as cells of a sheet or words of a command hold them).
Gives  the release as the curator wants it; every statement changed says "curator". The object stays as it is.
Never  changes what identity or rights rest on: ids, masters, spans, collection, source.

Field names: those of RELEASE_FIELDS, and "tracks/<track id>/<field>" with TRACK_FIELDS; the second time the same track
stands in a release it is "tracks/<track id>#2/<field>". A list (artists, genres …) is one text, its parts separated by
";", with "\\;" for a semicolon and "\\\\" for a backslash within a part. Edits to tracks that a later version of the
release no longer has are kept in the records and change nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from sonoteca.model.release import Contributor, Identifier, Release, Statement, Track

CURATOR = "curator"
MAX_NUMBER = 9_999
MAX_TEXT = 100_000
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)  # RFC 5646, its form
UNFIT = re.compile("[\ud800-\udfff\x00]")
TRACK_KEY = re.compile(r"tracks/(trk_[a-z2-7]{32})(?:#([1-9]\d{0,3}))?/([a-z]+)", re.ASCII)

Noun = TypeVar("Noun", Release, Track)


@dataclass(frozen=True, slots=True)
class Field(Generic[Noun]):
    """How a field reads as text, and the noun with another text in it (ValueError if that cannot be)."""

    text: Callable[[Noun], str]
    changed: Callable[[Noun, str], Noun]


def join_list(parts: Iterable[str]) -> str:
    """Several texts as one."""
    return "; ".join(part.replace("\\", "\\\\").replace(";", "\\;") for part in parts)


def split_list(text: str) -> tuple[str, ...]:
    """The texts in one; spaces around parts and empty parts are dropped."""
    parts, is_escaped = [""], False
    for character in text:
        if is_escaped or character not in "\\;":
            parts[-1] += character
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        else:
            parts.append("")
    return tuple(part.strip() for part in parts if part.strip())


def apply_edits(release: Release, edits: Mapping[str, str]) -> Release:
    """The release with the curator's words. ValueError for a field that does not exist or a text that it cannot hold;
    edits to tracks that are not in this version are passed over."""
    tracks = {track.position: track for track in release.tracks}
    places = dict(_track_names(release))
    for name, text in edits.items():
        _verify_text(name, text)
        if name in RELEASE_FIELDS:
            release = RELEASE_FIELDS[name].changed(release, text)
            continue
        place, field = _parse_track_name(name)
        if place in places:
            track = tracks[places[place]]
            tracks[track.position] = field.changed(track, text)
    return replace(release, tracks=tuple(tracks[track.position] for track in release.tracks))


def find_text(release: Release, name: str) -> str | None:
    """What a field says now; None when this release has no such field or track."""
    if name in RELEASE_FIELDS:
        return RELEASE_FIELDS[name].text(release)
    try:
        place, field = _parse_track_name(name)
    except ValueError:
        return None
    places = dict(_track_names(release))
    return next((field.text(track) for track in release.tracks if track.position == places.get(place)), None)


def track_names(release: Release) -> dict[int, str]:
    """By position: what the names of a track's fields begin with, "tracks/<track id>"."""
    return {position: name for name, position in _track_names(release)}


def _track_names(release: Release) -> Iterator[tuple[str, int]]:
    seen: dict[str, int] = {}
    for track in sorted(release.tracks, key=lambda one: one.position):
        seen[track.id] = seen.get(track.id, 0) + 1
        yield f"tracks/{track.id}" + (f"#{seen[track.id]}" if seen[track.id] > 1 else ""), track.position


def _parse_track_name(name: str) -> tuple[str, Field[Track]]:
    if not TRACK_KEY.fullmatch(name) or name.rpartition("/")[2] not in TRACK_FIELDS:
        raise ValueError(f"there is no field {name[:120]!r}")
    place, _, field = name.rpartition("/")
    return place, TRACK_FIELDS[field]


def _verify_text(name: str, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ValueError(f"{name} has {len(text)} characters, at most {MAX_TEXT}")
    if UNFIT.search(text):
        raise ValueError(f"{name} holds characters that are no text")


# ── how each kind of field reads and changes ─────────────────────────────────────────────────────────────────────────


def _with(noun: Noun, name: str, value: Any) -> Noun:
    return replace(noun, **{name: value})


def _plain(name: str) -> Field[Release]:
    return Field(lambda one: str(getattr(one, name)), lambda one, text: _with(one, name, text))


def _plain_of_track(name: str) -> Field[Track]:
    return Field(lambda one: str(getattr(one, name)), lambda one, text: _with(one, name, text))


def _list(name: str) -> Field[Release]:
    return Field(lambda one: join_list(getattr(one, name)), lambda one, text: _with(one, name, split_list(text)))


def _titled(noun: Noun, text: str) -> Noun:
    return _with(noun, "title", Statement(text=text, source=CURATOR))


def _credited(noun: Noun, text: str) -> Noun:
    return _with(noun, "contributors", _artists(noun.contributors, text))


def _spoken(noun: Noun, text: str) -> Noun:
    return _with(noun, "language", _formed(text.strip(), LANGUAGE, "language tag (RFC 5646: de, pt-BR)"))


def _artist_of(noun: Release | Track) -> str:
    return join_list(one.name for one in noun.contributors if one.role == "artist")


def _artists(before: tuple[Contributor, ...], text: str) -> tuple[Contributor, ...]:
    named = (Contributor(name=name, role="artist", source=CURATOR) for name in split_list(text))
    return (*named, *(one for one in before if one.role != "artist"))


def _formed(text: str, form: re.Pattern[str], what: str) -> str:
    if text and not form.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no {what}")
    return text


def _date(release: Release, text: str) -> Release:
    date = _formed(text.strip(), DATE, "date (1999, 1999-05 or 1999-05-04)")
    return replace(release, date=date, date_source=CURATOR)


def _disc(track: Track, text: str) -> Track:
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and int(text[:6]) <= MAX_NUMBER and len(text) < 6):
        raise ValueError(f"{text[:80]!r} is no number of a disc")
    return replace(track, disc=int(text or 0))


def _isrc(track: Track, text: str) -> Track:
    # What is hyphens and nothing else stays as given, so that it is refused: it is no ISRC and no absence of one.
    codes = [code.replace("-", "").replace(" ", "").upper() or code for code in split_list(text)]
    given = (Identifier(scheme="isrc", text=_formed(code, ISRC, "ISRC"), source=CURATOR) for code in codes)
    others = (one for one in track.identifiers if one.scheme != "isrc")
    return replace(track, identifiers=(*others, *given))


RELEASE_FIELDS: dict[str, Field[Release]] = {
    "title": Field(lambda one: one.title.text, _titled),
    "artist": Field(_artist_of, _credited),
    "date": Field(lambda one: one.date, _date),
    "place": _plain("place"),
    "event": _plain("event"),
    "label": _plain("label"),
    "catalogue_number": _plain("catalogue_number"),
    "genres": _list("genres"),
    "tags": _list("tags"),
    "language": Field(lambda one: one.language, _spoken),
    "series": _plain("series"),
    "lineage": _plain("lineage"),
    "rights_holders": _list("rights_holders"),
    "description": _plain("description"),
}
TRACK_FIELDS: dict[str, Field[Track]] = {
    "title": Field(lambda one: one.title.text, _titled),
    "artist": Field(_artist_of, _credited),
    "disc": Field(lambda one: str(one.disc or ""), _disc),
    "side": _plain_of_track("side"),
    "number": _plain_of_track("number"),
    "isrc": Field(lambda one: join_list(i.text for i in one.identifiers if i.scheme == "isrc"), _isrc),
    "language": Field(lambda one: one.language, _spoken),
}
