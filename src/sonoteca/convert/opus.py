"""Opus: the copy for listening, in Ogg, from float (RFC 6716, RFC 7845).

Takes  blocks of sound in order; at the end the loudness.
Gives  one file: libopus' packets (libopus.py), framed by us, so that order and number of tags, serial number, pre-skip
       and end are ours to say and the same each time.
Never  changes a block: others read it too.
Order  take … → finish → seal. Before `seal` the file is whole and has no gain; without `finish` it has no end.

48 kHz always: the encoder resamples. The end is cut by the last page's granule
position (RFC 7845 §4.4), so that as many samples come out as the original has, at 48 kHz.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from sonoteca.convert.blocks import Block
from sonoteca.convert.comments import fitting
from sonoteca.convert.layouts import known_frame
from sonoteca.convert.libopus import PACKET_SAMPLES, Encoder, encoder_of
from sonoteca.convert.loudness import Level
from sonoteca.convert.opus_headers import format_head, format_tags, gain_of
from sonoteca.convert.recipes import recipe_of
from sonoteca.formats.ogg import BEGIN, END, MAX_SEGMENTS, Long, Page, format_long, format_page, pages_of, segments
from sonoteca.formats.picture import COMMENT
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loudness, Wanted
from sonoteca.ports.new_file import NewFile

PAGE_PACKETS = 50  # a second
# Down from more than two channels without a sum above full scale: louder parts would be clipped by every decoder.
_DOWNMIX = {"rematrix_maxval": "1.0"}


@dataclass(slots=True)
class _Heard:
    """How loud the mix is."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    short_term_lufs: float | None = None
    momentary_lufs: float | None = None
    gating: tuple[tuple[int, int], ...] = ()


class OpusFile:
    """A copy for listening of the tier that is wanted, being made at `path`. `is_made`: there is something in it."""

    def __init__(self, path: str, wanted: Wanted, audio: AudioFacts, picture: str = "") -> None:
        """OSError when the file exists or cannot be made. `picture` is a block in base64."""
        self._recipe = recipe_of(wanted.tier)
        self._channels = min(self._recipe.max_channels, audio.channels)
        self._rate_hz = audio.sample_rate_hz
        self._encoder: Encoder = encoder_of(self._recipe, self._channels)
        self._mixer = AudioResampler("fltp", "stereo", options=_DOWNMIX) if audio.channels > 2 else None
        # The master's loudness is not that of its mix: the gain has to fit what is in the file.
        self._mix_level = Level(audio) if self._mixer else None
        # Behind the tags: what reads only the first of a long header has all of them.
        shown = ((COMMENT, picture),) if picture else ()
        self._pairs = (*fitting((*wanted.tags, ("ENCODERSETTINGS", wanted.recipe))), *shown)
        self._serial = int.from_bytes(hashlib.sha256(wanted.serial.encode()).digest()[:4])
        self._file = NewFile(path)
        self._samples = 0  # taken, at the source's rate
        self._packets = 0  # written
        self._pages = 0
        self._waiting: list[bytes] = []
        self.is_made = False

    def take(self, block: Block) -> None:
        """The next block, of at most some seconds. FFmpegError when it cannot be encoded."""
        if not self._samples:
            self._begin()
        self._samples += block.frame.samples
        for frame in self._mixed(known_frame(block.frame, block.planar)):
            self._encode(frame)

    def finish(self) -> None:
        """The end of the sound. A file without any sound is taken away again."""
        if not self._samples:
            self._file.drop()
            return
        for frame in self._mixed(None):
            self._encode(frame)
        self._encode(None)
        self._end()
        self.is_made = True

    def seal(self, loudness: Loudness) -> None:
        """Writes the gain to −23 LUFS into the room that was left for it, and closes the file."""
        if self.is_made:
            tags = format_tags(self._pairs, gain_of(self._loudness(loudness)))
            self._file.patch(self._tags_at, self._tags_pages(tags))
        self._file.close()

    def _loudness(self, loudness: Loudness) -> float | None:
        heard = _Heard(loudness.integrated_lufs)
        if self._mix_level:
            heard = _Heard()
            self._mix_level.finish()
            self._mix_level.tell(heard)
        return heard.integrated_lufs

    def _mixed(self, frame: AudioFrame | None) -> list[AudioFrame]:
        """The frame, or what the mixer has of it by now; None is its end."""
        if self._mixer is None or self._mix_level is None:
            return [frame] if frame else []
        mixed = self._mixer.resample(frame)
        for one in mixed:
            self._mix_level.take(Block(one, 0))
        return mixed

    def _encode(self, frame: AudioFrame | None) -> None:
        if frame is not None:
            frame.pts = None
        self._waiting += self._encoder.take(frame)
        # A page waits until the next packet comes, because the last one has to say that it is.
        while len(self._waiting) > PAGE_PACKETS:
            self._put_page(0)

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> None:
        self._write((format_head(self._channels, self._encoder.pre_skip, self._rate_hz),), 0, BEGIN)
        self._tags_at = self._file.bytes
        tags = format_tags(self._pairs, None)
        self._file.append(self._tags_pages(tags))
        self._pages += pages_of(len(tags))

    def _tags_pages(self, tags: bytes) -> bytes:
        return format_long(Long(serial=self._serial, sequence=1, packet=tags))

    def _put_page(self, flags: int) -> None:
        """As many of those that wait as a page takes. The last page says where the sound ends."""
        count = _fitting(self._waiting[:PAGE_PACKETS])
        packets, self._waiting = tuple(self._waiting[:count]), self._waiting[count:]
        self._packets += count
        granule = self._packets * PACKET_SAMPLES
        if flags:
            granule = min(self._encoder.pre_skip + round(self._samples * self._recipe.rate_hz / self._rate_hz), granule)
        self._write(packets, granule, flags)

    def _end(self) -> None:
        while _fitting(self._waiting) < len(self._waiting):
            self._put_page(0)
        self._put_page(END)

    def _write(self, packets: tuple[bytes, ...], granule: int, flags: int) -> None:
        page = Page(serial=self._serial, sequence=self._pages, granule=granule, packets=packets, flags=flags)
        self._file.append(format_page(page))
        self._pages += 1


def _fitting(packets: Sequence[bytes]) -> int:
    """How many of these have their places in one page's table: nearly always all."""
    if sum(map(len, packets)) // 255 + len(packets) <= MAX_SEGMENTS:
        return len(packets)
    ends = accumulate(segments(len(one)) for one in packets)
    return sum(end <= MAX_SEGMENTS for end in ends)
