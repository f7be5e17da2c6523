"""Fingerprints as fpcalc makes them: of sound made here, against what it said once; of the corpus, against itself."""

import csv
import json
import subprocess
from pathlib import Path

import numpy
import pytest
from av.error import FFmpegError

from sonoteca.convert.consumers import Draft
from sonoteca.convert.fingerprint import Fingerprint
from sonoteca.formats import fingerprint
from tests.tools import require_tool
from tests.unit.convert.recordings import Recording, made, real
from tests.vectors.fingerprints import generate

LEAST_SHARE = 0.995
SOME = (
    "wesnoth/elf-land.ogg",
    "singularity/win/Apex Aleph.ogg",
    "asterisk-moh-opsound/manolo_camp-morning_coffee.wav",
    "formats/a_51.flac",
    "formats/a_8k_mono.flac",
    "formats/b_24bit_96k.flac",
    "formats/b_aac.m4a",
    "formats/a_u8.wav",
    "sonic-pi-samples/loop_amen_full.flac",
    "alsa-speaker-test/Noise.wav",
)


def printed(recording: Recording) -> str:
    measure, draft = Fingerprint(recording.audio), Draft()
    for block in recording.blocks:
        measure.take(block)
    measure.finish()
    measure.tell(draft)
    return draft.fingerprint


def raw(text: str) -> fingerprint.Raw:
    return fingerprint.parse(text) if text else numpy.zeros(0, numpy.uint32)


def equal(ours: fingerprint.Raw, theirs: fingerprint.Raw) -> tuple[int, int]:
    """How many are equal, of how many; what only one of them has is not equal."""
    both = min(len(ours), len(theirs))
    return int((ours[:both] == theirs[:both]).sum()), max(len(ours), len(theirs))


def judged(path: Path) -> fingerprint.Raw:
    asked = [require_tool("fpcalc"), "-raw", "-length", "0", str(path)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    words = said.partition("FINGERPRINT=")[2].strip()
    return numpy.array([int(word) for word in words.split(",") if word], numpy.uint32)


def share(files: list[Path]) -> float:
    counts = []
    for path in files:
        try:
            recording = real(path)
        except (FFmpegError, IndexError):
            continue  # a tracker module; what FFmpeg plays in part is compared by the bench through the whole room
        counts.append(equal(raw(printed(recording)), judged(path)))
    return sum(one for one, _ in counts) / sum(all_ for _, all_ in counts)


def test_what_fpcalc_said_once() -> None:
    counts = []
    for row in json.loads(generate.GOLDEN.read_text(encoding="utf-8")):
        sound = generate.sound(row["seed"], row["rate_hz"], row["channels"], row["seconds"])
        counts.append(equal(raw(printed(made(sound, row["rate_hz"], form="s16"))), raw(row["fingerprint"])))
    assert min(every for _, every in counts) > 10
    assert sum(same for same, _ in counts) >= LEAST_SHARE * sum(every for _, every in counts), counts


def test_some_of_the_corpus_beside_fpcalc(corpus: Path) -> None:
    assert share([corpus / one for one in SOME]) >= LEAST_SHARE


@pytest.mark.soak
def test_all_of_the_corpus_beside_fpcalc(corpus: Path) -> None:
    rows = csv.DictReader((corpus / "index.csv").read_text(encoding="utf-8").splitlines())
    assert share([corpus / row["release"] / row["file"] for row in rows]) >= LEAST_SHARE


def test_too_short_for_one() -> None:
    assert printed(made(generate.sound(7, 11_025, 1, 2), 11_025, form="s16")) == ""


def test_silence_has_one() -> None:
    found = raw(printed(made(numpy.zeros((44_100 * 6, 2), numpy.int16), 44_100, form="s16")))
    assert len(set(found.tolist())) == 1
