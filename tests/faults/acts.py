"""What people do to an archive (the acts), on a small shelf, through doors of which each can fail on purpose.

The shelf's files are no music: the workshop's double answers for the probe, and the studio's for the decoder (it writes
small files that follow from what was asked), so that a whole run takes milliseconds.
Everything else is real: the disk, SQLite, the rooms, the pipeline. Clock and salts stand still.
"""

import base64
import dataclasses
import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sonoteca.acquire.probe_reports import PICTURE, PROBE
from sonoteca.catalogue import read
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.convert.outlines import bins_of
from sonoteca.formats import plain
from sonoteca.formats.png import format_grey
from sonoteca.model.errors import Refused
from sonoteca.model.finding import finding
from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.model.media import AudioFacts, PictureFacts, ProbeReport
from sonoteca.model.rights import Layer
from sonoteca.model.sound import OUTLINE_HZ, Loss, Loudness, RenderAnswer, RenderedSpan, RenderOrder, Sound, Span
from sonoteca.model.view import Where
from sonoteca.pipeline import decide, grouping, intake, publish, work
from sonoteca.pipeline.albums import TASK as ALBUM
from sonoteca.pipeline.archive import SETTINGS, Archive, coordinator, create, with_doors
from sonoteca.pipeline.intake import Wish
from sonoteca.pipeline.rebuild import rebuild
from sonoteca.pipeline.render import TASK
from sonoteca.ports.database import Database
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.local_source import LocalSource
from sonoteca.ports.memory.clock import FixedClock, SeededEntropy
from sonoteca.ports.memory.workshop import MemoryWorkshop
from sonoteca.rights.records import Grant, Hold
from tests.faults.faulty import DISK_DEEDS, Plan, disk_place, faulty

NOW = "2026-01-02T03:04:05Z"
LATER_S = 40 * 86_400  # beyond quarantine_keep_days
MODIFIED_NS = 1_600_000_000_000_000_000
Shelf = Mapping[str, bytes]

# ── the shelf ────────────────────────────────────────────────────────────────────────────────────────────────────────

CC0 = b'{"license": "CC0-1.0"}'
SCORE = b"a score, refused"


def sound(name: str) -> bytes:
    """A file that the double takes for a recording; equal names are equal bytes."""
    return f"sound {name} ".encode() * 40


# A release with a rights statement.
AMBER: Shelf = {
    "Amber - 2001 - Dawn/01 One.flac": sound("one"),
    "Amber - 2001 - Dawn/02 Two.flac": sound("two"),
    "Amber - 2001 - Dawn/rights.json": CC0,
}
# One that shares a recording with it and says otherwise of its rights, so that each has a say in the other's verdicts;
# a picture, a text, and a file that is refused.
BIRCH: Shelf = {
    "Birch - 2002 - Noon/01 One.flac": sound("one"),
    "Birch - 2002 - Noon/02 Three.flac": sound("three"),
    "Birch - 2002 - Noon/cover.png": b"picture",
    "Birch - 2002 - Noon/info.txt": b"words",
    "Birch - 2002 - Noon/rights.json": b'{"license": "CC-BY-NC-ND-4.0"}',
    "Birch - 2002 - Noon/theme.mid": SCORE,
}
# One without a statement: it is held. One more of that kind. A folder that is refused whole.
CEDAR: Shelf = {"Cedar - 2003 - Dusk/01 Four.flac": sound("four")}
EMBER: Shelf = {"Ember - 2005 - Night/01 Five.flac": sound("five")}
SCORES: Shelf = {"Scores/theme.mid": SCORE}
# The same folders when they are visited again: renamed and replaced; the refused file and the text gone; the only
# recording gone; a recording where none was. And the first release's recordings once more, elsewhere.
AMBER_AGAIN: Shelf = {
    "Amber - 2001 - Dawn/01 Renamed.flac": sound("one"),
    "Amber - 2001 - Dawn/02 Two.flac": sound("two, better"),
    "Amber - 2001 - Dawn/rights.json": CC0,
}
FERN: Shelf = {
    "Fern - 2006 - Shade/01 Six.wav": sound("fern six"),
    "Fern - 2006 - Shade/rights.json": b'{"license": "CC-BY-4.0"}',
}
# The same with a picture that files carry: the smallest that is whole.
FERN_COVERED: Shelf = {**FERN, "Fern - 2006 - Shade/cover.png": format_grey([bytes(2)])}
BIRCH_AGAIN: Shelf = {path: content for path, content in BIRCH.items() if not path.endswith((".mid", ".txt"))}
EMBER_AGAIN: Shelf = {"Ember - 2005 - Night/theme.mid": SCORE}
SCORES_AGAIN: Shelf = {**SCORES, "Scores/01 Six.flac": sound("six")}
ZINC: Shelf = {"Zinc copies/1.flac": sound("one"), "Zinc copies/2.flac": sound("two")}


