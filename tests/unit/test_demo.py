"""The demo's label: the same bytes everywhere, sound that nobody would mind, pictures that open, nothing lost."""

import hashlib
import io
import itertools
import struct
import tomllib
import wave
import zlib

import numpy as np
import pytest

from sonoteca.demo import compose, cover, label, room, score, synth, theory, wav
from sonoteca.ports.memory.demo_folder import MemoryDemoFolder

PIECES = tuple(piece for work in label.WORKS for disc in work.discs for piece in disc.pieces)

# They hold on every processor and with every numpy: who changes the music changes them, nobody and nothing else.
MUSIC = {
    "CD1/01 Snow Arithmetic.wav": "4402071fd3429ebc84bd50ce504655ff94a8d1e7370c310d0b2f07137a1fdefc",
    "CD1/02 Kettle Song.wav": "7baf3733420f479660518f7f719acfba0eebc62556d6da0b01c58b96ff9dd057",
    "CD2/01 Thaw.wav": "5415761aad132ce5329e221f72b82ea4f95f7be7d4f668199c746d67bb200101",
    "CD2/02 Zwölf Schwalben.wav": "03f29f6ea952165de796ddf9f362a435f2234f8e80621e369ce15fd216c1e151",
}


@pytest.fixture(scope="module")
def composed() -> dict[str, bytes]:
    """Everything the demo writes, once a run."""
    kept = MemoryDemoFolder()
    compose.compose_into(kept)
    return kept.files


def samples(content: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(content)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (2, 2, 44_100)
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2").reshape(-1, 2) / 32768


def test_three_releases_in_three_habits(composed: dict[str, bytes]) -> None:
    assert sorted(path for path in composed if path.startswith("Slow Harbour")) == [
        f"Slow Harbour - 2025 - One Long Evening [Paper Lighthouse PL 002]/{name}"
        for name in ("One Long Evening.cue", "One Long Evening.wav", "cover.png", "info.txt", "rights.toml")
    ]
    assert len([path for path in composed if path.endswith(".wav")]) == 9
    assert "The Patient Automaton - 2026 - Two Winters [Paper Lighthouse PL 003]/CD2/02 Zwölf Schwalben.wav" in composed
    assert len(PIECES) == 12


def test_the_music_is_the_same_everywhere(composed: dict[str, bytes]) -> None:
    folder = "The Patient Automaton - 2026 - Two Winters [Paper Lighthouse PL 003]"
    assert {path: hashlib.sha256(composed[f"{folder}/{path}"]).hexdigest() for path in MUSIC} == MUSIC


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)
def test_a_piece_keeps_to_the_rules_of_its_music(piece: score.Piece) -> None:
    notes = score.write(piece)
    scale = {(piece.tonic + step) % 12 for step in theory.MODES[piece.mode]}
    sounding = [note for note in notes if note.part.voice != "brush"]
    assert {note.pitch % 12 for note in sounding} <= scale
    assert all(0 <= note.start_s < score.length_s(piece, 0) and note.length_s > 0 for note in notes)
    assert 15 <= score.length_s(piece, compose.TAIL_S) <= 40
    last = max((note for note in sounding if note.part.loud == 0.46), key=lambda note: note.start_s)
    home = theory.chord_steps(0)
    assert (last.pitch - piece.tonic) % 12 in {theory.MODES[piece.mode][step] for step in home}
    assert notes == score.write(piece)


def test_no_wide_leaps_in_any_melody() -> None:
    for piece in PIECES:
        line = [note.pitch for note in score.write(piece) if note.part.loud == 0.46]
        assert max(abs(one - two) for one, two in itertools.pairwise(line)) <= 9, piece.title


def test_level_and_ends(composed: dict[str, bytes]) -> None:
    for path, content in composed.items():
        if path.endswith(".wav"):
            sound = samples(content)
            assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3, abs=0.01), path
            assert -24 < 20 * np.log10(sound.std()) < -12, path
            assert np.abs(sound[:50]).max() < 0.05 and np.abs(sound[-441:]).max() < 0.001, path
            assert np.abs(sound.mean(axis=0)).max() < 0.001, path
            spectrum = np.abs(np.fft.rfft(sound[: 44_100 * 10].mean(axis=1))) ** 2
            centre = float((spectrum * np.arange(len(spectrum))).sum() / spectrum.sum() / 10)
            assert 150 < centre < 1500, path


