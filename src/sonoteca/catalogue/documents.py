"""Documents: what of a release can be found by searching.

Takes  the rows of a release, or the release and the licence classes of its tracks.
Gives  one document for the release and one for each track, for the search port.
Never  decides what may be shown: hits are looked up in the rows, where `withdrawn` stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sonoteca.catalogue.entries import CHANNEL_BITS, Rows
from sonoteca.model.release import Contributor, Identifier, Release, Track
from sonoteca.model.rights import Channel, Decision
from sonoteca.model.search import Document, DocumentKind

MAX_DESCRIPTION = 2_000
PUBLIC_CHANNELS = frozenset({Channel.STREAM, Channel.DOWNLOAD, Channel.SWARM})
PUBLIC = sum(CHANNEL_BITS[one] for one in PUBLIC_CHANNELS)
Classes = Mapping[str, frozenset[str]]


def documents_of(rows: Rows) -> tuple[Document, ...]:
    """The documents that follow from a release's rows."""
    classes = {str(row["seq"]): str(row["licence_class"]) for row in rows.reasons}
    of_track: dict[str, set[str]] = {}
    for row in rows.verdicts:
        of_track.setdefault(str(row["track"]), set()).add(classes[str(row["reason"])])
    publishing = {row["seq"] for row in rows.reasons if row["decision"] == Decision.PUBLISH.value}
    opened = frozenset(
        str(row["track"]) for row in rows.verdicts if row["reason"] in publishing and int(str(row["channels"])) & PUBLIC
    )
    return documents(rows.described, {track: frozenset(found - {""}) for track, found in of_track.items()}, opened)


def documents(release: Release, classes: Classes, opened: frozenset[str]) -> tuple[Document, ...]:
    """The release first, then its tracks in order. `classes`: the licence classes of each track; `opened`: the tracks
    of which something may leave."""
    codecs: dict[str, str] = {
        master.recording: master.audio.codec for master in sorted(release.masters, key=lambda one: one.role)
    }
    above = replace(_of_release(release, classes), is_held=not opened)
    tracks = (_of_track(release, track, classes, codecs) for track in release.tracks)
    return (above, *(replace(one, is_held=one.id not in opened) for one in tracks))


def _of_release(release: Release, classes: Classes) -> Document:
    return Document(
        kind=DocumentKind.RELEASE,
        id=release.id,
        release=release.id,
        title=release.title.text,
        names=_names(release.contributors),
        words=_joined([*_around(release), release.description[:MAX_DESCRIPTION], *_texts(release.identifiers)]),
        collection=release.collection,
        licence_classes=tuple(sorted(frozenset[str]().union(*classes.values()))),
        codecs=tuple(sorted({master.audio.codec for master in release.masters})),
        decades=_decades(release.date),
    )


def _of_track(release: Release, track: Track, classes: Classes, codecs: Mapping[str, str]) -> Document:
    codec = codecs.get(track.recording, "")
    return Document(
        kind=DocumentKind.TRACK,
        id=track.id,
        release=release.id,
        title=track.title.text,
        names=_names([*track.contributors, *release.contributors]),
        words=_joined([release.title.text, *_around(release), *_texts(track.identifiers)]),
        collection=release.collection,
        licence_classes=tuple(sorted(classes.get(track.id, frozenset()))),
        codecs=(codec,) if codec else (),
        decades=_decades(release.date),
    )


def _around(release: Release) -> list[str]:
    named = [release.date, release.label, release.catalogue_number, release.place, release.event, release.series]
    return [*named, *release.genres, *release.tags, release.collection]


def _names(contributors: Iterable[Contributor]) -> str:
    return _joined([one.name for one in contributors])


def _texts(identifiers: Iterable[Identifier]) -> list[str]:
    return [one.text for one in identifiers]


def _joined(texts: list[str]) -> str:
    return "\n".join(text for text in dict.fromkeys(texts) if text)


def _decades(date: str) -> tuple[int, ...]:
    year = date[:4]
    return (int(year) // 10 * 10,) if len(year) == 4 and year.isascii() and year.isdigit() else ()