def lay_out(shelf: Shelf, folder: Path) -> None:
    """The files of a shelf, and no others, with the same times whenever it is called."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in shelf.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, ns=(MODIFIED_NS, MODIFIED_NS))


def probe(path: str, name: str) -> Any:
    """The double's word on a recording."""
    content = Path(path).read_bytes()
    if not content.startswith(b"sound"):
        return plain.to_plain(ProbeReport(audio=None, findings=(finding("F101", where=name),)))
    title = name.rpartition(".")[0].partition(" ")[2]
    container, codec = ("wav", "pcm_s16le") if name.endswith(".wav") else ("flac", "flac")
    facts = {"container": container, "codec": codec, "duration_s": 1.0, "samples": 44_100, "sample_rate_hz": 44_100}
    audio = AudioFacts(**facts, channels=2, bits=16, lossless=True, exact=True)  # type: ignore[arg-type]
    return plain.to_plain(ProbeReport(audio=audio, understood=(("title", (title,)),), decoded_s=1.0))


def say_album(folder: str, wanted: Any) -> list[str]:
    """In place of what puts the album's gain into files: these have no header, and are sealed again all the same."""
    return [name for name, _ in wanted]


def picture(path: str, name: str) -> Any:
    """The double's word on a picture."""
    seen = PictureFacts(mime="image/png", bytes=Path(path).stat().st_size, width=10, height=10, kind="front cover")
    return plain.to_plain(ProbeReport(audio=None, pictures=(seen,)))


def render(order: Any) -> Any:
    """The double's decoding: files that follow from the master's bytes and from what was wanted, tags and all."""
    asked = plain.from_plain(RenderOrder, order)
    content = Path(asked.path).read_bytes()
    for span in asked.spans:
        for one in span.wanted:
            carried = asked.picture if one.cover else ""
            written = f"{one.recipe} {one.name} {one.tags} {carried}".encode() + content
            Path(asked.folder, one.name).write_bytes(written)
    return plain.to_plain(RenderAnswer(spans=tuple(_rendered(asked, span) for span in asked.spans)))


def _rendered(order: RenderOrder, span: Span) -> RenderedSpan:
    heard = Sound(
        track=span.track,
        master=order.master,
        recipe="measured-1",
        start_sample=span.start_sample,
        end_sample=span.end_sample,
        samples=44_100,
        sample_rate_hz=44_100,
        channels=2,
        loudness=Loudness(integrated_lufs=-14.0, range_lu=3.0, true_peak_dbtp=-1.0, gating=((-140, 7),)),
        loss=Loss(),
        waveform="AAAAAAAAAAAAAAAAAAAAAAAAAAA=",  # a second of silence
        overview=base64.b64encode(bytes(2 * bins_of(44_100, 44_100, OUTLINE_HZ))).decode(),
    )
    if span.known:  # it is not measured again
        heard = dataclasses.replace(heard, loudness=span.known, waveform="", overview="")
    return RenderedSpan(sound=heard, names=tuple(one.name for one in span.wanted))


# ── doors that fail ──────────────────────────────────────────────────────────────────────────────────────────────────


