"""Decoding: a master from its first packet to its last, sequentially; what fails is lost, and the rest goes on.

Takes  an open stream (opening.py), the samples to cut at, and how much may be decoded.
Gives  Blocks in order, each with its sample in the master; then what was lost (`loss_of`) and what seems wrong with the
       file as a whole (`findings_of`).
Never  seeks: a span begins at the same sample whatever was asked for before it, in every format.

Order  demux → decode, each packet by itself (FFmpeg's own loop stops at the first bad one) → one form (uniform.py) →
       its place (timeline.py) → blocks (blocks.py).

Where sample 0 is, is what the decoder says, and is the same for the probe, for spans and for every rendition:
  MP3     with a LAME or Xing tag FFmpeg drops the encoder's delay and the decoder's (delay + 529 samples) and the
          padding at the end: gapless. Without the tag nothing is dropped, and the 1,105 samples or so of delay stay.
  Opus    the pre-skip of its header is dropped; the end is cut at the last page's granule position.
  Vorbis  the first packet gives nothing; the end is cut at the last page's granule position.
  AAC     in MP4, what the edit list (or iTunSMPB, which FFmpeg turns into one) leaves out is dropped; in ADTS nothing
          says how much it is, and the encoder's priming (1,024 samples or more) stays.
  All lossless formats have no delay.
"""

import errno
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import av
import av.logging
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import FFmpegError

from sonoteca.convert.blocks import Block, Cutter
from sonoteca.convert.chain import Chain
from sonoteca.convert.opening import Opened, plain
from sonoteca.convert.opus_headers import pre_skip_of
from sonoteca.convert.spent import Spent
from sonoteca.convert.timeline import Timeline
from sonoteca.convert.uniform import Uniform
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loss

NAME = "libavcodec-" + ".".join(map(str, av.library_versions["libavcodec"]))
_TROUBLES = (FFmpegError, OSError, ValueError)
_SHORT_S = 0.1  # less than this at the end is rounding in a header
_SHORT_SHARE = 0.01
_NAMED_PLACES = 8
_KEPT_COMPLAINTS = 10_000
_OPUS_RATE_HZ = 48_000  # of all its headers' numbers (RFC 7845 §4)
_MAX_BELIEVED_S = 7 * 24 * 3600.0
# Where FFmpeg's length is what the header, or the last page, says; elsewhere it may be an estimate from the bit rate
# (MP3), or hold more than sound (the preroll of ASF).
_HEADERS = "aiff ape au caf dsf flac iff matroska mov mpc8 ogg tak tta w64 wv"
_LENGTH_IN_HEADER = frozenset(_HEADERS.split())


@dataclass(slots=True)
class _Gulp:
    """What some packets gave. An `error` comes after the frames; `is_last`: the demuxer has no more, or failed;
    `is_unbroken`: by the stream's clock each frame begins with the sample after the last one's, as nearly always."""

    frames: list[AudioFrame] = field(default_factory=list)
    samples: int = 0
    error: str = ""
    error_at_s: float | None = None
    is_last: bool = False
    is_unbroken: bool = False
    _next: int | None = None

    def take(self, frame: AudioFrame, ticks: int) -> None:
        """The next one; so many ticks of the stream's clock are a sample, 0 when a sample is no whole number of
        them."""
        samples, clock = frame.samples, frame.pts
        self.is_unbroken = (
            clock is not None and ticks > 0 and ((self.is_unbroken and clock == self._next) or not self.frames)
        )
        self._next = clock + samples * ticks if clock is not None else None
        self.samples += samples
        self.frames.append(frame)


