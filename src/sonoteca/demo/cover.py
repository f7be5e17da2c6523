"""Cover: geometric pictures for the fronts of the label's releases, painted with numpy.

Takes  the name of a drawing.
Gives  a PNG: SIDE × SIDE, 8 bits a colour. Edges are softened over one pixel, so nothing is jagged.
"""

import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]  # one number a pixel
Picture = NDArray[np.float64]  # red, green, blue from 0 to 1 for each

SIDE = 900
PIXEL = 2 / SIDE
TILES = 6


def paint(name: str) -> bytes:
    """The PNG of a drawing."""
    return format_png(DRAWINGS[name]())


def format_png(picture: Picture) -> bytes:
    """A PNG of the picture (ISO/IEC 15948): one IDAT, every line filtered by "sub"."""
    pixels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    height, width, _ = pixels.shape
    lines = pixels.copy()
    lines[:, 1:] -= pixels[:, :-1]
    filtered = np.concatenate([np.ones((height, 1), np.uint8), lines.reshape(height, width * 3)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in chunks)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Length, kind, content, checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


# ── brushes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def canvas() -> tuple[Field, Field]:
    """The coordinates of each pixel: x from -1 (left) to 1, y from -1 (top) to 1."""
    line = (np.arange(SIDE) + 0.5) * PIXEL - 1
    x, y = np.meshgrid(line, line)
    return x, y


def colour(text: str) -> Picture:
    """A colour from "rrggbb"."""
    return np.array([int(text[place : place + 2], 16) / 255 for place in (0, 2, 4)])


def inside(distance: Field) -> Field:
    """1 where a signed distance is negative, 0 where it is positive, soft over one pixel."""
    return np.clip(0.5 - distance / PIXEL, 0, 1)


def ramp(along: Field, *stops: tuple[float, str]) -> Picture:
    """A gradient: colours at places along a field."""
    places = [place for place, _ in stops]
    colours = np.array([colour(text) for _, text in stops])
    return np.stack([np.interp(along, places, colours[:, channel]) for channel in range(3)], axis=-1)


def cover_with(picture: Picture, where: Field, what: Picture) -> None:
    """Paints over the picture, as thick as `where` says."""
    picture += where[..., None] * (what - picture)


# ── drawings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def lantern() -> Picture:
    """A lantern with rings of light, above hills of rain."""
    x, y = canvas()
    away = np.hypot(x, y + 0.2)
    picture = ramp(y, (-1, "0b1533"), (0.1, "16365c"), (1, "0d5c63"))
    cover_with(picture, 0.75 * np.exp(-((away / 0.55) ** 2)), colour("f2a65a"))
    for ring in range(1, 15):
        radius = 0.2 + 0.085 * ring
        cover_with(picture, inside(np.abs(away - radius) - 0.0022) * (0.75 / ring**0.6), colour("ffd9a0"))
    cover_with(picture, inside(away - 0.2), ramp(y, (-0.4, "fff6df"), (0.0, "ffc46b")))
    hills = ("1d4e6b", "17405e", "113350", "0b2541", "071a30")
    for place, tint in enumerate(hills):
        crest = (
            0.3
            + 0.14 * place
            + 0.07 * np.sin(x * (2.1 + 0.55 * place) + 1.7 * place)
            + 0.025 * np.sin(x * 5.3 - 2.2 * place)
        )
        cover_with(picture, inside(crest - y) * 0.93, colour(tint))
        cover_with(
            picture,
            inside(np.abs(y - crest) - 0.0025) * (0.65 - 0.1 * place) * np.exp(-((x / 0.7) ** 2)),
            colour("ffc98a"),
        )
    return picture


def evening() -> Picture:
    """The sun going down behind the sea, its light in stripes, three piers."""
    x, y = canvas()
    sky = ramp(y, (-1, "2d2150"), (-0.45, "7b3f74"), (-0.05, "e2725b"), (0.22, "ffcf8b"))
    sea = ramp(y, (0.22, "c4586a"), (0.45, "5d3a75"), (1, "1c1840"))
    picture = np.where((y < 0.22)[..., None], sky, sea)
    sun = inside(np.hypot(x, y - 0.1) - 0.42) * inside(y - 0.22)
    cover_with(picture, sun, ramp(y, (-0.32, "ffe9b8"), (0.22, "ff9e64")))
    stripes = 11
    for place in range(stripes):
        middle = 0.255 + 0.066 * place
        thick = 0.006 + 0.0016 * place
        long = (0.44 - 0.028 * place) * (1.0 if place % 2 else 0.72)
        shift = 0.05 * np.sin(2.4 * place)
        stripe = np.maximum(np.abs(x - shift) - long, 0)
        cover_with(
            picture, inside(np.hypot(stripe, y - middle) - thick) * 0.9, ramp(y, (0.22, "ffd596"), (1, "d6697a"))
        )
    for left, scale in ((-0.66, 1.0), (0.74, 0.45)):
        waterline = 0.24 + 0.06 * scale
        cover_with(picture, boat((x - left) / scale, 0.06 + (y - waterline) / scale), colour("160f2e"))
        cover_with(picture, boat((x - left) / scale, 0.06 + (waterline - y) / (0.7 * scale)) * 0.3, colour("160f2e"))
    return picture


def boat(x: Field, y: Field) -> Field:
    """Hull and two sails, as wide as 0.4; its waterline is y = 0.06."""
    hull = np.maximum.reduce([np.abs(x) - 0.2 + 0.9 * np.maximum(y, 0), -y, y - 0.06])
    main = np.maximum.reduce([-x, x - 0.17 * (y + 0.52) / 0.5, y + 0.03])
    jib = np.maximum.reduce([x + 0.02, -x - 0.02 - 0.13 * (y + 0.44) / 0.4, y + 0.05])
    return inside(np.minimum.reduce([hull, main, jib]))


def winters() -> Picture:
    """Quarter circles on a square grid: a winter in blue, and one that is giving way."""
    x, y = canvas()
    dice = random.Random(3)
    cold = ("f4f8fb", "0f2c4c", "2f6690", "9ccbe0", "d9423a")
    thaw = ("f4f8fb", "16453e", "3a7d5d", "b7d9a8", "f0b23e")
    picture = np.zeros((SIDE, SIDE, 3))
    size = 2 / TILES
    for row in range(TILES):
        for column in range(TILES):
            palette = thaw if dice.random() * (TILES - 1) < column - 0.8 else cold
            back, front = [(0, 1), (1, 3), (3, 2), (2, 0), (1, 0), (0, 2), (3, 1)][int(dice.random() * 7)]
            front = 4 if dice.random() < 0.09 else front
            corner_x = column + (dice.random() < 0.5)
            corner_y = row + (dice.random() < 0.5)
            tile = np.s_[
                round(row * SIDE / TILES) : round((row + 1) * SIDE / TILES),
                round(column * SIDE / TILES) : round((column + 1) * SIDE / TILES),
            ]
            away = np.hypot(x[tile] + 1 - corner_x * size, y[tile] + 1 - corner_y * size) / size
            square = np.ones(away.shape)
            cover_with(picture[tile], square, colour(palette[back]))
            cover_with(picture[tile], inside((away - 1) * size), colour(palette[front]))
            if dice.random() < 0.4:
                cover_with(picture[tile], inside((away - 0.5) * size), colour(palette[back]))
    return picture


DRAWINGS: dict[str, Callable[[], Picture]] = {"lantern": lantern, "evening": evening, "winters": winters}
