"""WAV: the bytes of a sound, with its tags in a RIFF INFO list as sound editors write them.

Takes  stereo sounds (demo.synth), tags by their RIFF names (INAM title, IART artist, IPRD album, ICRD date, IPRT
       track, ICOP …).
Gives  16-bit, 44.1 kHz WAV.
"""

import io
import struct
import wave
from collections.abc import Mapping

import numpy as np

from sonoteca.demo.synth import RATE_HZ, Sound

FULL = 32767


def format_wav(sound: Sound, tags: Mapping[str, str] | None = None) -> bytes:
    """The file's bytes; samples are rounded, never clipped (the loudest is -3 dBFS, see demo.room)."""
    held = io.BytesIO()
    with wave.Wave_write(held) as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes(np.rint(sound.T * FULL).astype("<i2").tobytes())
    return with_info(held.getvalue(), tags) if tags else held.getvalue()


def with_info(riff: bytes, tags: Mapping[str, str]) -> bytes:
    """The same file with a LIST INFO chunk at its end."""
    fields = b"".join(chunk(key.encode("ascii"), text.encode("utf-8") + b"\0") for key, text in tags.items())
    whole = riff + chunk(b"LIST", b"INFO" + fields)
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def chunk(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
