"""Desk: where one track of a master is worked on: its measures, its files, and the Sound that comes of them.

Takes  blocks of the whole master; those within the track are its own.
Gives  a RenderedSpan.
Order  consumers are made with the track's first block and ended with its last, so a disc image of 99 tracks holds the
       encoders of one. Measures tell first, because the files' gain tags follow from the loudness.

A file that cannot be made (an encoder does not take so many channels) is left out and told; the track goes on.
"""

import base64
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from av.error import FFmpegError

from sonoteca.convert.blocks import Block
from sonoteca.convert.consumers import FILES, MEASURES, Draft, File, Measure
from sonoteca.convert.opening import plain
from sonoteca.convert.recipes import MEASURED_BY
from sonoteca.convert.second import Decoder
from sonoteca.convert.spent import Spent
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loudness, RenderedSpan, RenderOrder, Sound, Span, Wanted

# The machine's troubles, not the master's: the call dies of them, and may be made again.
_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOMEM}
    | {errno.ENOENT, errno.ENOTDIR, errno.EMFILE}
)


class Desk:
    """For one span of an order."""

    def __init__(self, order: RenderOrder, span: Span, spent: Spent) -> None:
        self._order = order
        self._span = span
        self._spent = spent
        self._draft = Draft()
        self._measures: dict[str, Measure] = {}
        self._files: dict[Wanted, File] = {}
        self._samples = 0
        self._answer: RenderedSpan | None = None
        for wanted in span.wanted:
            _verify_name(wanted.name)

    @property
    def is_done(self) -> bool:
        """Whether no later block can be this track's."""
        return self._answer is not None

    def show(self, block: Block, decoding: Decoder) -> None:
        """The next block of the master: taken when it is this track's."""
        if self.is_done or block.end_sample <= self._span.start_sample:
            return
        end = self._span.end_sample
        if end is None or block.start_sample < end:
            self._take(block)
        if end is not None and block.end_sample >= end:
            self.finish(decoding)

    def finish(self, decoding: Decoder) -> RenderedSpan:
        """What came of the track; nothing happens the second time."""
        if self._answer is None:
            self._answer = self._finish(decoding)
        return self._answer

    def _take(self, block: Block) -> None:
        if not self._samples:
            self._open()
        self._samples += block.samples
        self._spent.begin()
        if self._measures:
            block.prepare()  # by itself, so that no measure is charged with what all of them share
            self._spent.end("floats")
        for name, measure in self._measures.items():
            measure.take(block)
            self._spent.end(name)
        for wanted, file in tuple(self._files.items()):
            with self._making(wanted):
                file.take(block)

    def _open(self) -> None:
        audio = self._order.audio
        if self._span.known is None:
            self._measures = {name: make(audio) for name, make in MEASURES.items()}
        for wanted in self._span.wanted:
            with self._making(wanted):
                path = f"{self._order.folder}/{wanted.name}"
                picture = self._order.picture if wanted.cover else ""
                self._files[wanted] = FILES[_ending(wanted.name)](path, wanted, audio, picture)

    def _finish(self, decoding: Decoder) -> RenderedSpan:
        for name, measure in self._measures.items():
            self._spent.begin()
            measure.finish()
            measure.tell(self._draft)
            self._spent.end(name)
        for wanted, file in tuple(self._files.items()):
            with self._making(wanted):
                file.finish()
                file.seal(self._loudness)
        made = {wanted for wanted, file in self._files.items() if file.is_made}
        names = tuple(wanted.name for wanted in self._span.wanted if wanted in made)
        self._measures, self._files = {}, {}
        extracts = tuple((kind, base64.b64encode(raw).decode()) for kind, raw in sorted(self._draft.extracts.items()))
        return RenderedSpan(sound=self._sound(decoding), names=names, extracts=extracts)

    @property
    def _loudness(self) -> Loudness:
        return self._span.known or self._draft.loudness

    def _sound(self, decoding: Decoder) -> Sound:
        span, audio, draft = self._span, self._order.audio, self._draft
        findings = [*decoding.findings_of(span.start_sample, span.end_sample), *draft.findings]
        if not self._samples:
            findings.append(finding("Q014"))
        elif self._is_whole(findings) and _contradicts(audio, draft.pcm_md5):
            findings.append(finding("Q015", detail=f"it says {audio.audio_md5}, decoded {draft.pcm_md5}"))
        return Sound(
            track=span.track,
            master=self._order.master,
            recipe=MEASURED_BY,
            start_sample=span.start_sample,
            end_sample=span.end_sample,
            samples=self._samples,
            sample_rate_hz=audio.sample_rate_hz,
            channels=audio.channels,
            loudness=self._loudness,
            loss=decoding.loss_of(span.start_sample, span.end_sample),
            waveform=draft.waveform,
            overview=draft.overview,
            pcm_md5=draft.pcm_md5,
            fingerprint=draft.fingerprint,
            traits=replace(draft.traits, decoder=decoding.decoder),
            findings=tuple(replace(one, where=one.where or self._order.master) for one in findings),
        )

    def _is_whole(self, findings: list[Finding]) -> bool:
        """Whether the track is its master from the first sample to the last: not when decoding was stopped."""
        span = self._span
        return span == Span(track=span.track, wanted=span.wanted) and all(one.code != "Q011" for one in findings)

    @contextmanager
    def _making(self, wanted: Wanted) -> Iterator[None]:
        self._spent.begin()
        try:
            yield
        except (FFmpegError, OSError, ValueError) as error:
            if getattr(error, "errno", None) in _OF_THE_MACHINE:
                raise
            # What stands in the folder under this name is half a file: it is not named in the answer.
            self._files.pop(wanted, None)
            self._draft.findings.append(finding("Q016", detail=f"{wanted.name}: {plain(str(error))}"))
        self._spent.end(_ending(wanted.name))


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def _contradicts(audio: AudioFacts, pcm_md5: str) -> bool:
    """Whether the file says itself that its samples have another sum. Only FLAC's is one of samples as FLAC counts
    them."""
    return bool(audio.codec == "flac" and audio.audio_md5 and pcm_md5 and audio.audio_md5 != pcm_md5)


def _verify_name(name: str) -> None:
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise ValueError(f"not a name of a file: {name!r}")
    if _ending(name) not in FILES:
        raise ValueError(f"no consumer makes {name!r}")
