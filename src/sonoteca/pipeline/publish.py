"""Publish: every release that waits is made ready and given its place in the volumes.

Takes  the archive, how many recordings to decode at once.   Gives  a Published for each release, as it is done.
Order  what a crash left is ended first. Recordings are decoded side by side in threads; each release is settled here,
       one after the other: files sealed → intent → a next version of its object → verdicts and rows; then, for many
       releases at once, volumes are issued; then they no longer wait. Each step may be run again.
Never  lets one release stop the rest: what goes wrong with one becomes its outcome, and it waits on; a full disk stops
       the run.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event

from sonoteca.catalogue import volumes as rows
from sonoteca.catalogue import write
from sonoteca.catalogue.write import Intent
from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.release import format_credits, format_sound
from sonoteca.model.errors import Conflict, Damaged, SonotecaError, Unreachable
from sonoteca.model.finding import Finding
from sonoteca.model.sound import Credit, Sound
from sonoteca.pipeline import events, facts
from sonoteca.pipeline.albums import with_album
from sonoteca.pipeline.alike import alike
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import describe, save
from sonoteca.pipeline.recover import end_rendering, recover
from sonoteca.pipeline.render import RENDERING_JOB, Rendered, Work, plan_work, render, staging_for
from sonoteca.pipeline.renewal import NOTHING, Ask, joined, mark
from sonoteca.pipeline.sameness import damages
from sonoteca.pipeline.sidecars import Sidecars, inline, sidecars_of
from sonoteca.pipeline.volumes import Issued, settle_volumes
from sonoteca.pipeline.work import blame
from sonoteca.ports.turns import is_awaited
from sonoteca.preserve.deposit import Deposit, deposit, load_object, read_file
from sonoteca.preserve.versions import Content

PAGE = 100
CLOSE_EVERY_S = 0.5
PATIENCE_S = 10  # for so long others wait for a release that is being decoded
ISSUE_EVERY = 200  # releases: volumes are issued in batches, each is assembled once a batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How a release came out: `word` is rendered, unchanged or failed; `seconds` of sound were decoded;
    `same` says which of it is here already in another form."""

    release: str
    word: str
    detail: str = ""
    seconds: float = 0.0
    made: int = 0
    cpu_s: tuple[tuple[str, float], ...] = ()
    same: tuple[Finding, ...] = ()


Ahead = tuple[str, Work | SonotecaError | None, list[Future[Rendered]]]


@dataclass(slots=True, kw_only=True)
class _Studio:
    """The threads of one run, and the releases that they are ahead with."""

    archive: Archive
    threads: ThreadPoolExecutor
    width: int
    refresh: bool
    ask: Ask
    progress: Callable[[float, str], None]
    stopping: Event = field(default_factory=Event)
    ahead: deque[Ahead] = field(default_factory=deque)

    @property
    def busy(self) -> int:
        """How many recordings are being decoded or wait for it."""
        return sum(not one.done() for _, _, futures in self.ahead for one in futures)


def publish(
    archive: Archive,
    jobs: int,
    progress: Callable[[float, str], None],
    *,
    refresh: bool = False,
    ask: Ask = NOTHING,
) -> Generator[Published | Issued, None, None]:
    """Works through the releases that wait; `refresh` writes their credits again from the description as it is now,
    `ask` is what is made again by its recipe."""
    recover(archive)
    mark(archive, ask)
    width = jobs or os.cpu_count() or 1
    ahead: deque[Ahead] = deque()
    try:
        with ThreadPoolExecutor(max_workers=width) as threads:
            studio = _Studio(
                archive=archive, threads=threads, width=width, refresh=refresh, ask=ask, progress=progress, ahead=ahead
            )
            try:
                yield from _rounds(studio)
            finally:
                _stop(studio)
    finally:
        # Nobody writes there any more; on a full disk this makes the room in which recovery can work.
        for release, _, _ in ahead:
            archive.disk.remove_tree(staging_for(release))


def _stop(studio: _Studio) -> None:
    """Nobody waits for a decode that is no longer wanted: the limited processes end now."""
    studio.stopping.set()
    busy = [future for _, _, futures in studio.ahead for future in futures if not future.cancel()]
    pause_s = 0.0
    while wait(busy, timeout=pause_s).not_done:
        # Again, for one that was just about to start.
        studio.archive.studio.close()
        pause_s = CLOSE_EVERY_S