class Decoding:
    """One decode of one master. `cut` is what its container's end says (ends.py)."""

    def __init__(self, opened: Opened, audio: AudioFacts, cut: str, spent: Spent) -> None:
        self._container, self._stream, self._log = opened.container, opened.stream, opened.log
        self._chain = Chain(opened)
        self._audio = audio
        self._cut = cut
        self._spent = spent
        self._uniform = Uniform(audio.sample_rate_hz, audio.channels)
        self._timeline = Timeline(audio.sample_rate_hz, audio.samples, _end_of(opened.stream, audio))
        self._ticks = _ticks_of(opened.stream, audio.sample_rate_hz)
        self._complaints: list[tuple[int, str]] = []
        self._is_capped = self._is_whole = False

    @property
    def decoder(self) -> str:
        """Which one, with its version."""
        return NAME

    @property
    def decoded(self) -> int:
        """The sample after the last one that came."""
        return self._timeline.at

    def blocks(self, cuts: Iterable[int], max_seconds: float) -> Iterator[Block]:
        """The whole of it, or as much as may be decoded."""
        limit = int(max_seconds * self._audio.sample_rate_hz)
        cutter = Cutter(self._audio.sample_rate_hz, [*cuts, limit], self._audio.channels)
        for frames, at in self._frames():
            for block in cutter.take_all(frames, at):
                if block.start_sample >= limit:
                    self._is_capped = True
                    return
                yield block
        self._is_whole = True
        self._timeline.end(self._tolerance())
        for block in cutter.rest():
            if block.start_sample < limit:
                yield block

    def _frames(self) -> Iterator[tuple[Sequence[AudioFrame], int]]:
        """Frames of one form that follow on each other, with the sample of the first."""
        tick_s = float(self._stream.time_base or 0)
        for gulp in self._gulps():
            if gulp.is_unbroken and self._uniform.is_settled(gulp.frames):
                yield gulp.frames, self._timeline.place(gulp.samples, (gulp.frames[0].pts or 0) * tick_s)
            else:
                yield from self._one_by_one(gulp, tick_s)
            if gulp.error:
                self._timeline.fail(gulp.error, gulp.error_at_s)
        for one in self._uniform.rest():
            yield (one,), self._timeline.place(one.samples, None)

    def _one_by_one(self, gulp: "_Gulp", tick_s: float) -> Iterator[tuple[Sequence[AudioFrame], int]]:
        """At the beginning, where the form changes, and where the stream's clock does not say that all is there."""
        for frame in gulp.frames:
            at_s = frame.pts * tick_s if frame.pts is not None and tick_s else None
            for one in self._uniformed(frame, at_s):
                yield (one,), self._timeline.place(one.samples, at_s if one is frame else None)

    def _uniformed(self, frame: AudioFrame, at_s: float | None) -> Sequence[AudioFrame]:
        """In the one form, or lost: damage can make a frame of a layout that nothing converts."""
        try:
            return self._uniform.take(frame)
        except _TROUBLES as error:
            self._timeline.fail(_said(error), at_s)
            return ()

    def _gulps(self) -> Iterator["_Gulp"]:
        """Everything, in gulps. After an error of the demuxer it is asked again, as long as something comes."""
        packets, failed = iter(self._container.demux(self._stream)), False
        while True:
            self._log.clear()  # what encoders said meanwhile is not the decoder's
            self._spent.begin()
            gulp = self._swallow(packets)
            self._spent.end("decode")
            if gulp.is_last and gulp.error and (rest := self._chain.rest(gulp.error)):
                packets, gulp.error, gulp.is_last = rest, "", False
            else:
                self._hear()
            yield gulp
            if gulp.is_last and (not gulp.error or (failed and not gulp.frames)):
                return
            if gulp.is_last:
                packets = iter(self._container.demux(self._stream))
            failed = gulp.is_last

    def _swallow(self, packets: Iterator[Any]) -> "_Gulp":
        """Packets, decoded one by one: half a second or so, or up to the first that fails."""
        gulp, most = _Gulp(), self._audio.sample_rate_hz // 2
        while gulp.samples < most:
            packet = None
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                for frame in packet.decode():
                    gulp.take(frame, self._ticks)
            except _TROUBLES as error:
                gulp.error = _said(error)
                if packet is not None and packet.pts is not None:
                    gulp.error_at_s = float(packet.pts * packet.time_base)
                gulp.is_last = packet is None
                return gulp
        gulp.is_last = gulp.samples < most
        return gulp

    def _hear(self) -> None:
        said = [message for level, _, message in self._log if level <= av.logging.ERROR]
        if said and len(self._complaints) < _KEPT_COMPLAINTS:
            self._complaints.append((self.decoded, plain(said[0])))

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────

    def why_nothing(self) -> str:
        """The reason when not one sample came."""
        error = next((hole.error for hole in self._timeline.holes if hole.error), "")
        return f"none of its sound can be decoded: {error}" if error else "there is no sound in it"

    def loss_of(self, start: int, end: int | None) -> Loss:
        """What is missing of a span, so far."""
        packets, samples, first = 0, 0, ""
        for hole in self._timeline.holes:
            last = hole.at + hole.samples
            if (hole.at < start and last <= start) or (end is not None and hole.at >= end):
                continue
            samples += min(last, last if end is None else end) - max(hole.at, start)
            packets += hole.packets if hole.at >= start else 0
            first = first or hole.error
        return Loss(packets=packets, seconds=round(samples / self._audio.sample_rate_hz, 6), first_error=first)

    def findings_of(self, start: int, end: int | None) -> list[Finding]:
        """What is wrong with the file, as far as it concerns a span."""
        found = [*self._tell_loss(self.loss_of(start, end), start, end), *self._tell_complaints(start, end)]
        if self._uniform.changes:
            found.append(finding("Q012", detail=f"{self._uniform.changes} times"))
        if end is None or end > self.decoded:
            found.extend(self._tell_end())
        return found

    def _tell_loss(self, loss: Loss, start: int, end: int | None) -> Iterator[Finding]:
        # What is missing at the end of a file that is cut off is told as that alone (Q009).
        if loss.packets or loss.seconds > self._timeline.missing_at_end / self._audio.sample_rate_hz:
            why = f": {loss.first_error}" if loss.first_error else ""
            places = self._places(start, end)
            yield finding("Q010", detail=f"{loss.packets} packets, {loss.seconds:.3f} s{places}{why}")

    def _places(self, start: int, end: int | None) -> str:
        """Where the span has holes, in seconds from its beginning."""
        found = [hole.at for hole in self._timeline.holes if start <= hole.at and (end is None or hole.at < end)]
        if not found:
            return ""
        named = ", ".join(f"{(at - start) / self._audio.sample_rate_hz:.3f}" for at in found[:_NAMED_PLACES])
        more = f" and {len(found) - _NAMED_PLACES} more" if len(found) > _NAMED_PLACES else ""
        return f", at {named} s{more}"

    def _tell_complaints(self, start: int, end: int | None) -> Iterator[Finding]:
        heard = [text for at, text in self._complaints if start <= at and (end is None or at < end)]
        if heard:
            yield finding("Q013", detail=f"{heard[0]} ({len(heard)} times)")

    def _tolerance(self) -> int:
        return round(max(_SHORT_S * self._audio.sample_rate_hz, _SHORT_SHARE * self._timeline.expected))

    def _tell_end(self) -> Iterator[Finding]:
        rate, said, there = self._audio.sample_rate_hz, self._timeline.expected, self.decoded
        lengths = f"it should end at {said / rate:.3f} s, and ends at {there / rate:.3f} s"
        if self._is_capped:
            yield finding("Q011", detail=f"decoding stopped after {there / rate:.0f} s")
        elif self._is_whole and there < said - self._tolerance():
            yield finding("Q009", detail=lengths)
        elif self._is_whole and self._cut:
            yield finding("Q009", detail=self._cut)
        elif self._is_whole and there > said + self._tolerance():
            yield finding("Q017", detail=lengths)


def _ticks_of(stream: AudioStream, rate_hz: int) -> int:
    """How many ticks of the stream's clock are a sample; 0 when that is no whole number."""
    found = 1 / (stream.time_base * rate_hz) if stream.time_base else 0
    return int(found) if found == int(found) else 0


def _said(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.ENOMEM:
        raise MemoryError from error  # the machine's trouble, not the master's
    return plain(str(getattr(error, "strerror", None) or error)) or "an error without a name"


def _end_of(stream: AudioStream, audio: AudioFacts) -> float | None:
    """Where the stream's clock should end, in seconds, if its header says so."""
    if audio.container not in _LENGTH_IN_HEADER or not stream.duration or not stream.time_base:
        return None
    end_s = float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    if audio.codec == "opus":
        end_s -= pre_skip_of(bytes(stream.codec_context.extradata or b"")) / _OPUS_RATE_HZ  # FFmpeg counts it in
    return end_s if 0 < end_s <= _MAX_BELIEVED_S else None
