"""Render: what is made of a release's recordings, each decoded once in a limited process of its own.

Takes  a release whose verdicts let something out, and what its object has already.
Gives  a Work: the orders that are missing; for each order, when it is done, the files and sounds that came of it.
Undoes nothing: what is staged in quarantine and not deposited is thrown away by recovery, and made again.
Never  believes the limited process: names, digests and sizes are found by reading what it wrote; what kills it twice is
       kept and not published (Q902). What the machine does to it, a full or broken disk, is never told of a recording.
"""

import base64
import errno
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from sonoteca.catalogue.entries import ObjectFacts
from sonoteca.convert.answers import parse_answer
from sonoteca.convert.libraries import library_versions
from sonoteca.convert.recipes import Allowed, spans_of
from sonoteca.convert.tags import tags_of
from sonoteca.formats import pieces, plain
from sonoteca.formats.picture import MAX_BYTES
from sonoteca.formats.pieces import FileMeter
from sonoteca.holdings import PUBLIC, Standing, standing
from sonoteca.model.errors import Damaged, Unreachable
from sonoteca.model.finding import finding
from sonoteca.model.ids import TrackId
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.rights import Rendition
from sonoteca.model.sound import (
    Extract,
    Loss,
    Loudness,
    Made,
    RenderAnswer,
    RenderedSpan,
    RenderOrder,
    Sound,
    Span,
    Tier,
    Wanted,
)
from sonoteca.pipeline.archive import Archive, verify_room
from sonoteca.pipeline.covers import Cover, load_cover, with_inside
from sonoteca.pipeline.renewal import is_low, licence_of, missing
from sonoteca.pipeline.sidecars import inline, licensed
from sonoteca.ports.workshop import Died, Done, Limits, Result
from sonoteca.preserve.deposit import content_path, load_object
from sonoteca.preserve.versions import Content
from sonoteca.rights.clear import public_masters

TASK = "sonoteca.convert.render:render_plain"
FOLDERS = {Tier.ACCESS: "access", Tier.LOW: "low", Tier.ARCHIVE: "archive"}
OPUS_BYTES_S = 16_000
PCM_BYTES, FLAC_BYTES, SPARE_BYTES = 4, 3, 256 * 1024**2
RENDERING_JOB = -1_000_000_000  # of the intent, one release at a time
PROBE_BYTES = 1024**2  # a disk without room for so much is full
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Not EFBIG and ENOMEM: what makes more of itself than it says meets the limits of its process.
OF_THE_MACHINE = FULL | {errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EMFILE}
_ERRNO = re.compile(r"\[Errno (\d{1,4})\]")
ATTEMPTS = 2  # what kills the process twice is not tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a release needs before it can be published: `orders` are the masters to decode."""

    standing: Standing
    facts: ObjectFacts
    orders: tuple[RenderOrder, ...]

    @property
    def release(self) -> str:
        """Which release."""
        return self.facts.release.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What came of one order: the sounds, with what was made of each, and the files for the object."""

    sounds: tuple[Sound, ...]
    contents: tuple[Content, ...] = ()
    cpu_s: tuple[tuple[str, float], ...] = ()


def staging_for(release: str) -> str:
    """The release's own place in quarantine while it is rendered."""
    return f"quarantine/render-{release.removeprefix('urn:uuid:')}"


def plan_work(archive: Archive, tx: Connection, facts: ObjectFacts, asked: frozenset[str] = frozenset()) -> Work | None:
    """What has to be made of a release, None when the catalogue does not know it. `asked`: of renewal.NAMES."""
    found = standing(tx, facts.release.id)
    if found is None:
        return None
    inventory = load_object(archive.disk, facts.release.id)
    wishes = _Wishes(
        found=found,
        sounds={one.track: one for one in facts.sounds},
        asked=asked,
        always=archive.settings.low_tier,
        cover=load_cover(archive.disk, inventory, found, facts),
    )
    # Once a release: both are as long as it is.
    judged, libraries = found.verdicts, library_versions()
    whole = frozenset[str]().union(*(public_masters(facts.release, judged, channel) for channel in PUBLIC))
    orders = []
    for number, master in enumerate(_primaries(facts.release), 1):
        spans = spans_of(facts.release, master, wishes.allowed, master.path in whole, libraries)
        if spans := wishes.missing(spans):
            orders.append(
                RenderOrder(
                    path=archive.disk.full_path(content_path(inventory, master.path)),
                    folder=archive.disk.full_path(f"{staging_for(facts.release.id)}/{number}"),
                    master=master.path,
                    audio=master.audio,
                    spans=spans,
                    max_seconds=float(archive.settings.render_max_s),
                    picture=wishes.cover.block_for(spans),
                )
            )
    return Work(standing=found, facts=facts, orders=tuple(orders))


