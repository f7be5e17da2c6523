"""Mutations: files that were good, changed in ways that disks, transfers and malice change them. By number, so that a
number is enough to have one again."""

import random
from collections.abc import Callable
from pathlib import Path

Mutation = Callable[[random.Random, bytearray, bytes], bytearray]
HEAD_BYTES = 512


def flips(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """Bits anywhere."""
    for _ in range(chance.choice((1, 3, 20, 200))):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return raw


def header(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """Bytes at the beginning, where lengths and counts stand."""
    for _ in range(chance.choice((1, 2, 8))):
        place = chance.randrange(min(len(raw), HEAD_BYTES))
        raw[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return raw


def cut_end(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """A download that broke off; sometimes nothing is left."""
    return raw[: chance.randrange(len(raw))]


def cut_inside(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """A piece that is missing."""
    start = chance.randrange(len(raw))
    del raw[start : start + chance.choice((1, 7, 512, 4096, 100_000))]
    return raw


def cut_start(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """The beginning missing."""
    return raw[chance.randrange(1, min(len(raw), 100_000)) :]


def splice(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """A piece of another file, of another format, put in or over."""
    start, size = chance.randrange(len(raw)), chance.choice((16, 4096, 65_536))
    piece = other[(at := chance.randrange(len(other))) : at + size]
    end = start + (len(piece) if chance.random() < 0.5 else 0)
    raw[start:end] = piece
    return raw


def joined(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """The beginning of one file and the end of another."""
    return raw[: chance.randrange(len(raw))] + other[chance.randrange(len(other)) :]


def zeros(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """Blocks that a disk gave back empty."""
    start = chance.randrange(len(raw)) // 512 * 512
    size = min(chance.choice((512, 4096, 65_536)), len(raw) - start)
    raw[start : start + size] = bytes(size)
    return raw


def doubled(chance: random.Random, raw: bytearray, other: bytes) -> bytearray:
    """A piece twice."""
    start = chance.randrange(len(raw))
    size = chance.choice((27, 4096, 100_000))
    raw[start:start] = raw[start : start + size]
    return raw


MUTATIONS: tuple[Mutation, ...] = (
    flips,
    header,
    cut_end,
    cut_inside,
    cut_start,
    splice,
    joined,
    zeros,
    doubled,
)


def mutated(number: int, originals: list[Path]) -> tuple[str, bytes]:
    """The name and bytes of one of them; the ending stays that of the original."""
    chance = random.Random(f"sonoteca {number}")
    original, other = originals[number % len(originals)], chance.choice(originals)
    mutation = MUTATIONS[number // len(originals) % len(MUTATIONS)]
    raw = mutation(chance, bytearray(original.read_bytes()), other.read_bytes())
    return f"{number:05}-{mutation.__name__}-{original.name}", bytes(raw)
