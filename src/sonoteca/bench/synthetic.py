"""Synthetic folders to measure with: small releases by the thousand, and large lossless files.

Takes  a scratch folder.   Gives  folders as an archivist would have them. Deterministic: seeded numpy noise
       over a tone.
Written through ports/bench_folder.py, like everything that is written.
"""

import zlib

import numpy as np

from sonoteca.ports.bench_folder import BenchFolder, encoded

RATE_HZ = 44_100
RIGHTS = b'licence = "CC0-1.0"\nholders = ["Sonoteca bench"]\n'


def small_releases(folder: BenchFolder, first: int, count: int) -> None:
    """`count` releases of one short recording each (0.25 s, 22 kB), numbered from `first`, under one rights.toml."""
    folder.write("rights.toml", RIGHTS)
    for number in range(first, first + count):
        name = f"{number // 1000:03}/Artist {number % 100} - {1950 + number % 70} - Release {number:06}"
        folder.write(f"{name}/01 - Piece.wav", encoded(_sound(number, 0.25, 1), RATE_HZ, "wav"))


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
        sound = _sound(zlib.crc32(f"{name} {number}".encode()), seconds, 2)
        content = encoded(sound, RATE_HZ, "flac")
        folder.write(f"{name}/{number:02} - Movement {number}.flac", content)
        total += len(content)
    return total