def _primaries(release: Release) -> tuple[Master, ...]:
    """One master for each recording: the same bytes may stand in a release twice."""
    found: dict[str, Master] = {}
    for master in sorted(release.masters, key=lambda one: one.path):
        if master.role is MasterRole.PRIMARY:
            found.setdefault(master.recording, master)
    return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """What is wanted of a release's tracks, and what they have."""

    found: Standing
    sounds: Mapping[TrackId, Sound]
    asked: frozenset[str]
    always: bool
    cover: Cover

    def allowed(self, track: TrackId) -> Allowed:
        """What may be made of a track."""
        original, derived = (self.found.may(track, way, PUBLIC) for way in (Rendition.ORIGINAL, Rendition.DERIVED))
        low = is_low(self.sounds.get(track), self.asked, always=self.always)
        return Allowed(original=original, derived=derived, low=low)

    def missing(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """What of these spans is to be done; the same bytes may be a track twice."""
        tagged = _tagged(self.found, self.cover, {span.track: span for span in spans}.values())
        left = (missing(span, self.sounds.get(span.track), self.asked) for span in tagged)
        return tuple(span for span in left if span is not None)


def _tagged(found: Standing, cover: Cover, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans with what their files say and show: tags from the description as the curator left it, and the cover."""
    tracks: dict[str, Track] = {one.id: one for one in reversed(found.release.tracks)}
    tagged = []
    for span in spans:
        if span.wanted:
            tags = tags_of(found.release, tracks[span.track], licensed(found, span.track))
            span = replace(span, wanted=tuple(replace(cover.on(span.track, one), tags=tags) for one in span.wanted))
        tagged.append(span)
    return tuple(tagged)


# ── one order ────────────────────────────────────────────────────────────────────────────────────────────────────────


def wanted_bytes(order: RenderOrder) -> int:
    """The most that an order will write, about: FLAC is counted as if nothing could be compressed."""
    audio, tiers = order.audio, {one.tier for span in order.spans for one in span.wanted}
    opus = int(audio.duration_s * OPUS_BYTES_S) * len(tiers & {Tier.ACCESS, Tier.LOW})
    pictures = 2 * MAX_BYTES * sum(bool(one.cover) for span in order.spans for one in span.wanted)
    return pictures + opus + (_pcm_bytes(audio, FLAC_BYTES) if Tier.ARCHIVE in tiers else 0)


def _pcm_bytes(audio: AudioFacts, sample_bytes: int) -> int:
    return int(audio.duration_s * audio.sample_rate_hz) * max(1, audio.channels) * sample_bytes


def render(archive: Archive, order: RenderOrder, staging: str) -> Rendered:
    """Decodes one master; the files are sealed where they stand. Called in threads."""
    verify_room(archive, wanted_bytes(order))
    order = with_inside(archive, order)
    died = []
    for _ in range(ATTEMPTS):
        archive.disk.remove_tree(staging)
        archive.disk.make_folder(staging)
        result = _called(archive, order)
        if isinstance(result, Done):
            answer = _answer(result, order)
            if isinstance(answer, RenderAnswer):
                return _sealed(archive, order, answer, staging)
            result = answer
        died.append(result)
        verify_room(archive, 0)
        if _errno(result) in FULL:
            # It says that the disk is full: this finds out, while what it wrote is still there.
            archive.disk.write(f"{staging}/probe", bytes(PROBE_BYTES))
    detail = died[-1].detail
    if any(_errno(one) in OF_THE_MACHINE for one in died):
        cure = "see to the disk; then sonoteca run goes on"
        raise Unreachable("machine", f"a limited process could not work: {detail[:200]}", where=order.master, cure=cure)
    return Rendered(sounds=tuple(_refused(order, span, "Q902", detail) for span in order.spans))


def _answer(done: Done, order: RenderOrder) -> RenderAnswer | Died:
    """What the limited process said; nonsense is no better than its death."""
    try:
        return parse_answer(done.value, order)
    except ValueError as error:
        return Died("error", f"it answered nonsense: {str(error)[:200]}")


def _errno(died: Died) -> int:
    """The number of the system's error that ended a limited process, 0 when there was none."""
    found = _ERRNO.search(died.detail) if died.reason == "error" else None
    return int(found[1]) if found else 0


def _called(archive: Archive, order: RenderOrder) -> Result:
    chosen = archive.settings
    limits = Limits(
        memory_bytes=chosen.render_memory_bytes,
        cpu_s=chosen.render_cpu_s,
        wall_s=chosen.render_wall_s,
        calls_per_child=1,
        folder=order.folder,
        file_bytes=_most_bytes(order.audio),
    )
    return next(iter(archive.studio.run_each(TASK, [(plain.to_plain(order),)], limits)))


def _most_bytes(audio: AudioFacts) -> int:
    """More than any file made of this sound can have: a header that says too little leaves room enough."""
    return SPARE_BYTES + 4 * _pcm_bytes(audio, PCM_BYTES)


def _sealed(archive: Archive, order: RenderOrder, answer: RenderAnswer, staging: str) -> Rendered:
    if answer.refused:
        return Rendered(sounds=tuple(_refused(order, span, "Q901", answer.refused) for span in order.spans))
    sounds, contents = [], []
    for span, came in zip(order.spans, answer.spans, strict=True):
        found = [seal_made(archive, one, staging) for one in span.wanted if one.name in came.names]
        contents += [content for _, some in found for content in some]
        beside = tuple(_extract(span, kind, text) for kind, text in came.extracts)
        contents += [content for _, content in beside]
        sound = _sound(order, span, came, tuple(made for made, _ in found))
        sounds.append(replace(sound, extracts=tuple(extract for extract, _ in beside)))
    return Rendered(sounds=tuple(sounds), contents=tuple(contents), cpu_s=answer.cpu_s)


def _sound(order: RenderOrder, span: Span, came: RenderedSpan, made: tuple[Made, ...]) -> Sound:
    """What was measured, with everything that the order says and not the limited process."""
    return replace(
        came.sound,
        track=span.track,
        master=order.master,
        start_sample=span.start_sample,
        end_sample=span.end_sample,
        made=made,
        asked=_asked(span),
        licence=licence_of(span) if made else "",
    )


def _asked(span: Span) -> tuple[Tier, ...]:
    return tuple(sorted({one.tier for one in span.wanted}))


def seal_made(archive: Archive, wanted: Wanted, staging: str) -> tuple[Made, tuple[Content, ...]]:
    """One read of a file that the limited process wrote: digest and layers; it is durable afterwards."""
    meter = FileMeter()
    staged = f"{staging}/{wanted.name}"
    archive.disk.seal(staged, meter)
    copied = meter.finish()
    if copied.layers is None or not copied.bytes:
        raise Damaged("empty-rendition", "nothing was written", where=staged, cure="report it")
    path = f"{FOLDERS[wanted.tier]}/{wanted.name}"
    made = Made(
        path=path,
        tier=wanted.tier,
        recipe=wanted.recipe,
        digest=copied.digest,
        bytes=copied.bytes,
        cover=wanted.cover,
    )
    file = Content(path=path, digest=copied.digest, bytes=copied.bytes, staged=staged)
    return made, (file, inline(f"pieces/{copied.digest}.pieces", pieces.format(copied.layers)))


def _extract(span: Span, kind: str, text: str) -> tuple[Extract, Content]:
    """What was measured and is a file of its own."""
    content = inline(f"extracts/{span.track}.{kind}", base64.b64decode(text))
    return Extract(kind=kind, path=content.path, digest=content.digest, bytes=content.bytes), content


def _refused(order: RenderOrder, span: Span, code: str, detail: str) -> Sound:
    return Sound(
        track=span.track,
        master=order.master,
        recipe="",
        start_sample=span.start_sample,
        end_sample=span.end_sample,
        samples=0,
        sample_rate_hz=order.audio.sample_rate_hz,
        channels=order.audio.channels,
        loudness=Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=None),
        loss=Loss(first_error=detail[:200]),
        waveform="",
        findings=(finding(code, detail=detail[:200]),),
        asked=_asked(span),
    )
