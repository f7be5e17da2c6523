"""FLAC: the lossless copy in one open form (RFC 9639).

Takes  blocks of sound in order; at the end the loudness.
Gives  one file with the same samples: FFmpeg's frames and STREAMINFO (with the MD5 of the samples), our metadata.
Never  rounds: a master that 24 bits cannot hold gives no file (`is_made` is False, and nothing is left behind).
Order  take … → finish → seal. Before `finish` the file has no MD5 and no length; before `seal` no gain.
"""

import base64

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block
from sonoteca.convert.comments import Pair, fitting
from sonoteca.convert.flac_headers import POINT_S, Point, format_metadata, gain_pairs, points_for, room_for, spread
from sonoteca.convert.layouts import BY_COUNT, channel_mask
from sonoteca.convert.recipes import ARCHIVE
from sonoteca.convert.whole_numbers import encoder_format, whole_frame
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loudness, Wanted
from sonoteca.ports.new_file import NewFile


class FlacFile:
    """An archive copy being made at `path`. `is_made` says whether there is one."""

    def __init__(self, path: str, wanted: Wanted, audio: AudioFacts, picture: str = "") -> None:
        """OSError when the file exists or cannot be made. `picture` is a block in base64."""
        self._tags = (*wanted.tags, ("ENCODERSETTINGS", wanted.recipe))
        self._picture = base64.b64decode(picture)
        self._most_points = points_for(audio.duration_s)
        self._rate_hz = audio.sample_rate_hz
        self._file = NewFile(path)
        self._encoder: AudioCodecContext | None = None
        self._pairs: tuple[Pair, ...] = ()
        self._points: list[Point] = []
        self._samples = 0
        self._streaminfo = b""
        self._room = 0
        self._is_given_up = False
        self.is_made = False

    def take(self, block: Block) -> None:
        """The next block. FFmpegError when it cannot be encoded."""
        frame = None if self._is_given_up else whole_frame(block.frame)
        if frame is None:
            self._give_up()
            return
        if self._encoder is None:
            self._encoder = self._begin(block.frame)
        self._encode(self._encoder, frame)

    def finish(self) -> None:
        """The end of the sound: length and MD5 are known."""
        if self._encoder is None or self._is_given_up:
            self._give_up()
            return
        self._encode(self._encoder, None)
        self._write_metadata(())
        self.is_made = True

    def seal(self, loudness: Loudness) -> None:
        """Writes gain and peak into the room that was left for them, and closes the file."""
        if self.is_made:
            self._write_metadata(gain_pairs(loudness.integrated_lufs, loudness.true_peak_dbtp))
        self._file.close()

    def _give_up(self) -> None:
        if not self._is_given_up:
            self._is_given_up = True
            self._file.drop()

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, frame: AudioFrame) -> AudioCodecContext:
        encoder = _encoder(frame)
        encoder.open()
        self._pairs = fitting((*self._tags, *channel_mask(frame.layout)))
        self._room = room_for(self._pairs, self._most_points, self._picture)
        self._file.append(bytes(self._room))
        return encoder

    def _encode(self, encoder: AudioCodecContext, frame: AudioFrame | None) -> None:
        for packet in encoder.encode(frame):
            if packet.size:
                self._put(bytes(packet), packet.duration or 0)
            elif packet.has_sidedata("new_extradata"):
                # The last, empty one. The encoder's own extradata is then written again, with a wrong MD5.
                self._streaminfo = bytes(packet.get_sidedata("new_extradata"))

    def _put(self, packet: bytes, samples: int) -> None:
        if self._samples // (POINT_S * self._rate_hz) >= len(self._points):
            self._points.append((self._samples, self._file.bytes - self._room, samples))
        self._file.append(packet)
        self._samples += samples

    def _write_metadata(self, gain: tuple[Pair, ...]) -> None:
        points = spread(self._points, self._most_points)
        pairs = (*self._pairs, *gain)
        self._file.patch(0, format_metadata(self._streaminfo, points, pairs, self._room, self._picture))


def _encoder(frame: AudioFrame) -> AudioCodecContext:
    made = av.CodecContext.create(ARCHIVE.codec, "w")
    if not isinstance(made, AudioCodecContext):
        raise RuntimeError("FFmpeg without a FLAC encoder")
    made.sample_rate = frame.sample_rate
    made.format = encoder_format(frame.format.name)
    made.layout = BY_COUNT[frame.layout.nb_channels]
    made.options = dict(ARCHIVE.options)
    return made
