"""Settle: what was taken becomes an object of the store and rows of the catalogue, in the order of deeds.

Takes  what acquire staged for one job.   Gives  the outcome of the job, in a word and a sentence.
Order  refused files aside → intent → deposit → verdict record → its ledger entry → one transaction (rows, job done,
       intent closed) → quarantine emptied. The website reads the rows, so the ledger comes before them. What the
       verdicts of other releases owe the ledger, the caller settles. Each step may be run again; recover.py ends what a
       crash cut short.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.acquire.take import StagedFile, Taken
from sonoteca.catalogue import queue, write
from sonoteca.catalogue.queue import Job
from sonoteca.catalogue.write import Intent
from sonoteca.formats import pieces
from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.release import (
    Measured,
    format_credits,
    format_measured,
    format_release,
    format_source,
    parse_credits,
    parse_sound,
)
from sonoteca.model.errors import Refused
from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.model.lifecycle import JobState
from sonoteca.model.release import Release
from sonoteca.pipeline import events
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import announce, describe, save
from sonoteca.pipeline.facts import CREDITS
from sonoteca.pipeline.move import close
from sonoteca.pipeline.refusal import set_aside
from sonoteca.pipeline.sidecars import inline
from sonoteca.preserve.deposit import Deposit, deposit, find_object, read_file
from sonoteca.preserve.versions import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: `word` is new, changed, unchanged, known, refused or failed; `release` "" when there is none."""

    word: str
    detail: str = ""
    release: str = ""
    refused: int = 0


def staging_of(job: Job) -> str:
    """The job's own place in quarantine."""
    return f"quarantine/{job.id}"


def settle(archive: Archive, job: Job, taken: Taken) -> Outcome:
    """Everything after taking, for one job."""
    outcome = _keep(archive, job, taken) if taken.release else _refuse(archive, job, taken)
    archive.disk.remove_tree(staging_of(job))
    return outcome


def _refuse(archive: Archive, job: Job, taken: Taken) -> Outcome:
    rows = set_aside(archive, job.source_key, taken.refused)
    outcome = Outcome(word="refused", detail="no recording in it can be kept", refused=len(taken.refused))
    with archive.database.write() as tx:
        write.save_refused(tx, job.source_key, rows)
        queue.finish(tx, job.id, JobState.REFUSED, outcome.word, outcome.detail)
    return outcome


def _keep(archive: Archive, job: Job, taken: Taken) -> Outcome:
    release = taken.release
    if release is None:
        raise ValueError("nothing to keep")
    rows = set_aside(archive, job.source_key, taken.refused)
    intent = Intent(job=job.id, release=release.id, staging=staging_of(job))
    with archive.database.write() as tx:
        write.open_intent(tx, intent)
    deposited = deposit(_request(archive, job, taken, release), archive.disk)
    # The object is whole in the store; no row knows it yet: recovery would describe it from the object, as is done
    # here.
    described = describe(archive, release.id)
    announce(archive, [described.record])
    outcome = Outcome(
        word="new" if deposited.is_new else "changed",
        detail=f"version {deposited.version}",
        release=release.id,
        refused=len(taken.refused),
    )
    with archive.database.write() as tx:
        save(archive, tx, described)
        write.save_refused(tx, job.source_key, rows)
        close(tx, job, release.id)
        queue.finish(tx, job.id, JobState.DONE, outcome.word, outcome.detail)
    return outcome


def _request(archive: Archive, job: Job, taken: Taken, release: Release) -> Deposit:
    now = archive.clock.now()
    before = find_object(archive.disk, release.id)
    contents = {content.path: content for content in _contents(taken, release, before)}
    log = read_file(archive.disk, before, "events.jsonl") if before else b""
    log += events.format_events(events.of_taking(taken, release, now, is_new=before is None))
    contents["events.jsonl"] = inline("events.jsonl", log)
    if before is not None:
        contents = {content.path: content for content in kept_of(archive, before, release)} | contents
    message = "acquired" if before is None else "acquired again, changed"
    return Deposit(
        object_id=release.id,
        state=tuple(contents.values()),
        message=message,
        made_at=now,
        staging=f"{staging_of(job)}/object",
    )


def _contents(taken: Taken, release: Release, before: Inventory | None) -> list[Content]:
    found = [inline("release.json", format_release(release)), inline("source.json", format_source(taken.source))]
    for file in taken.files:
        found.append(Content(path=file.path, digest=file.digest, bytes=file.bytes, staged=file.staged))
        if file.report is not None and file.report.audio is not None:
            found += [_measured(file), _pieces(file, before)]
    return found


def kept_of(archive: Archive, before: Inventory, release: Release) -> Iterator[Content]:
    """What was made of tracks that the release still has: sounds, renditions, credits and their hash layers."""
    state = before.state()
    tracks = {track.id for track in release.tracks} | {track_id(track.recording) for track in release.tracks}
    paths = [path for path in state if path.startswith("sound/") and path[6:].removesuffix(".json") in tracks]
    sounds = [parse_sound(read_file(archive.disk, before, path)) for path in paths]
    made = {one.path: one.digest for sound in sounds for one in sound.made}
    beside = [one.path for sound in sounds for one in sound.extracts]
    if CREDITS in state:
        credits = [one for one in parse_credits(read_file(archive.disk, before, CREDITS)) if one.track in tracks]
        made |= {one.path: one.digest for one in credits}
        yield inline(CREDITS, format_credits(tuple(credits)))
    for path in [*paths, *made, *beside, *(f"pieces/{digest}.pieces" for digest in made.values())]:
        # Its bytes are in the object: only the name is said again.
        yield Content(path=path, digest=state[path], bytes=0)


def _measured(file: StagedFile) -> Content:
    if file.report is None:
        raise ValueError("not measured")
    track = track_id(recording_id(file.digest))
    return inline(
        f"measured/{track}.json", format_measured(Measured(track=track, master=file.path, report=file.report))
    )


def _pieces(file: StagedFile, before: Inventory | None) -> Content:
    path = f"pieces/{file.digest}.pieces"
    if file.layers is not None:
        return inline(path, pieces.format(file.layers))
    digest = before.state().get(path) if before else None
    if digest is None:
        raise Refused(
            "no-layers",
            "a known file has no hash layers in the store",
            where=path,
            cure="sonoteca verify, then add it again",
        )
    return Content(path=path, digest=Digest(digest), bytes=0)
