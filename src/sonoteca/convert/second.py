"""The second decoder: libsndfile, for a master that FFmpeg refuses or gets no sound out of.

Takes  a RenderOrder, what FFmpeg said, the samples to cut at, how much may be decoded.
Gives  the same blocks, losses and findings as decoding.py, from another reader in the same limited process; Q025
       says so.
Never  opens a file that FFmpeg reads: the first decoder knows the delays of lossy formats and salvages packet by
       packet, this one reads up to the first mistake. What its header promises and it does not give is lost and told.

Whole numbers stay whole: 24 bits come in the upper part of 32, as FFmpeg gives them.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy
import soundfile
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block, Cutter
from sonoteca.convert.decoding import Decoding
from sonoteca.convert.layouts import BY_COUNT
from sonoteca.convert.opening import CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ, plain
from sonoteca.convert.spent import Spent
from sonoteca.model.errors import Refused
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loss, RenderOrder

SECOND = "sndfile"  # the container of a master that the probe could read with this alone
NAME = f"libsndfile-{soundfile.__libsndfile_version__}"
_TROUBLES = (soundfile.SoundFileError, OSError, ValueError, EOFError)
_FORMATS = {
    **dict.fromkeys(("PCM_S8", "PCM_U8", "PCM_16", "ALAC_16", "ULAW", "ALAW", "DWVW_12", "DWVW_16"), ("int16", "s16")),
    **dict.fromkeys(("PCM_24", "PCM_32", "ALAC_20", "ALAC_24", "ALAC_32", "DWVW_24"), ("int32", "s32")),
}
# FFmpeg's container → libsndfile's.
_FILES: dict[str, tuple[str, ...]] = {
    "wav": ("WAV", "WAVEX", "RF64"),
    "w64": ("W64",),
    "aiff": ("AIFF",),
    "iff": ("SVX",),
    "au": ("AU",),
    "caf": ("CAF",),
    "voc": ("VOC",),
    "flac": ("FLAC",),
    "ogg": ("OGG",),
    "mp3": ("MP3",),
}
_MAX_BELIEVED_S = 7 * 24 * 3600.0


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
    """Read from the beginning to the end: soundfile seeks after each read otherwise, which not every codec can."""

    def seekable(self) -> bool:
        """Never."""
        return False


class SecondDecoding:
    """One decode of one master; see Decoding, whose place it takes. `why` is what the first decoder said."""

    def __init__(self, sound: soundfile.SoundFile, audio: AudioFacts, why: str, spent: Spent) -> None:
        self._sound = sound
        self._audio = audio
        self._why = why
        self._spent = spent
        self._error = ""
        self._is_capped = False
        self.decoded = 0

    @property
    def decoder(self) -> str:
        """Which one, with its version."""
        return NAME

    def blocks(self, cuts: Iterable[int], max_seconds: float) -> Iterator[Block]:
        """The whole of it, or as much as may be decoded."""
        rate = self._audio.sample_rate_hz
        limit = int(max_seconds * rate)
        cutter = Cutter(rate, [*cuts, limit])
        while (frame := self._next()) is not None:
            at, self.decoded = self.decoded, self.decoded + frame.samples
            for block in cutter.take(frame, at):
                if block.start_sample >= limit:
                    self._is_capped = True
                    return
                yield block
        for block in cutter.rest():
            if block.start_sample < limit:
                yield block

    def _next(self) -> AudioFrame | None:
        """Half a second or less; None at the end or the first mistake."""
        kind, form = _FORMATS.get(self._sound.subtype, ("float32", "flt"))
        self._spent.begin()
        try:
            samples = self._sound.read(self._audio.sample_rate_hz // 2, dtype=kind, always_2d=True)
        except _TROUBLES as error:
            self._error = plain(str(error)) or "an error without a name"
            return None
        finally:
            self._spent.end("decode")
        if not len(samples):
            return None
        shaped = numpy.ascontiguousarray(samples).reshape(1, -1)
        frame = AudioFrame.from_ndarray(shaped, format=form, layout=BY_COUNT[samples.shape[1]])
        frame.sample_rate = self._audio.sample_rate_hz
        return frame

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────

    def why_nothing(self) -> str:
        """The reason when not one sample came."""
        return f"none of its sound can be decoded: {self._why}"

    def loss_of(self, start: int, end: int | None) -> Loss:
        """What is missing of a span: the end, if anything."""
        missing = max(0, (self._promised if end is None else min(end, self._promised)) - max(start, self.decoded))
        seconds = round(missing / self._audio.sample_rate_hz, 6)
        return Loss(packets=1 if self._error else 0, seconds=seconds, first_error=self._error)

    def findings_of(self, start: int, end: int | None) -> list[Finding]:
        """That it was this decoder, and what is missing."""
        found = [finding("Q025", detail=f"{NAME.replace('-', ' ')}; FFmpeg: {self._why}"[:300])]
        if self._is_capped:
            found.append(finding("Q011", detail=f"decoding stopped after {self.decoded / self._rate:.0f} s"))
        elif self._error or self.loss_of(start, end).seconds > 0:
            said, there = self._promised / self._rate, self.decoded / self._rate
            why = f": {self._error}" if self._error else ""
            found.append(finding("Q009", detail=f"it should end at {said:.3f} s, and ends at {there:.3f} s{why}"))
        return found

    @property
    def _rate(self) -> int:
        return self._audio.sample_rate_hz

    @property
    def _promised(self) -> int:
        """The samples its header says; nonsense counts for nothing."""
        said = int(self._sound.frames)
        return said if 0 < said <= _MAX_BELIEVED_S * self._rate and not self._is_capped else self.decoded


Decoder = Decoding | SecondDecoding


@contextmanager
def open_second(order: RenderOrder) -> Iterator[soundfile.SoundFile]:
    """The master of an order, open; Refused when this decoder cannot read it either, or finds another sound than the
    probe did."""
    try:
        file = os.open(order.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _no(f"it cannot be opened: {error.strerror}") from error
    try:
        with _Forward(file, closefd=False) as sound:
            _verify(sound, order.audio)
            yield sound
    except soundfile.SoundFileError as error:
        raise _no(f"it cannot be opened: {plain(str(error).rpartition(': ')[2])}") from error
    finally:
        os.close(file)


def _verify(sound: soundfile.SoundFile, audio: AudioFacts) -> None:
    if audio.container != SECOND and sound.format not in _FILES.get(audio.container, ()):
        raise _no(f"the second decoder finds {sound.format}, and the probe found {audio.container}")
    if (sound.channels, sound.samplerate) != (audio.channels, audio.sample_rate_hz):
        raise _no("the second decoder finds another rate or other channels")
    if sound.channels not in CHANNELS or not MIN_RATE_HZ <= sound.samplerate <= MAX_RATE_HZ:
        raise _no(f"{sound.channels} channels at {sound.samplerate} Hz: 1 to 8 at 4 to 768 kHz are taken")


def _no(why: str) -> Refused:
    return Refused("not-decodable", why)
