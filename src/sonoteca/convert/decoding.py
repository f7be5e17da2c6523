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

from collections.abc import Iterable, Iterator
from typing import Any

import av.logging
from av.audio.frame import AudioFrame
from av.error import FFmpegError

from sonoteca.convert.blocks import Block, Cutter
from sonoteca.convert.opening import Opened
from sonoteca.convert.spent import Spent
from sonoteca.convert.timeline import Timeline
from sonoteca.convert.uniform import Uniform
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loss

_TROUBLES = (FFmpegError, OSError, ValueError)
_SHORT_S = 0.1  # less than this at the end is rounding in a header
_SHORT_SHARE = 0.01
_KEPT_COMPLAINTS = 10_000


class Decoding:
    """One decode of one master."""

    def __init__(self, opened: Opened, audio: AudioFacts, spent: Spent) -> None:
        self._container, self._stream, self._log = opened.container, opened.stream, opened.log
        self._audio = audio
        self._spent = spent
        self._uniform = Uniform(audio.sample_rate_hz, audio.channels)
        self._timeline = Timeline(audio.sample_rate_hz, audio.samples)
        self._complaints: list[tuple[int, str]] = []
        self._complained = 0
        self._missing_at_end = 0
        self._is_capped = False
        self.is_whole = False

    @property
    def decoded(self) -> int:
        """The sample after the last one that came."""
        return self._timeline.at

    def blocks(self, cuts: Iterable[int], max_seconds: float) -> Iterator[Block]:
        """The whole of it, or as much as may be decoded."""
        limit = int(max_seconds * self._audio.sample_rate_hz)
        cutter = Cutter(self._audio.sample_rate_hz, [*cuts, limit])
        for frame, at in self._frames():
            for block in cutter.take(frame, at):
                if block.start_sample >= limit:
                    self._is_capped = True
                    return
                yield block
        self.is_whole = True
        self._missing_at_end = self._timeline.end()
        for block in cutter.rest():
            if block.start_sample < limit:
                yield block

    def _frames(self) -> Iterator[tuple[AudioFrame, int]]:
        """Frames of one form, each with its sample."""
        for frame in self._decoded():
            at_s = frame.time
            for one in self._uniform.take(frame):
                yield one, self._timeline.place(one.samples, at_s if one is frame else None)
        for one in self._uniform.rest():
            yield one, self._timeline.place(one.samples, None)

    def _decoded(self) -> Iterator[AudioFrame]:
        packets = self._packets()
        while True:
            self._log.clear()  # what encoders said meanwhile is not the decoder's
            self._spent.begin()
            packet = next(packets, None)
            frames = self._decode(packet) if packet is not None else []
            self._spent.end("decode")
            self._hear()
            if packet is None:
                return
            yield from frames

    def _packets(self) -> Iterator[Any]:
        """What the demuxer gives. After an error it is asked again, as long as something comes."""
        count, before = 0, -1
        while count > before:
            before = count
            try:
                for packet in self._container.demux(self._stream):
                    count += 1
                    yield packet
                return
            except _TROUBLES as error:
                self._fail(error, None)

    def _decode(self, packet: Any) -> list[AudioFrame]:
        try:
            frames: list[AudioFrame] = packet.decode()
        except _TROUBLES as error:
            at_s = None if packet.pts is None else float(packet.pts * packet.time_base)
            self._fail(error, at_s)
            return []
        return frames

    def _fail(self, error: Exception, at_s: float | None) -> None:
        self._timeline.fail(plain(str(getattr(error, "strerror", None) or error)), at_s)

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
        found = []
        rate = self._audio.sample_rate_hz
        heard = [text for at, text in self._complaints if start <= at and (end is None or at < end)]
        if heard:
            found.append(finding("Q013", detail=f"{heard[0]} ({len(heard)} times)"))
        if self._uniform.changes:
            found.append(finding("Q012", detail=f"{self._uniform.changes} times"))
        if end is not None and end <= self.decoded:
            return found
        if self._is_capped:
            found.append(finding("Q011", detail=f"decoding stopped after {self.decoded / rate:.0f} s"))
        if self._missing_at_end > max(_SHORT_S * rate, _SHORT_SHARE * self._audio.samples):
            said, there = self._audio.samples / rate, self.decoded / rate
            found.append(finding("Q009", detail=f"{said:.3f} s should be there, {there:.3f} s are"))
        return found


def plain(message: str) -> str:
    """A message of FFmpeg, fit for a report."""
    line = message.strip().splitlines()[0] if message.strip() else ""
    return "".join(char for char in line if char.isprintable())[:160]