def test_the_cue_sheet_cuts_where_the_pieces_begin(composed: dict[str, bytes]) -> None:
    folder = "Slow Harbour - 2025 - One Long Evening [Paper Lighthouse PL 002]/One Long Evening"
    lines = composed[f"{folder}.cue"].decode().split("\r\n")
    starts = [line.split()[2] for line in lines if "INDEX 01" in line]
    frames = [
        int(minutes) * 4500 + int(seconds) * 75 + int(rest)
        for minutes, seconds, rest in (one.split(":") for one in starts)
    ]
    sound = samples(composed[f"{folder}.wav"])
    assert len(sound) % compose.CUE_FRAME_SAMPLES == 0
    for frame in frames[1:]:
        at = frame * compose.CUE_FRAME_SAMPLES
        assert np.abs(sound[at - 441 : at]).max() < 0.001  # the one before has faded


def test_riff_info_is_whole(composed: dict[str, bytes]) -> None:
    content = composed["The Patient Automaton - 2024 - Lantern Weather [Paper Lighthouse PL 001]/01 First Lamp.wav"]
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    assert b"INAM\x0b\0\0\0First Lamp\0\0" in content


def test_checksums_are_those_of_the_files(composed: dict[str, bytes]) -> None:
    folder = "The Patient Automaton - 2026 - Two Winters [Paper Lighthouse PL 003]"
    for line in composed[f"{folder}/checksums.sha256"].decode().splitlines():
        digest, path = line.split("  ", 1)
        assert hashlib.sha256(composed[f"{folder}/{path}"]).hexdigest() == digest


def test_rights_are_said(composed: dict[str, bytes]) -> None:
    for work in label.WORKS:
        said = tomllib.loads(composed[f"{work.folder}/rights.toml"].decode())
        assert (said["license"], said["kind"]) == ("CC0-1.0", "own work")


def test_covers_are_pictures(composed: dict[str, bytes]) -> None:
    covers = [content for path, content in composed.items() if path.endswith("cover.png")]
    assert len({hashlib.sha256(one).digest() for one in covers}) == 3
    for content in covers:
        pixels = unpacked(content)
        assert pixels.shape == (cover.SIDE, cover.SIDE, 3)
        assert len(np.unique(pixels.reshape(-1, 3)[::97], axis=0)) > 4


def unpacked(png: bytes) -> np.ndarray:
    """The pixels of a PNG whose lines are all filtered by "sub"; checksums are verified."""
    place, packed = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + content) == struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]
        packed += content if kind == b"IDAT" else b""
        place += 12 + length
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(cover.SIDE, 1 + 3 * cover.SIDE)
    assert set(lines[:, 0]) == {1}
    return np.cumsum(lines[:, 1:].reshape(cover.SIDE, cover.SIDE, 3), axis=1, dtype=np.uint8)


def test_the_comb_is_what_its_formula_says() -> None:
    dry = np.zeros(400)
    dry[3], dry[60] = 1.0, -0.5
    wet = room.comb(dry, 50)
    slow = np.zeros(460)
    for n in range(400):
        slow[n + 60] = dry[n] + room.BOUNCE / 4 * (slow[n + 60 - 51] + 2 * slow[n + 60 - 50] + slow[n + 60 - 49])
    assert np.allclose(wet, slow[60:], atol=1e-12)


def test_the_all_pass_leaves_the_energy() -> None:
    dry = np.zeros(6000)
    dry[0] = 1.0
    assert (room.all_pass(dry, 37) ** 2).sum() == pytest.approx(1.0, abs=1e-6)


def test_fading_and_swelling() -> None:
    assert synth.fading(0.5, 44_100)[22_050] == pytest.approx(1 / np.e, rel=1e-4)
    assert synth.swell(1000, 0.01)[0] == 0 and synth.swell(1000, 0.01)[-1] == 1
    assert np.abs(synth.noise(5, 10_000).mean()) < 0.02


def test_a_tone_has_its_pitch() -> None:
    spectrum = np.abs(np.fft.rfft(synth.tone("felt", 69, 1.0)[0][:44_100]))
    assert abs(int(spectrum.argmax()) - 440) <= 1


def test_samples_are_rounded_not_clipped() -> None:
    content = wav.format_wav(np.array([[0.0, 0.5, -0.5], [0.0, 0.0, room.PEAK]]))
    assert samples(content)[1, 0] == pytest.approx(0.5, abs=1e-4)


def test_things_to_try_are_three() -> None:
    assert len(compose.TO_TRY) == 3
    assert all(command.startswith("sonoteca ") for command, _ in compose.TO_TRY)
