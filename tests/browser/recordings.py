"""Recordings: a few releases for the browsers, made on the spot: one plain, one that may not be changed, one hostile.

Takes  a folder.   Gives  folders of FLAC files with tags and a rights.toml each; some seconds of chords a track.
"""

from pathlib import Path

import av
import numpy as np
from mutagen.flac import FLAC

RATE_HZ = 22_050
SECONDS = 20
# Nothing of it may run, be fetched, or push the page out of its frame.
RUNS = "document.documentElement.dataset.ran=1"
SCRIPT = f"<script>{RUNS}</script>"
PICTURE = f'"><img src=x onerror="{RUNS}">'
WIDE = "Donaudampfschifffahrt" * 20
HOSTILE = (
    {"title": SCRIPT, "artist": f"' onmouseover='{RUNS}"},
    {"title": PICTURE, "artist": f"javascript:{RUNS}"},
    {"title": WIDE, "artist": "{{ 7 * 7 }} ${7*7} <%= 7*7 %>"},
    {
        "title": "Back\u202ewards \u2066and\u0007 bell\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
        "artist": "</title><h1>",
    },
)
PLAIN = ("Ferry", "Harbour Lights", "Salt on the Steps", "Last Boat")
KEPT_WHOLE = ("Kettle Song", "Thaw")
# The same words where acquire leaves them as they are: a description, a rights holder, a note; a curator's edit.
EDITED = f"{SCRIPT}{PICTURE}</title></button>{WIDE}"
TEXT = f"{SCRIPT}\n{PICTURE}\n<a href=javascript:{RUNS}>here</a> {WIDE}\n"
RIGHTS = '{key} = "{licence}"\nkind = "own work"\nrights_holders = ["{holder}"]\nnotes = "{holder}"\n'


def write_all(folder: Path) -> None:
    """Four releases. Every track differs, as the same sound is the same recording."""
    plain = [{"title": title, "artist": "Anna Pier"} for title in PLAIN]
    write(folder / "Anna Pier - 2024 - The Long Pier", "CC-BY-4.0", "The Long Pier", plain)
    whole = [{"title": title, "artist": "Two Winters"} for title in KEPT_WHOLE]
    write(folder / "Two Winters - 2021 - Unchanged", "CC-BY-ND-4.0", "Unchanged", whole)
    write(folder / "gone", "CC0-1.0", "Gone", [{"title": "Sold"}])
    write(folder / "hostile", "CC0-1.0", f"{SCRIPT}{PICTURE}{WIDE}", HOSTILE)
    (folder / "hostile" / "info.txt").write_text(TEXT)


def write(folder: Path, licence: str, album: str, tracks: list[dict[str, str]] | tuple[dict[str, str], ...]) -> None:
    """One release."""
    folder.mkdir(parents=True)
    holder = album.replace('"', "'")[:200]
    (folder / "rights.toml").write_text(RIGHTS.format(key="license", licence=licence, holder=holder))
    for number, tags in enumerate(tracks, 1):
        file = folder / f"{number:02}.flac"
        write_sound(file, sum(map(ord, album)) + number)
        flac = FLAC(file)
        flac.update({**tags, "album": album, "tracknumber": str(number), "date": "2024", "genre": "Harbour"})
        flac.save()


def write_sound(file: Path, seed: int) -> None:
    """A chord that swells and fades, another one each bar."""
    beat = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    bar = (beat // 3).astype(int)
    root = 110.0 * 2 ** ((np.array([0, 5, 3, 7, 0, 8, 5, 7])[bar % 8] + seed % 12) / 12)
    swell = 0.15 + np.abs(np.sin(beat * (0.5 + seed % 7 / 10)))
    chord = sum(np.sin(2 * np.pi * root * part * beat) / part for part in (1, 1.5, 2, 2.5))
    samples = (chord * swell * 5000).astype(np.int16)
    with av.open(str(file), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])
