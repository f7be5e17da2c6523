"""Synthetic folders to measure with: small releases by the thousand, and large lossless files.

Takes  a scratch folder.   Gives  folders as an archivist would have them. Deterministic: seeded numpy noise
       over a tone.
Written through ports/bench_folder.py, like everything that is written.
"""

import io
import wave
import zlib

import av
import numpy as np

from sonoteca.ports.bench_folder import BenchFolder

RATE_HZ = 44_100
RIGHTS = b'licence = "CC0-1.0"\nholders = ["Sonoteca bench"]\n'


def small_releases(folder: BenchFolder, first: int, count: int) -> None:
    """`count` releases of one short recording each (0.25 s, 22 kB), numbered from `first`, under one rights.toml."""
    folder.write("rights.toml", RIGHTS)
    for number in range(first, first + count):
        folder.write(
            f"{number // 1000:03}/Artist {number % 100} - {1950 + number % 70} - Release {number:06}/01 - Piece.wav",
            _wav(number, 0.25),
        )


def _wav(seed: int, seconds: float) -> bytes:
    raw = io.BytesIO()
    with wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(_sound(seed, seconds, 1).tobytes())
    return raw.getvalue()


def _sound(seed: int, seconds: float, channels: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    count = int(seconds * RATE_HZ)
    noise = np.random.default_rng(seed).normal(0, 900, (count, channels))
    tone = 8000 * np.sin(np.arange(count) * (2 * np.pi * (110 + seed % 880) / RATE_HZ))
    sound: np.ndarray[tuple[int, ...], np.dtype[np.int16]] = (noise + tone[:, None]).astype("<i2")
    return sound


def lossless_album(folder: BenchFolder, name: str, tracks: int, seconds: float) -> int:
    """A folder of FLAC files (level 0, two channels); gives their bytes in all."""
    total = 0
    for number in range(1, tracks + 1):
        content = _flac(zlib.crc32(f"{name} {number}".encode()), seconds)
        folder.write(f"{name}/{number:02} - Movement {number}.flac", content)
        total += len(content)
    return total


def _flac(seed: int, seconds: float) -> bytes:
    raw = io.BytesIO()
    with av.open(raw, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE_HZ, layout="stereo", options={"compression_level": "0"})
        frame = av.AudioFrame.from_ndarray(_sound(seed, seconds, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        for packet in stream.encode(frame):
            container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return raw.getvalue()
