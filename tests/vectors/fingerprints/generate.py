"""Makes fingerprints.json: what fpcalc of Chromaprint, which is not ours, says about sound that follows from a seed.

    python -m tests.vectors.fingerprints.generate        (needs fpcalc; the test that compares does not)

No sound is kept. Each row: seed, rate, channels, seconds; and fpcalc's compressed fingerprint of the whole. The sound
is built of whole numbers alone, so that it is the same on every machine.
"""

import json
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy

GOLDEN = Path(__file__).with_name("fingerprints.json")
ROWS = (
    (1, 44_100, 2, 20),
    (2, 48_000, 1, 12),
    (3, 11_025, 1, 30),
    (4, 22_050, 2, 9),
    (5, 8_000, 1, 15),
    (6, 96_000, 2, 5),
)
PARTS = 8


def sound(seed: int, rate_hz: int, channels: int, seconds: int) -> "numpy.ndarray[Any, numpy.dtype[numpy.int16]]":
    """(samples, channels): PARTS sawtooth voices, each with a new tone every third of a second."""
    random = numpy.random.Generator(numpy.random.PCG64(seed))
    length, note = seconds * rate_hz, rate_hz // 3
    mixed = numpy.zeros((length, channels), numpy.int32)
    for _ in range(PARTS):
        steps = random.integers(50 * 65_536 // rate_hz, 2_500 * 65_536 // rate_hz, length // note + 1)
        phase = numpy.cumsum(numpy.repeat(steps, note)[:length]) & 0xFFFF
        mixed += ((phase - 32_768) // (2 * PARTS))[:, None].astype(numpy.int32)
    return mixed.astype(numpy.int16)


def main() -> None:
    """Writes the golden file."""
    rows = []
    for seed, rate_hz, channels, seconds in ROWS:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            with wave.open(file.name, "wb") as wav:
                wav.setparams((channels, 2, rate_hz, 0, "NONE", ""))
                wav.writeframes(sound(seed, rate_hz, channels, seconds).astype("<i2").tobytes())
            asked = ["fpcalc", "-length", "0", file.name]
            # It may end with a complaint about the end of the file after it has printed all.
            said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        text = said.partition("FINGERPRINT=")[2].strip()
        rows.append({"seed": seed, "rate_hz": rate_hz, "channels": channels, "seconds": seconds, "fingerprint": text})
    GOLDEN.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
