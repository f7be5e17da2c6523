"""Compose: the label's whole catalogue, as folders that any archive could be handed.

Takes  a folder that may be new.
Gives  three releases in three habits of keeping music (demo.label): files with tags; one file with a cue sheet; two
       disc folders described by names alone, with a checksum list. Each with a cover, an info.txt and a rights.toml.
Never  anything but the same bytes; a second time nothing is written.
"""

import hashlib
from collections.abc import Iterator

import numpy as np

from sonoteca.demo import cover, room, score, synth
from sonoteca.demo.label import LABEL, WORKS, Work
from sonoteca.demo.wav import format_wav
from sonoteca.ports.demo_folder import DemoFolder, MusicFolder

TAIL_S = 2.0
CUE_FRAME_SAMPLES = 588  # a cue sheet counts frames of 1/75 s

# What to try when the demo stands: (command, what it shows).
TO_TRY: tuple[tuple[str, str], ...] = (
    ("sonoteca search evening", "four tracks, one file: the cue sheet says where each begins, to the sample"),
    (
        "sonoteca status",
        "what is held, why, and the one command that would release it: a folder's own word is only a claim",
    ),
    ("sonoteca verify", "change one byte anywhere in the store and run it again"),
)


def compose(folder: str) -> None:
    """The label's releases below `folder`. Takes some ten seconds; Conflict "exists" when something else is there."""
    compose_into(DemoFolder(folder))


def compose_into(folder: MusicFolder) -> None:
    """The same through any door."""
    for work in WORKS:
        for path, content in files_of(work):
            folder.write(f"{work.folder}/{path}", content)


def files_of(work: Work) -> Iterator[tuple[str, bytes]]:
    """The files of a release, one at a time: the music is the only large thing."""
    yield from SHAPES[work.shape](work)
    yield "cover.png", cover.paint(work.cover)
    yield "info.txt", info(work).encode()
    yield "rights.toml", rights(work).encode()


def sound_of(piece: score.Piece) -> synth.Sound:
    """A piece as it sounds in its room."""
    return room.place(synth.play(score.write(piece), score.length_s(piece, TAIL_S)))


def tagged(work: Work) -> Iterator[tuple[str, bytes]]:
    """A WAV for each piece, with tags inside."""
    for number, piece in enumerate(work.discs[0].pieces, 1):
        tags = {
            "INAM": piece.title,
            "IART": work.artist,
            "IPRD": work.title,
            "ICRD": str(work.year),
            "IPRT": f"{number}/{len(work.discs[0].pieces)}",
            "IGNR": "Ambient",
            "ICOP": "https://creativecommons.org/publicdomain/zero/1.0/",
        }
        yield f"{number:02d} {piece.title}.wav", format_wav(sound_of(piece), tags)


def one_take(work: Work) -> Iterator[tuple[str, bytes]]:
    """All pieces in one WAV, and the cue sheet."""
    sounds = [whole_frames(sound_of(piece)) for piece in work.discs[0].pieces]
    yield f"{work.title}.wav", format_wav(np.concatenate(sounds, axis=1))
    starts = [sum(sound.shape[1] for sound in sounds[:place]) // CUE_FRAME_SAMPLES for place in range(len(sounds))]
    yield f"{work.title}.cue", cue_sheet(work, starts).encode()


def whole_frames(sound: synth.Sound) -> synth.Sound:
    """The sound with silence added up to a whole number of cue frames."""
    return np.pad(sound, ((0, 0), (0, -sound.shape[1] % CUE_FRAME_SAMPLES)))


def cue_sheet(work: Work, starts: list[int]) -> str:
    """The cue sheet for starts in frames."""
    lines = [
        f"REM DATE {work.year}",
        "REM GENRE Ambient",
        f'PERFORMER "{work.artist}"',
        f'TITLE "{work.title}"',
        f'FILE "{work.title}.wav" WAVE',
    ]
    for number, (piece, start) in enumerate(zip(work.discs[0].pieces, starts, strict=True), 1):
        minutes, seconds, frames = start // 4500, start // 75 % 60, start % 75
        lines += [f"  TRACK {number:02d} AUDIO", f'    TITLE "{piece.title}"', f'    PERFORMER "{work.artist}"']
        lines += [f"    INDEX 01 {minutes:02d}:{seconds:02d}:{frames:02d}"]
    return "\r\n".join(lines) + "\r\n"


def plain(work: Work) -> Iterator[tuple[str, bytes]]:
    """Disc folders of WAVs without tags, and what their digests should be."""
    digests = []
    for disc in work.discs:
        for number, piece in enumerate(disc.pieces, 1):
            path = f"{disc.folder}/{number:02d} {piece.title}.wav"
            content = format_wav(sound_of(piece))
            digests.append(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
            yield path, content
    yield "checksums.sha256", "".join(digests).encode()


def info(work: Work) -> str:
    """A few lines to read, as collectors write them."""
    lines = [work.title, work.artist, f"{LABEL} {work.number}, {work.year}", "", work.about, ""]
    for disc in work.discs:
        lines += [disc.folder] if disc.folder else []
        lines += [f"{number:02d}. {piece.title}" for number, piece in enumerate(disc.pieces, 1)]
    lines += [
        "",
        "Source: composed and synthesised by a program, from a seed",
        "Lineage: additive synthesis > 16-bit 44.1 kHz WAV",
        "",
    ]
    return "\n".join(lines)


def rights(work: Work) -> str:
    """The manifest: whose it is and what anyone may do with it."""
    return f"""\
# The demo's own work, given to everyone: {work.title}
license = "CC0-1.0"
license_url = "https://creativecommons.org/publicdomain/zero/1.0/"
kind = "own work"
rights_holders = ["The Sonoteca project"]
notes = "Composed for the demo; every archive makes the same bytes."
"""


SHAPES = {"tagged": tagged, "cue": one_take, "plain": plain}