def seconds_waiting(archive: Archive) -> float:
    """About how much sound is to be decoded."""
    with archive.database.read() as tx:
        return rows.seconds_waiting(tx)


def mark_edited(archive: Archive) -> None:
    """Every release that was edited since its credits were written waits again, if it is in a volume."""
    with archive.database.write() as tx:
        for release in rows.edited(tx):
            write.mark_changed(tx, release)


def _rounds(studio: _Studio) -> Iterator[Published | Issued]:
    waiting, ready = _waiting(studio.archive), list[str]()
    while True:
        _begin(studio, waiting)
        if not studio.ahead:
            break
        release, work, futures = studio.ahead[0]
        if not _waited(studio, futures):
            return  # what is ready is issued by the next run, which finds it done
        done = _end(studio, release, work, futures)
        studio.ahead.popleft()
        if done.word != "failed":
            ready.append(release)
        yield done
        if len(ready) >= ISSUE_EVERY:
            yield _issue(studio.archive, ready)
            ready = []
    if ready:
        yield _issue(studio.archive, ready)


def _waited(studio: _Studio, futures: list[Future[Rendered]]) -> bool:
    """Waits for all of them, before one may fail: they write where is wiped afterwards. False when somebody else has
    waited for the archive meanwhile, too long for the sake of one release."""
    asked_s = 0
    while wait(futures, timeout=1).not_done:
        asked_s = asked_s + 1 if is_awaited(studio.archive.disk) else 0
        if asked_s >= PATIENCE_S:
            return False
    return True


def _waiting(archive: Archive) -> Iterator[str]:
    after = ""
    while True:
        with archive.database.read() as tx:
            page = rows.waiting(tx, PAGE, after)
        if not page:
            return
        yield from page
        after = page[-1]


def _begin(studio: _Studio, waiting: Iterator[str]) -> None:
    """Plans ahead until every thread has something to decode."""
    while studio.busy <= studio.width and len(studio.ahead) <= PAGE:
        release = next(waiting, None)
        if release is None:
            return
        try:
            work = _planned(studio.archive, release, studio.ask.of(release))
            if work is None:
                studio.ahead.append((release, None, []))
                continue
        except SonotecaError as error:
            studio.ahead.append((release, error, []))
            continue
        futures = [studio.threads.submit(_render, studio, work, number) for number in range(len(work.orders))]
        studio.ahead.append((release, work, futures))


def _planned(archive: Archive, release: str, asked: frozenset[str]) -> Work | None:
    """What has to be made, None when nothing of the release may leave: then its object need not be read at all."""
    with archive.database.read() as tx:
        if rows.is_all_held(tx, release):
            return None
    known = facts.load_facts(archive.disk, release)
    with archive.database.read() as tx:
        work = plan_work(archive, tx, known, asked)
    if work is None:
        raise Damaged("no-rows", "the catalogue lost it", where=release, cure="sonoteca rebuild")
    return work


def _render(studio: _Studio, work: Work, number: int) -> Rendered:
    if studio.stopping.is_set():
        raise Conflict("stopped", "the run was stopped", where=work.release, cure="sonoteca run goes on")
    order = work.orders[number]
    folder = order.folder.rsplit("/", 1)[-1]
    came = render(studio.archive, order, f"{staging_for(work.release)}/{folder}")
    studio.progress(order.audio.duration_s, order.master)
    before = {one.track: one for one in work.facts.sounds}
    pairs = zip(order.spans, came.sounds, strict=True)
    return replace(came, sounds=tuple(joined(before.get(span.track), span, sound) for span, sound in pairs))


def _end(
    studio: _Studio, release: str, work: Work | SonotecaError | None, futures: list[Future[Rendered]]
) -> Published:
    """Settles what the threads made. What went wrong with one release is its own outcome; no room ends the run."""
    archive = studio.archive
    if work is None:
        return Published(release=release, word="unchanged")
    try:
        if isinstance(work, SonotecaError):
            raise work
        came = with_album(archive, work, [_result(one) for one in futures])
        done = _settle(archive, work, came, refresh=studio.refresh)
    except SonotecaError as error:
        if isinstance(error, Unreachable) and error.code in ("space", "disk-full"):
            raise
        # Its version may have landed all the same: its rows are made before another release has the intent.
        end_rendering(archive)
        done = Published(release=release, word="failed", detail=str(error))
    archive.disk.remove_tree(staging_for(release))
    return done


