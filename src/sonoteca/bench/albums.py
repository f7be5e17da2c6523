"""Albums to publish: synthesised recordings (music.py), or the corpus' Vorbis ones (vorbis.py), freed by a manifest.

Takes  the bench, how many recordings and how long.   Gives  a folder of them in the scratch folder.
"""

from sonoteca.bench.music import RATE_HZ, music
from sonoteca.bench.room import files_below
from sonoteca.bench.store import Bench
from sonoteca.bench.vorbis import longest

RIGHTS = b'licence = "CC0-1.0"\nholders = ["Sonoteca bench"]\n'
PIECES = 4
SHORT_S = 60.0  # less is no measurement but a test


def album(bench: Bench, name: str, form: str, pieces: int, seconds: float) -> None:
    """A folder of synthesised recordings, with a manifest that frees them."""
    for number in range(1, pieces + 1):
        path = f"{name}/Bench - 2001 - Album/{number:02} - Piece {number}.{form}"
        bench.scratch.record(path, music(number, seconds), RATE_HZ)
    bench.scratch.write(f"{name}/Bench - 2001 - Album/rights.toml", RIGHTS)


def recordings(bench: Bench, kind: str) -> str:
    """Makes them in the scratch folder under the kind's name; gives why there are none, "" when there are."""
    if kind != "vorbis":
        pieces = PIECES if bench.sound_s >= SHORT_S else 1
        album(bench, kind, kind, pieces, bench.sound_s / pieces)
        return ""
    found = longest(bench.corpus, bench.sound_s)
    if not found:
        return "the corpus has no Vorbis recordings, and PyAV's wheel makes none"
    for number, path in enumerate(found, 1):
        bench.scratch.copy(path, f"vorbis/Bench - 2001 - Album/{number:02} - Piece {number}.ogg")
    bench.scratch.write("vorbis/Bench - 2001 - Album/rights.toml", RIGHTS)
    return ""


def sounds_of(folder: str) -> list[str]:
    """The recordings in a folder, sorted."""
    return [path for path in files_below(folder) if not path.endswith(".toml")]
