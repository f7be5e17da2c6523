"""The bench of publishing: its script is frozen, its music is music, its sums are right, and it runs on seconds."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoteca.bench import publish, shell
from sonoteca.bench.beside_shell import Pair
from sonoteca.bench.figures import Figure, Skipped, Spent
from sonoteca.bench.music import RATE_HZ, music
from sonoteca.bench.room import Account
from sonoteca.bench.store import Bench
from sonoteca.bench.vorbis import longest
from sonoteca.ports.bench_folder import BenchFolder
from tests.tools import missing

FROZEN = {
    shell.BASELINE: "fc17c9f98c97aac4a10265d4953984b0daecda150f52622a0f9448586d6b6fc1",
    shell.AUDIO: "63586ac3ae5919127d5216606f7028570e40810cce41b781cfbd3ef81ec634b4",
}


def account(**changes: Any) -> Account:
    plain = Account(
        spent=Spent(cpu_s=10.0, wall_s=11.0),
        named_s={"decode": 1.0, "opus": 6.0, "hashing": 0.5, "floats": 0.5, "waveform": 0.25},
        audio_s=500.0,
        worker_bytes=1,
    )
    return dataclasses.replace(plain, **changes)


def test_the_scripts_are_frozen() -> None:
    """Figures of different days are compared with the same thing: another script is another figure's name."""
    for script, digest in FROZEN.items():
        assert hashlib.sha256(Path(script.path).read_bytes()).hexdigest() == digest


def test_what_is_no_codec_is_everything_that_has_no_native_name() -> None:
    assert account().native_s == 7.5
    assert account().rest_share == pytest.approx(0.25)


def test_the_room_pays_for_the_hashes_that_intake_made() -> None:
    assert Pair(room=account(), hashing_s=2.0, shell_s=24.0).ratio == pytest.approx(0.5)


def test_music_is_the_same_each_time_and_another_for_another_seed() -> None:
    first, again, other = (np.concatenate(list(music(seed, 1.3))) for seed in (1, 1, 2))
    assert first.shape == (round(1.3 * RATE_HZ), 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_music_is_neither_silence_nor_noise() -> None:
    sound = np.concatenate(list(music(3, 6.0)))[:, 0] / 32768
    assert 0.02 < np.sqrt(np.mean(sound**2)) < 0.3
    power = np.abs(np.fft.rfft(sound)) ** 2
    cut = len(power) * 4000 // (RATE_HZ // 2)
    assert power[:cut].sum() > 20 * power[cut:].sum() > 0


def test_vorbis_recordings_are_the_longest_and_no_copies(tmp_path: Path) -> None:
    head = "release,file,format,codec,duration_s\n"
    rows = ["a,1.ogg,ogg,vorbis,10", "b,2.ogg,ogg,vorbis,30", "c,3.mp3,mp3,mp3,90", "duplicates,4.ogg,ogg,vorbis,80"]
    for name in ("a/1.ogg", "b/2.ogg", "c/3.mp3", "duplicates/4.ogg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "index.csv").write_text(head + "\n".join([*rows, "gone,5.ogg,ogg,vorbis,99"]))
    assert longest(str(tmp_path), 31) == [str(tmp_path / "b/2.ogg"), str(tmp_path / "a/1.ogg")]
    assert longest(str(tmp_path), 30) == [str(tmp_path / "b/2.ogg")]
    assert longest(str(tmp_path / "nowhere"), 30) == []


def test_without_a_corpus_vorbis_is_left_out_with_the_reason(tmp_path: Path) -> None:
    read = dict(_read(tmp_path, "rooms"))
    assert isinstance(read["publish.room_vs_shell_vorbis"], Skipped)
    share = read["publish.noncodec_share"]
    assert isinstance(share, Figure) and 0 < share.value < 1
    if shell.missing():
        missing(f"needs the programs of bench/shell_baseline.sh: {shell.missing()}")
    for name in ("publish.room_vs_shell_flac", "publish.room_vs_shell_wav"):
        one = read[name]
        assert isinstance(one, Figure) and one.value > 0 and "mktorrent" in one.against
    assert json.loads(json.dumps(dataclasses.asdict(share)))["unit"] == "ratio"


def test_no_audio_is_read_again_for_torrents(tmp_path: Path) -> None:
    ((_, figure),) = _read(tmp_path, "reads")
    if isinstance(figure, Skipped):
        missing(figure.why)
    assert figure.value == 0
    assert "opened 0 files" in figure.against and "seed opened 0" in figure.against
    assert "(0 while making" not in figure.against  # strace saw the masters decoded, so it would see more


def test_processes_are_watched_and_counted(tmp_path: Path) -> None:
    for group, names in (
        ("workers", {"two_workers_speedup", "two_cores_speedup", "wall_per_audio_hour_s"}),
        ("memory", {f"peak_rss_mb_{one}" for one in ("coordinator", "worker", "seeder", "seeder_serving")}),
    ):
        (tmp_path / group).mkdir()
        for name, one in _read(tmp_path / group, group):
            if isinstance(one, Skipped):
                missing(one.why)
            assert one.value > 0 and one.against
            names.remove(name.removeprefix("publish."))
        assert not names


def _read(tmp_path: Path, group: str) -> list[tuple[str, Figure | Skipped]]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = Bench(scratch=BenchFolder(str(scratch)), corpus=str(tmp_path), runs=1, sound_s=4.0, only=group)
    found = [(one.figure, one) for one in publish.measure(plan)]
    assert list(scratch.iterdir()) == []
    return found
