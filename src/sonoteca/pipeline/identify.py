"""Identify: which recordings a file is, in whole or in part.

Takes  a file anywhere on this machine.   Gives  the tracks that it is like, surest first, and where they stand: held
       and withdrawn ones too, for whoever keeps the archive.
Never  alters, keeps or believes the file: it is looked into and decoded in limited processes that may read it and
       nothing else, and nothing about it is stored.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from sonoteca.acquire.probe_reports import PROBE, parse_report
from sonoteca.catalogue import likenesses, read
from sonoteca.catalogue.sameness import codes_of
from sonoteca.formats import fingerprint, plain
from sonoteca.model.errors import Refused
from sonoteca.model.finding import FINDINGS, Severity
from sonoteca.model.ids import Digest, TrackId, recording_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.sameness import Likeness, Overlap, Same
from sonoteca.model.sound import Heard, RenderOrder, Span
from sonoteca.pipeline.alike import told_same
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.sameness import compared, prints_of
from sonoteca.ports.workshop import Done, Limits, Workshop
from sonoteca.ports.workshop_processes import ProcessWorkshop

LISTEN = "sonoteca.convert.listen:listen_plain"
MAX_FINGERPRINT = 4_000_000  # characters: more than a day of sound has
READ_BYTES = 1 << 20
MOST_COMPARED = 100  # an excerpt may share a single code with what it is taken from
WHOLE = {"error": 0.0, "offset_s": 0.0, "start_s": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A file, and what it is like."""

    digest: str
    heard: Heard
    same: tuple[Same, ...]


def identify(archive: Archive, path: str) -> dict[str, Any]:
    """As the command line tells it."""
    found = _identified(archive, path)
    with archive.database.read() as tx:
        told = [told_same(tx, one) for one in found.same]
    return {"file": path, "sha256": found.digest, "seconds": found.heard.seconds, "found": told}


def _identified(archive: Archive, path: str) -> Identified:
    digest = _digest(archive, path)
    real = os.path.realpath(path)
    with closing(ProcessWorkshop([real])) as workshop:
        heard = _heard(archive, workshop, real, _audio(archive, workshop, real))
    with archive.database.read() as tx:
        found = {one.track: one for one in _alike(archive, tx, heard)}
        found |= {one.track: one for one in _same_samples(tx, heard)}
        found |= {one.track: one for one in _same_bytes(tx, digest, heard)}
    order = list(Likeness)
    same = sorted(found.values(), key=lambda one: (order.index(one.overlap.likeness), one.overlap.error, one.track))
    return Identified(digest=digest, heard=heard, same=tuple(same))


def _digest(archive: Archive, path: str) -> str:
    """Of the file as it lies there; no link is followed, nothing but a regular file is opened."""
    folder, name = os.path.split(os.path.abspath(path))
    state = hashlib.sha256()
    with archive.source.open(folder, name) as file:
        while part := file.read(READ_BYTES):
            state.update(part)
    return state.hexdigest()


def _audio(archive: Archive, workshop: Workshop, path: str) -> AudioFacts:
    name = os.path.basename(path)
    report = parse_report(next(iter(workshop.run_each(PROBE, [(path, name)], archive.limits))), name)
    bad = next((one for one in report.findings if one.severity is Severity.REFUSE), None)
    if report.audio is None or bad is not None:
        what = FINDINGS[bad.code][1] if bad else "there is no recording in it"
        raise Refused("not-a-recording", what, where=path, cure="name a file with sound in it")
    return report.audio


def _heard(archive: Archive, workshop: Workshop, path: str, audio: AudioFacts) -> Heard:
    chosen = archive.settings
    limits = Limits(memory_bytes=chosen.render_memory_bytes, cpu_s=chosen.render_cpu_s, wall_s=chosen.render_wall_s)
    order = RenderOrder(
        path=path,
        folder="/",
        master=os.path.basename(path),
        audio=audio,
        spans=(Span(track=TrackId("")),),
        max_seconds=float(chosen.render_max_s),
    )
    result = next(iter(workshop.run_each(LISTEN, [(plain.to_plain(order),)], limits)))
    try:
        heard = plain.from_plain(Heard, result.value) if isinstance(result, Done) else Heard(refused=result.detail)
        if len(heard.fingerprint) > MAX_FINGERPRINT:
            raise ValueError("a fingerprint of more than a day")
        _ = fingerprint.parse(heard.fingerprint) if heard.fingerprint else None
    except ValueError as error:
        heard = Heard(refused=f"it answered nonsense: {str(error)[:200]}")
    if heard.refused:
        raise Refused("not-decodable", heard.refused[:200], where=path, cure="name a file that plays")
    return heard


def _alike(archive: Archive, tx: Connection, heard: Heard) -> Iterator[Same]:
    if heard.fingerprint:
        mine = fingerprint.parse(heard.fingerprint)
        marks = [mark for mark, _ in archive.sameness.find(codes_of(mine, widely=True), MOST_COMPARED)]
        for track, overlap in compared(prints_of(archive), likenesses.with_marks(tx, marks), mine).items():
            yield Same(track=track, overlap=overlap)


def _same_samples(tx: Connection, heard: Heard) -> Iterator[Same]:
    for track in likenesses.with_samples(tx, heard.pcm_md5):
        yield Same(track=track, overlap=Overlap(likeness=Likeness.SAMPLES, span_s=heard.seconds, **WHOLE))


def _same_bytes(tx: Connection, digest: str, heard: Heard) -> Iterator[Same]:
    for track in sorted({one.track for one in read.every_place(tx, recording_id(Digest(digest)))}):
        yield Same(track=track, overlap=Overlap(likeness=Likeness.BYTES, span_s=heard.seconds, **WHOLE))
