"""Sidecars: the credits that travel with every published file, and when they have to be written again.

Takes  a release's standing, the sounds of its tracks, the credits that its object has.
Gives  the credits that its object should have, and the bytes of those that are new.
Never  writes a credit again because a title was edited, unless it is asked to (`volumes refresh`): that would issue
       every volume anew with each edit. Never tells the path of a folder on somebody's machine.

A credit is about a track; the one of a master that is several tracks says what each of them says.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from sqlalchemy import Connection

from sonoteca.catalogue.volumes import edited
from sonoteca.convert.credits import Credited, Licensed, credits_of, licensed_of
from sonoteca.formats import json, pieces, plain
from sonoteca.formats.naming import portable
from sonoteca.formats.pieces import FileMeter
from sonoteca.holdings import PUBLIC, Standing, name_of, standing
from sonoteca.model.ids import TrackId, track_id
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.rights import Decision, Rendition
from sonoteca.model.sound import Credit, Sound, Tier
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.facts import load_facts
from sonoteca.preserve.versions import Content

LOCAL = "file:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecars:
    """Every credit that the object should have; `contents` are those that it lacks, with their hash layers."""

    credits: tuple[Credit, ...]
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What a credit is made from: the tracks it speaks of, each with its licence and files."""

    track: TrackId
    parts: tuple[tuple[Track, Licensed, tuple[Credited, ...]], ...]

    @property
    def rights(self) -> str:
        """Changes when a licence, its evidence or a file does; not when a title does."""
        said = [
            [track.id, plain.to_plain(licence), [[one.tier.value, one.digest, one.recipe] for one in files]]
            for track, licence, files in self.parts
        ]
        return hashlib.sha256(json.format(said)).hexdigest()[:16]


def licensed(found: Standing, track: str) -> Licensed:
    """What lets a track out: the licence and the evidence that its verdict rests on."""
    judged = (found.verdict(track, rendition, channel) for rendition in Rendition for channel in PUBLIC)
    verdict = next((one for one in judged if one is not None and one.decision is Decision.PUBLISH), None)
    if verdict is None:
        return Licensed(licence="")
    evidence = (replace(one, captured_from=_public(one.captured_from)) for one in found.evidence)
    return licensed_of(verdict, evidence, _public(found.source))


def _public(address: str) -> str:
    """Where something came from, as far as strangers should know: of a folder only its name, as people write it."""
    if address.startswith(LOCAL):
        return unquote(address.rstrip("/").rpartition("/")[2])
    return address if "://" in address else address.rstrip("/").rpartition("/")[2]


def sidecars_of(
    archive_name: str, found: Standing, sounds: Mapping[TrackId, Sound], before: Iterable[Credit], *, refresh: bool
) -> Sidecars:
    """The credits of everything in a release that may be public."""
    known = {one.track: one for one in before}
    credits, contents = list[Credit](), list[Content]()
    for text in _texts(found, sounds):
        credit = known.get(text.track)
        if credit is None or credit.rights != text.rights or refresh:
            made, some = _written(archive_name, found, text)
            contents += some if credit is None or made.digest != credit.digest else []
            credit = made
        credits.append(credit)
    return Sidecars(credits=tuple(credits), contents=tuple(contents))


def stale(archive: Archive, tx: Connection) -> tuple[str, ...]:
    """The releases in volumes whose credits tell of them as they were before an edit."""
    return tuple(release for release in edited(tx) if _is_stale(archive, tx, release))


def _is_stale(archive: Archive, tx: Connection, release: str) -> bool:
    found, facts = standing(tx, release), load_facts(archive.disk, release)
    if found is None:
        return False
    sounds = {sound.track: sound for sound in facts.sounds}
    return bool(sidecars_of(archive.settings.name, found, sounds, facts.credits, refresh=True).contents)


def _written(archive_name: str, found: Standing, text: _Text) -> tuple[Credit, tuple[Content, Content]]:
    parts = (credits_of(found.release, track, licence, archive_name, files) for track, licence, files in text.parts)
    content = b"\n".join(parts)
    meter = FileMeter()
    meter.update(memoryview(content))
    copied = meter.finish()
    path = f"credits/{text.track}.txt"
    credit = Credit(track=text.track, path=path, digest=copied.digest, bytes=copied.bytes, rights=text.rights)
    if copied.layers is None:
        raise ValueError("a meter with layers gives them")
    file = Content(path=path, digest=copied.digest, bytes=copied.bytes, content=content)
    return credit, (file, inline(f"pieces/{copied.digest}.pieces", pieces.format(copied.layers)))


def inline(path: str, content: bytes) -> Content:
    """A small file of an object, in memory."""
    meter = FileMeter(layers=False)
    meter.update(memoryview(content))
    return Content(path=path, digest=meter.finish().digest, bytes=len(content), content=content)


def _texts(found: Standing, sounds: Mapping[TrackId, Sound]) -> Iterator[_Text]:
    originals: dict[str, Master] = {}
    for master in sorted(found.release.masters, key=lambda one: one.path, reverse=True):
        if master.role is MasterRole.PRIMARY:
            originals[master.recording] = master
    tracks = {one.id: one for one in reversed(found.release.tracks) if _is_public(found, one.id)}
    for track in sorted(tracks.values(), key=lambda one: (one.position, one.id)):
        files = (*_received(found.release, originals[track.recording]), *_made(found, sounds, track))
        yield _Text(track=track.id, parts=((track, licensed(found, track.id), files),))
    for recording, master in sorted(originals.items()):
        spans = [one for one in found.release.tracks if one.recording == recording]
        whole = track_id(master.recording)
        if whole not in tracks and spans and all(one.id in tracks for one in spans):
            received = _received(found.release, master)
            parts = ((one, licensed(found, one.id), received) for one in spans)
            yield _Text(track=whole, parts=tuple(parts))


def _is_public(found: Standing, track: str) -> bool:
    return any(found.may(track, rendition, PUBLIC) for rendition in Rendition)


def _received(release: Release, primary: Master) -> tuple[Credited, ...]:
    """The recording as received: its primary master, then every alternate, which travels with the same credits."""
    others = sorted((one for one in release.masters if one.recording == primary.recording), key=lambda one: one.path)
    found: dict[str, Master] = {}
    for one in (primary, *others):
        found.setdefault(one.digest, one)  # the same bytes under two names are said once
    return tuple(_original(one) for one in found.values())


def _original(master: Master) -> Credited:
    name = master.path.removeprefix("masters/")
    return Credited(name=name, tier=Tier.ORIGINAL, digest=master.digest, bytes=master.bytes)


def _made(found: Standing, sounds: Mapping[TrackId, Sound], track: Track) -> Iterator[Credited]:
    sound = sounds.get(track.id)
    for made in sound.made if sound else ():
        name = portable(name_of(found.release, track, made.tier))
        said = {"recipe": made.recipe, "cover": made.cover}
        yield Credited(name=name, tier=made.tier, digest=made.digest, bytes=made.bytes, **said)
