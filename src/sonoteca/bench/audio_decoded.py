"""Decoded: recordings put through the audio room alone, with an account of what it spent.

Takes  recordings; how many at once.   Gives  an Account.

What is counted: this process with its threads, the steward and every limited process (all have ended): starting
processes, decoding, everything that the decode feeds, reading the answer, and sealing what was made (digest, piece
layers, sync). Not counted: the probe and the hashes of the masters (intake), deposit, catalogue, volumes.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sonoteca.acquire.probe import probe
from sonoteca.bench.figures import flush, spend
from sonoteca.bench.room import HASHING, Account, TimedDisk
from sonoteca.bench.store import Bench
from sonoteca.convert.libraries import library_versions
from sonoteca.convert.recipes import ACCESS, ARCHIVE, Recipe, fits_flac, recipe_id
from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import RenderOrder, Span, Wanted
from sonoteca.pipeline.archive import open_archive
from sonoteca.pipeline.render import Rendered, render
from sonoteca.ports.workshop_processes import ProcessWorkshop

STAGING = "quarantine/render-bench"
TAGS = (("TITLE", "Piece"), ("ARTIST", "Bench"), ("ALBUM", "Album"), ("LICENSE", "https://example.org/licence"))


def through_room(bench: Bench, files: Sequence[str], jobs: int = 1) -> Account:
    """Everything that is made and measured of these recordings; nothing of it is left."""
    root = bench.new_archive("room")
    studio = ProcessWorkshop(sorted({os.path.dirname(path) for path in files}))
    disk = TimedDisk(root)
    archive = replace(open_archive(root), disk=disk, studio=studio)
    staging = os.path.join(root, STAGING)
    orders = [order_of(path, os.path.join(staging, str(number)), number) for number, path in enumerate(files)]
    came = list[Rendered]()

    def deed() -> None:
        with ThreadPoolExecutor(jobs) as threads:
            came.extend(threads.map(lambda one: render(archive, one, _staging(one)), orders))
        archive.close()

    flush()
    spent = spend(deed)
    bench.scratch.remove("room")
    named = {HASHING: disk.hashing_s}
    for name, seconds in (pair for one in came for pair in one.cpu_s):
        named[name] = named.get(name, 0.0) + seconds
    sounds = [sound for one in came for sound in one.sounds]
    if any(sound.is_refused or not sound.made for sound in sounds):
        raise RuntimeError(f"the bench's own recordings were not made: {[sound.findings for sound in sounds]}")
    audio_s = sum(sound.samples / sound.sample_rate_hz for sound in sounds)
    return Account(spent=spent, named_s=named, audio_s=audio_s, worker_bytes=studio.usage.rss_bytes)


def _staging(order: RenderOrder) -> str:
    return f"{STAGING}/{os.path.basename(order.folder)}"


def order_of(path: str, folder: str, number: int, max_seconds: float = 1e6) -> RenderOrder:
    """Everything that the recipes make of a recording."""
    audio = probe(path, os.path.basename(path)).audio
    if audio is None:
        raise RuntimeError(f"the bench's own recording cannot be read: {path}")
    track = track_id(recording_id(Digest(hashlib.sha256(path.encode()).hexdigest())))
    wanted = tuple(
        Wanted(
            recipe=recipe_id(one.name, library_versions()),
            tier=one.tier,
            name=track + one.ending,
            tags=TAGS,
            serial="ab" * 32,
        )
        for one in _recipes(audio)
    )
    return RenderOrder(
        path=path,
        folder=folder,
        master=f"masters/{number}",
        audio=audio,
        spans=(Span(track=track, wanted=wanted),),
        max_seconds=max_seconds,
    )


def _recipes(audio: AudioFacts) -> tuple[Recipe, ...]:
    return (ACCESS, ARCHIVE) if fits_flac(audio) and audio.codec != "flac" else (ACCESS,)
