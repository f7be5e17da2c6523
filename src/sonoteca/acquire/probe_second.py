"""The second opinion: what libsndfile makes of a file that FFmpeg refuses, through the same door and the same walls.

Takes  an open file, its Shape, and what was heard with FFmpeg.
Gives  that, or what the second decoder heard, with a finding that says so (A120).
Never  asks about a file that FFmpeg reads as it is meant (Shape.misread), nor about bytes whose structure is unknown: a
       second parser is a second thing to be fooled.

`container` is then SECOND, which convert opens with the same library; `codec` is FFmpeg's word for what is inside.
"""

from dataclasses import replace

import numpy
import soundfile

from sonoteca.acquire.containers import Shape
from sonoteca.acquire.probe_audio import MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ, Heard
from sonoteca.acquire.probe_decode import plain
from sonoteca.acquire.probe_file import Door, OpenFile
from sonoteca.acquire.pronom import find_puid
from sonoteca.model.finding import Severity, finding
from sonoteca.model.media import AudioFacts

SECOND = "sndfile"
_KINDS = frozenset({"riff", "rifx", "rf64", "w64", "aiff", "ogg", "flac", "mpeg", "au", "caf", "voc", "iff"})
_MAY_BE_WRONG = frozenset({"F107", "F109"})  # what FFmpeg cannot open or decode; other reasons are the file's own
_TROUBLES = (soundfile.SoundFileError, OSError, ValueError, EOFError)
# libsndfile's subtype → FFmpeg's codec, bits; 0 bits for lossy ones.
_CODECS: dict[str, tuple[str, int]] = {
    "PCM_S8": ("pcm_s8", 8),
    "PCM_U8": ("pcm_u8", 8),
    "PCM_16": ("pcm_s16le", 16),
    "PCM_24": ("pcm_s24le", 24),
    "PCM_32": ("pcm_s32le", 32),
    "FLOAT": ("pcm_f32le", 32),
    "DOUBLE": ("pcm_f64le", 64),
    "ULAW": ("pcm_mulaw", 0),
    "ALAW": ("pcm_alaw", 0),
    "IMA_ADPCM": ("adpcm_ima_wav", 0),
    "MS_ADPCM": ("adpcm_ms", 0),
    "GSM610": ("gsm_ms", 0),
    "VORBIS": ("vorbis", 0),
    "OPUS": ("opus", 0),
    "MPEG_LAYER_I": ("mp1", 0),
    "MPEG_LAYER_II": ("mp2", 0),
    "MPEG_LAYER_III": ("mp3", 0),
    "DWVW_12": ("dwvw", 12),
    "DWVW_16": ("dwvw", 16),
    "DWVW_24": ("dwvw", 24),
    "ALAC_16": ("alac", 16),
    "ALAC_20": ("alac", 20),
    "ALAC_24": ("alac", 24),
    "ALAC_32": ("alac", 32),
}


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
    """Read from the beginning to the end: soundfile seeks after each read otherwise, which not every codec can."""

    def seekable(self) -> bool:
        """Never."""
        return False


def second_opinion(file: OpenFile, shape: Shape, heard: Heard) -> Heard:
    """What was heard in the end."""
    refusals = [one for one in heard.findings if one.severity is Severity.REFUSE]
    if shape.kind not in _KINDS or not refusals or any(one.code not in _MAY_BE_WRONG for one in refusals):
        return heard
    try:
        with _Forward(Door(file, shape.view)) as sound:
            facts, decoded = _facts(sound, shape)
    except _TROUBLES:
        return heard
    if facts is None:
        return heard
    kept = tuple(one for one in heard.findings if one not in refusals)
    why = refusals[0].detail or "it cannot be opened"
    told = finding("A120", detail=f"libsndfile {soundfile.__libsndfile_version__}; FFmpeg: {plain(why)}")
    return replace(heard, facts=facts, container=SECOND, findings=(*kept, told), decoded_s=decoded)


def _facts(sound: soundfile.SoundFile, shape: Shape) -> tuple[AudioFacts | None, float]:
    """What its header says and its first second shows: a file that gives no sound is none. Its frames are a claim."""
    rate, codec = sound.samplerate, _CODECS.get(sound.subtype)
    if codec is None or not 1 <= sound.channels <= MAX_CHANNELS or not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        return None, 0.0
    first = sound.read(rate, dtype="float32", always_2d=True)
    if not len(first) or not numpy.isfinite(first).any():
        return None, 0.0
    name, bits = codec
    if shape.misread and 0 < shape.bits <= 24:
        bits = min(bits, 24)  # in the upper part of 32, as FFmpeg gives them
    if sound.format == "FLAC":
        name = "flac"
    facts = AudioFacts(
        container=SECOND,
        codec=name,
        duration_s=round(max(0, sound.frames) / rate, 6),
        samples=max(0, sound.frames),
        sample_rate_hz=rate,
        channels=sound.channels,
        bits=bits,
        lossless=bits > 0,
        exact=False,
        puid=find_puid("", name, shape.kind, shape.variant),
        audio_md5=shape.audio_md5,
    )
    return facts, len(first) / rate