def doer() -> str:
    """Who asked for the deed: the nearest function above that is no door's, "settle._keep"."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("sonoteca.") and not module.startswith("sonoteca.ports."):
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "test"


def disk_label(call: tuple[Any, ...]) -> str:
    """ "disk.replace:store deposit.publish_inventory"."""
    return f"disk:{disk_place(call)} {doer()}"


class FaultyConnection(sqlite3.Connection):
    """A connection whose commits are deeds: undone and told as a disk's failure, or done and told so all the same."""

    plan: Plan

    def commit(self) -> None:
        """A transaction lands, or not."""
        name = self.plan.name(f"database.commit {doer()}", can_be_halved=False)
        if not self.plan.is_struck_by(name) or self.plan.way == "after":
            super().commit()
        if not self.plan.is_struck_by(name):
            return
        if self.plan.how == "raise":
            self.plan.struck = True
            failed = sqlite3.OperationalError("planned")
            failed.sqlite_errorcode = self.plan.sqlite_code
            raise failed
        self.plan.strike(name)


class FaultyDatabase(Database):
    """The catalogue, its commits and its changes of files under a plan."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder, SCHEMA, opener=self._open)
        self.plan = Plan()

    def _open(self, *arguments: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*arguments, factory=type("Planned", (FaultyConnection,), {"plan": self.plan}), **named)

    def successor(self) -> Database:
        """A deed on the file that is to be."""
        return self._deed("successor", super().successor)

    def replace_with(self, successor: Database) -> None:
        """The deed by which the new catalogue takes the old one's place."""
        inner = super().replace_with
        self._deed("replace_with", lambda: inner(successor))

    def _deed(self, method: str, deed: Callable[[], Any]) -> Any:
        name = self.plan.name(f"database.{method} {doer()}", can_be_halved=False)
        with self.plan.doing():
            done = deed() if not self.plan.is_struck_by(name) or self.plan.way == "after" else None
        if self.plan.is_struck_by(name):
            self.plan.strike(name)
        return done


# One for each place, used again when the archive there is opened again: what it keeps is compiled statements, and
# compiling them for each of a thousand short lives would take longer than all else. Its connections end each time.
_DATABASES: dict[str, FaultyDatabase] = {}


@contextmanager
def opened(
    root: Path, plan: Plan, later_s: int = 0, *, real_workshop: bool = False, decode: Callable[[Any], Any] = render
) -> Iterator[Archive]:
    """The archive with its coordinator's lock, every door under the plan."""
    disk = faulty(LocalDisk(str(root)), DISK_DEEDS, plan, disk_label)
    clock = FixedClock(NOW)
    clock.move_on(later_s)
    database = _DATABASES.setdefault(str(root), FaultyDatabase(str(root)))
    database.plan = plan
    doors = with_doors(str(root), disk, clock, SeededEntropy("acts"))
    archive = replace(
        doors,
        workshop=doors.workshop if real_workshop else MemoryWorkshop({PROBE: probe, PICTURE: picture}),
        studio=doors.studio if real_workshop else MemoryWorkshop({TASK: decode, ALBUM: say_album}),
        database=database,
        source=faulty(LocalSource(), ["remove_original"], plan, lambda _: f"source:shelf {doer()}"),
    )
    try:
        with coordinator(archive):
            yield archive
    finally:
        archive.close()


# ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

Deed = Callable[[Archive, Path], None]


def no_progress(count: int, name: str) -> None:
    """Nobody looks."""


def add(archive: Archive, shelf: Path) -> None:
    """sonoteca add SHELF."""
    list(intake.enqueue(archive, Wish(paths=(str(shelf),), collection="c")))


def add_trusted(archive: Archive, shelf: Path) -> None:
    """sonoteca add SHELF --trust-manifest."""
    list(intake.enqueue(archive, Wish(paths=(str(shelf),), collection="c", trusts_manifest=True)))


def add_moving(archive: Archive, shelf: Path) -> None:
    """sonoteca add SHELF --move."""
    list(intake.enqueue(archive, Wish(paths=(str(shelf),), collection="c", moves=True)))


def run(archive: Archive, shelf: Path) -> None:
    """sonoteca run."""
    list(work.run(archive, 1, no_progress))


def publish_all(archive: Archive, shelf: Path) -> None:
    """The second half of sonoteca run. What goes wrong with one release is told at the end."""
    _publish(archive, refresh=False)


def run_and_publish(archive: Archive, shelf: Path) -> None:
    """All of sonoteca run."""
    run(archive, shelf)
    publish_all(archive, shelf)


def refresh(archive: Archive, shelf: Path) -> None:
    """sonoteca volumes refresh."""
    publish.mark_edited(archive)
    _publish(archive, refresh=True)