def _result(future: Future[Rendered]) -> Rendered:
    mistake = future.exception()
    if mistake is not None:
        raise blame(mistake)
    return future.result()


def _settle(archive: Archive, work: Work, came: list[Rendered], *, refresh: bool) -> Published:
    sounds = {one.track: one for one in work.facts.sounds}
    sounds |= {one.track: one for rendered in came for one in rendered.sounds}
    name, before = archive.settings.name, work.facts.credits
    refresh = refresh or _is_told_anew(load_object(archive.disk, work.release))
    sidecars = sidecars_of(name, work.standing, sounds, before, refresh=refresh)
    fresh = [content for rendered in came for content in rendered.contents]
    if not came and not sidecars.contents:
        return Published(release=work.release, word="unchanged")
    new = {content.path for content in fresh}
    made = [one for rendered in came for sound in rendered.sounds for one in sound.made if one.path in new]
    _deposit(archive, work, came, fresh, sidecars)
    return Published(
        release=work.release,
        word="rendered",
        detail=f"{len(made)} files made, {len(sidecars.contents) // 2} credits written",
        seconds=sum(order.audio.duration_s for order in work.orders),
        made=len(made),
        cpu_s=tuple(pair for rendered in came for pair in rendered.cpu_s),
        same=_same(archive, work, came),
    )


def _same(archive: Archive, work: Work, came: list[Rendered]) -> tuple[Finding, ...]:
    """What of the tracks that were decoded now is the same as something else; nothing is held for it. And that nothing
    was found, where the index is damaged."""
    titles = {one.id: one.title.text for one in work.standing.release.tracks}
    with archive.database.read() as tx:
        same = tuple(alike(tx, ((one.track, titles.get(one.track, "")) for some in came for one in some.sounds)))
    return (*same, *damages(archive)) if came else ()


def _is_told_anew(inventory: Inventory) -> bool:
    """Whether the source described the release otherwise after its credits were written: that is no edit, which waits
    for `volumes refresh`."""
    states = [inventory.state(number) for number in range(1, inventory.head_number + 1)]
    now = states[-1]
    written = next(
        (state for state in states if facts.CREDITS in now and state.get(facts.CREDITS) == now[facts.CREDITS]), now
    )
    return written.get("release.json") != now.get("release.json")


def _deposit(archive: Archive, work: Work, came: list[Rendered], fresh: list[Content], sidecars: Sidecars) -> None:
    """A next version of the object, then its rows; the intent says so before."""
    staging = staging_for(work.release)
    with archive.database.write() as tx:
        write.open_intent(tx, Intent(job=RENDERING_JOB, release=work.release, staging=staging))
    inventory = load_object(archive.disk, work.release)
    now = archive.clock.now()
    new, paths = [sound for rendered in came for sound in rendered.sounds], {one.path for one in fresh}
    log = read_file(archive.disk, inventory, "events.jsonl") + events.format_events(
        events.of_rendering(new, paths, now)
    )
    state = {path: Content(path=path, digest=digest, bytes=0) for path, digest in inventory.state().items()}
    added = [*fresh, *(_sound_file(one) for one in new), *sidecars.contents, *_index(sidecars.credits)]
    state |= {one.path: one for one in [*added, inline("events.jsonl", log)]}
    deposit(
        Deposit(
            object_id=work.release,
            state=tuple(state.values()),
            message="rendered",
            made_at=now,
            staging=f"{staging}/object",
        ),
        archive.disk,
    )
    # The version is whole in the store; recovery would describe it from the object, as is done here.
    described = describe(archive, work.release)
    with archive.database.write() as tx:
        save(archive, tx, described)
        write.close_intent(tx, RENDERING_JOB)


def _sound_file(sound: Sound) -> Content:
    return inline(f"sound/{sound.track}.json", format_sound(sound))


def _index(credits: tuple[Credit, ...]) -> list[Content]:
    return [inline(facts.CREDITS, format_credits(credits))] if credits else []


def _issue(archive: Archive, releases: list[str]) -> Issued:
    issued = settle_volumes(archive, releases)
    if not issued.troubles:
        with archive.database.write() as tx:
            rows.looked_at(tx, releases)
    return issued
