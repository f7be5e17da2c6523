"""Permits: whether a file may leave now, asked before its first byte and again while it is being sent.

Takes  a question (Key) from outside: a digest, a track, a release; the site's catalogue.
Gives  an Answer: the public files that are meant, or the status that says why there are none (410 withdrawn, 404).
Never  decides itself: `holdings.public_files` does. Never answers from memory once the catalogue has changed.

Asking costs tens of milliseconds, being asked comes with every few hundred kilobytes of every listener. So answers are
kept while nobody has committed anything (ports/watch.py: microseconds), and what a release lets out while the rows that
it follows from are the same. Look-ups run in threads; everything else here belongs to the event loop.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal

from sqlalchemy import Connection

from sonoteca.catalogue import read, views, volumes, whereabouts
from sonoteca.holdings import PublicFile, public_files, standing
from sonoteca.holdings.offers import Offers
from sonoteca.model.ids import Digest, TrackId
from sonoteca.model.rights import Channel
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Slot
from sonoteca.ports.watch import Watch
from sonoteca.web.asked import Asked
from sonoteca.web.kept import Kept
from sonoteca.web.site import Site

KEPT_FILES = 50_000  # about 30 MB
KEPT_ANSWERS = 10_000
Subject = Literal["file", "download", "stream", "low", "track", "release", "seed"]


@dataclass(frozen=True, slots=True)
class Key:
    """What is asked for: a "file" to hear or take or a "download" by digest, the listening copy of a track ("stream"),
    its small one where there is one ("low"),
    anything of a "track" that may be heard, everything of a "release" that may be taken, what stands in a torrent under
    "<torrent>/<path>" ("seed")."""

    subject: Subject
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`files` is () unless `status` is 200."""

    status: int
    files: tuple[PublicFile, ...] = ()


class Permits:
    """Answers for one site, kept while they are true."""

    def __init__(self, site: Site, changed: Callable[[], None]) -> None:
        """`changed` is called when somebody has committed something."""
        self._site = site
        self._changed = changed
        self._watch = Watch(site.database.path)
        self._version = 0
        self._answers: Kept[Key, Answer] = Kept(KEPT_ANSWERS)
        self._files: Kept[str, tuple[bytes, tuple[PublicFile, ...]]] = Kept(KEPT_FILES)
        self._asked = Asked(site.disk, site.settings.word)

    def version(self) -> int:
        """Another number after every commit."""
        found = self._watch.version()
        if found != self._version:
            self._answers.clear()
            self._changed()
            self._version = found
        return found

    def close(self) -> None:
        """Lets go of the catalogue."""
        self._watch.close()

    async def ask(self, key: Key) -> Answer:
        """The answer as of now."""
        version = self.version()
        found = self._answers.find(key)
        if found is None:
            found = await self._site.in_thread(lambda: self._look(key))
            # What was committed after the version was read has another version: this answer is then asked for again.
            if version == self.version():
                self._answers.put(key, found)
        return found

    def _look(self, key: Key) -> Answer:
        with self._site.database.read() as tx:
            return QUESTIONS[key.subject](Seen(tx, self._files, self._asked), key.name)


# ── in a thread ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot, and what releases let out when they were last looked at."""

    tx: Connection
    kept: Kept[str, tuple[bytes, tuple[PublicFile, ...]]]
    asked: Asked

    def find_asked(self, name: str, path: str) -> Slot | None:
        """The place in what a visitor asked for a moment ago. Nobody has looked at that yet: it holds only while its
        release offers just this, digest and size and all."""
        slot = self.asked.find_slot(name, path)
        return slot if slot is not None and Offers(self.tx).has(slot) else None

    def files_of(self, release: str) -> tuple[PublicFile, ...]:
        """What may leave of a release."""
        state = whereabouts.state_of(self.tx, release)
        found = self.kept.find(release)
        if found is None or found[0] != state:
            found = (state, self._files(release))
            self.kept.put(release, found, weight=1 + len(found[1]))
        return found[1]

    def _files(self, release: str) -> tuple[PublicFile, ...]:
        kept, found = read.release(self.tx, release), standing(self.tx, release)
        return () if kept is None or kept.withdrawn or found is None else public_files(found)


def _file(seen: Seen, digest: str, channels: frozenset[Channel]) -> Answer:
    here = whereabouts.releases_with_file(seen.tx, Digest(digest))
    for release in here:
        for one in seen.files_of(release):
            if one.digest == digest and one.channels & channels:
                return Answer(HTTPStatus.OK, (one,))
    return _absent(any(whereabouts.is_withdrawn_file(seen.tx, release, digest) for release in here))


def _track(seen: Seen, track: str, tiers: frozenset[str]) -> Answer:
    here = whereabouts.releases_with_track(seen.tx, TrackId(track))
    for release in here:
        files = [one for one in seen.files_of(release) if one.track == track and Channel.STREAM in one.channels]
        if found := tuple(one for one in files if one.tier in tiers):
            return Answer(HTTPStatus.OK, found)
    return _absent(any(whereabouts.is_withdrawn_track(seen.tx, release, track) for release in here))


def _low(seen: Seen, track: str) -> Answer:
    found = _track(seen, track, LOW)
    return found if found.files else _track(seen, track, LISTENING)


def _release(seen: Seen, release: str) -> Answer:
    files = tuple(one for one in seen.files_of(release) if Channel.DOWNLOAD in one.channels)
    if files:
        return Answer(HTTPStatus.OK, files)
    kept = read.release(seen.tx, release)
    return _absent(kept is not None and kept.withdrawn)


def _seed(seen: Seen, place: str) -> Answer:
    """A torrent may hold a file that its release has replaced since: it leaves while what is there now under the same
    logical path may."""
    name, _, path = place.partition("/")
    slot = volumes.find_slot(seen.tx, name, path) or views.find_slot(seen.tx, name, path) or seen.find_asked(name, path)
    if slot is None or not slot.present:
        return _absent(slot is not None)
    mine = [one for one in seen.files_of(slot.release) if Channel.SWARM in one.channels]
    found = next((one for one in mine if slot.digest == one.digest or (one.stands_in and slot.file == one.path)), None)
    if found is None:
        return _absent(True)
    return Answer(HTTPStatus.OK, (replace(found, digest=slot.digest, bytes=slot.bytes),))


def _absent(withdrawn: bool) -> Answer:
    return Answer(HTTPStatus.GONE if withdrawn else HTTPStatus.NOT_FOUND)


HEARD = frozenset({Channel.STREAM, Channel.DOWNLOAD})
TAKEN = frozenset({Channel.DOWNLOAD})
LISTENING = frozenset({Tier.ACCESS.value})
LOW = frozenset({Tier.LOW.value})
ANY = frozenset(tier.value for tier in Tier)
QUESTIONS: dict[Subject, Callable[[Seen, str], Answer]] = {
    "file": lambda seen, name: _file(seen, name, HEARD),
    "download": lambda seen, name: _file(seen, name, TAKEN),
    "stream": lambda seen, name: _track(seen, name, LISTENING),
    "low": _low,
    "track": lambda seen, name: _track(seen, name, ANY),
    "release": _release,
    "seed": _seed,
}