def _publish(archive: Archive, *, refresh: bool) -> None:
    list(publish.publish(archive, 1, lambda seconds, name: None, refresh=refresh))


def make_view(archive: Archive, shelf: Path) -> None:
    """sonoteca volumes make --where collection=c."""
    grouping.make(archive, Where(collection=("c",)), "access", "")


def track(name: str) -> str:
    """The id of the track that is all of sound(name)."""
    return track_id(recording_id(Digest(hashlib.sha256(sound(name)).hexdigest())))


def withdraw_track(archive: Archive, shelf: Path) -> None:
    """sonoteca withdraw TRACK --reason …"""
    targets = decide.find_targets(archive, decide.Choice(ids=(track("one"),)))
    list(decide.withdraw(archive, targets, "the holder asked"))


def withdraw(archive: Archive, shelf: Path) -> None:
    """sonoteca withdraw RELEASE… --reason …, every release."""
    targets = decide.find_targets(archive, decide.Choice(collection="c"))
    list(decide.withdraw(archive, targets, "a contract ended"))


def reinstate_track(archive: Archive, shelf: Path) -> None:
    """sonoteca reinstate TRACK, and nothing when it is there already."""
    targets = decide.find_targets(archive, decide.Choice(ids=(track("one"),)))
    with suppress(Refused):
        list(decide.reinstate(archive, targets))


def withdraw_first(archive: Archive, shelf: Path) -> None:
    """sonoteca withdraw RELEASE, the first of the archive."""
    targets = decide.find_targets(archive, decide.Choice(ids=tuple(releases(archive)[:1])))
    list(decide.withdraw(archive, targets, "the holder asked"))


def reinstate_first(archive: Archive, shelf: Path) -> None:
    """sonoteca reinstate RELEASE, and nothing when it is there already."""
    targets = decide.find_targets(archive, decide.Choice(ids=tuple(releases(archive)[:1])))
    with suppress(Refused):
        list(decide.reinstate(archive, targets))


def grant_less(archive: Archive, shelf: Path) -> None:
    """sonoteca rights grant TRACK --licence CC-BY-ND-4.0: what was made of it may not leave any more."""
    targets = decide.find_targets(archive, decide.Choice(ids=(track("one"),)))
    list(decide.grant(archive, targets, Grant(licence="CC-BY-ND-4.0", statement="only as it is", issuer="A. Holder")))


def releases(archive: Archive) -> list[str]:
    """Of the whole archive."""
    with archive.database.read() as tx:
        return [kept.release.id for kept in read.all_releases(tx)]


def grant(archive: Archive, shelf: Path) -> None:
    """sonoteca rights grant --collection c --licence CC-BY-4.0."""
    targets = decide.find_targets(archive, decide.Choice(collection="c"))
    list(decide.grant(archive, targets, Grant(licence="CC-BY-4.0", statement="asked and given", issuer="A. Holder")))


def hold(archive: Archive, shelf: Path) -> None:
    """sonoteca rights hold --collection c --reason …"""
    targets = decide.find_targets(archive, decide.Choice(collection="c"))
    list(decide.hold(archive, targets, Hold(reason="asked for time")))


def hold_artwork(archive: Archive, shelf: Path) -> None:
    """sonoteca rights hold --collection c --artwork --reason …"""
    targets = decide.find_targets(archive, decide.Choice(collection="c"))
    list(decide.hold(archive, targets, Hold(reason="the photographer asked", layer=Layer.ARTWORK)))


def edit(archive: Archive, shelf: Path) -> None:
    """sonoteca edit --set title=…"""
    list(decide.edit(archive, {release: {"title": "Another title"} for release in releases(archive)[:2]}))


def judge_again(archive: Archive, shelf: Path) -> None:
    """sonoteca rights audit."""
    decide.audit(archive)


def make_again(archive: Archive, shelf: Path) -> None:
    """sonoteca rebuild."""
    rebuild(archive, lambda count: None)


def new_archive(root: Path) -> None:
    """An empty one."""
    create(str(root), FixedClock(NOW))
    (root / SETTINGS).write_text('reserve_bytes = 0\nflavours = ["hybrid", "v1"]\n')
