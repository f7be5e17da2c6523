"""The bench of the audio room: it runs on seconds, and what is Python is told from what Python calls."""

from pathlib import Path

import pytest

from sonoteca.bench import audio, shell
from sonoteca.bench.audio_interpreter import is_python
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.ports.bench_folder import BenchFolder
from tests.tools import missing


def read(tmp_path: Path, group: str) -> dict[str, Figure | Skipped]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = Bench(scratch=BenchFolder(str(scratch)), corpus=str(tmp_path), runs=1, sound_s=4.0, only=group)
    found = {one.figure: one for one in audio.measure(plan)}
    assert list(scratch.iterdir()) == []
    return found


def test_the_room_beside_the_tools(tmp_path: Path) -> None:
    found = read(tmp_path, "beside-tools")
    assert isinstance(found["audio.room_vs_shell_vorbis"], Skipped)  # there is no corpus here
    cost = found["audio.room_ms_wav"]
    assert isinstance(cost, Figure) and "flac" in cost.against and "opus" in cost.against
    if why := shell.missing(shell.AUDIO):
        missing(f"needs the programs of bench/{shell.AUDIO.name}: {why}")
    for name in ("shell_flac", "shell_flac_small", "shell_wav", "opus_flac"):
        one = found[f"audio.room_vs_{name}"]
        assert isinstance(one, Figure) and one.value > 0
    years = found["audio.core_years_86m"]
    flac = found["audio.room_ms_flac"]
    assert isinstance(years, Figure) and isinstance(flac, Figure)
    assert years.value == pytest.approx(86e6 * 210 * flac.value / 1000 / 31_557_600, rel=0.001)


def test_memory(tmp_path: Path) -> None:
    memory = read(tmp_path, "six-hours")["audio.worker_rss_mb"]
    assert isinstance(memory, Figure) and 20 < memory.value < 400


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("python3.11", True),
        ("libpython3.11.so.1.0", True),
        ("frame.cpython-311-x86_64-linux-gnu.so", True),
        ("codeccontext.abi3.so", True),
        ("_multiarray_umath.cpython-311-x86_64-linux-gnu.so", False),
        ("_pocketfft_umath.cpython-311-x86_64-linux-gnu.so", False),
        ("_hashlib.cpython-311-x86_64-linux-gnu.so", False),
        ("libopus-0c8cd9b1.so.0.11.1", False),
        ("libavcodec-5e6b81c2.so.62.28.102", False),
        ("libc.so.6", False),
        ("[kernel.kallsyms]", False),
    ],
)
def test_python_is_the_interpreter_and_what_stands_between_it_and_the_codecs(library: str, expected: bool) -> None:
    assert is_python(library) is expected
