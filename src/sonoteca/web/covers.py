"""Covers: a picture for every release that has none: shapes and colours from its id, its title set in. Pure.

Takes  a release's id, title and artist.
Gives  an SVG, the same for ever for the same three; made of presentation attributes only, so that no policy against
       inline styles touches it, and no font but those of the reader's machine.
Never  puts a text into the picture that was not cleaned and escaped.

Whoever changes a drawing or a palette changes the face of releases: tests hold one of each family.
"""

import hashlib
import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sonoteca.web.text import line, xml

SIDE = 600
MARGIN = 40
MAX_LINES = 4
SERIF = "Iowan Old Style, Palatino Nova, Palatino, Book Antiqua, Georgia, Noto Serif, serif"
SANS = "Avenir Next, Seravek, Segoe UI, Helvetica Neue, Noto Sans, Arial, sans-serif"

# Ems that narrow letters, wide ones, capitals and all others take in the widest of these fonts that is likely (DejaVu,
# where none of those named is there): which font the reader's machine takes cannot be known here.
Widths = tuple[float, float, float, float]
REGULAR: Widths = (0.36, 1.05, 0.76, 0.61)
BOLD: Widths = (0.40, 1.12, 0.81, 0.69)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A ground, what is written on it, and three or four inks."""

    ground: str
    type: str
    inks: tuple[str, ...]


PALETTES = (
    Palette(ground="#f3ead9", type="#22252b", inks=("#d8432e", "#21409a", "#f0b429", "#22252b")),
    Palette(ground="#10243e", type="#f6efe2", inks=("#f2a541", "#e4572e", "#76b5c5", "#f6efe2")),
    Palette(ground="#e7ecdf", type="#1d3026", inks=("#2f6f4f", "#a9c29a", "#e2725b", "#1d3026")),
    Palette(ground="#2b1a2f", type="#fbe9dd", inks=("#f06c64", "#f7b267", "#7a4e9c", "#fbe9dd")),
    Palette(ground="#f7dcd3", type="#3b1322", inks=("#b3243f", "#ef8a7a", "#3b1322", "#f4b860")),
    Palette(ground="#dfe8ef", type="#14213d", inks=("#14213d", "#fca311", "#5b84b1", "#fdfcf8")),
    Palette(ground="#0f3d3a", type="#f1f0dc", inks=("#f1c453", "#83e1c0", "#ef6f51", "#f1f0dc")),
    Palette(ground="#efe7f3", type="#2a1c3f", inks=("#5b3fa0", "#f08a4b", "#c9a7e8", "#2a1c3f")),
    Palette(ground="#1b1b1e", type="#eeeae3", inks=("#e0e55c", "#8f8d88", "#eeeae3", "#ff6f59")),
    Palette(ground="#f4c95d", type="#2c1b18", inks=("#2c1b18", "#dd5e32", "#fff4d8", "#2e7f8c")),
)


class Dice:
    """Numbers that follow from an id, in a fixed order."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._place = 0

    def below(self, count: int) -> int:
        """One of 0 … count - 1."""
        self._place += 1
        return (
            int.from_bytes(hashlib.sha256(f"sonoteca cover 1 {self._seed} {self._place}".encode()).digest()[:6]) % count
        )

    def between(self, low: float, high: float) -> float:
        """A number from low to high, in a thousand steps."""
        return low + (high - low) * self.below(1001) / 1000

    def pick(self, some: tuple[str, ...]) -> str:
        """One of them."""
        return some[self.below(len(some))]


Drawing = Callable[[Dice, Palette], Iterator[str]]


def draw(release: str, title: str, artist: str) -> str:
    """The picture of a release."""
    dice = Dice(release)
    palette = PALETTES[dice.below(len(PALETTES))]
    family = FAMILIES[dice.below(len(FAMILIES))]
    shapes = "".join(family(dice, palette))
    label = xml(f"{title}, {artist}" if artist else title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{label}">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="{palette.ground}"/>{shapes}'
        f"{_title(title, artist, palette, dice)}</svg>\n"
    )


# ── what is drawn: in the upper 420 of 600; the title has the rest ───────────────────────────────────────────────────

FLOOR = 424


def grooves(dice: Dice, palette: Palette) -> Iterator[str]:
    """The grooves of a record, cut off by the edge of the picture."""
    x, y = dice.between(140, 460), dice.between(60, 330)
    radius = dice.between(250, 330)
    yield _clip()
    yield '<g clip-path="url(#a)" fill="none">'
    yield _disc(x, y, radius, f'fill="{palette.inks[3]}"')
    gap = 9 + dice.below(5)
    for step in range(int((radius - 92) / gap)):
        ink = palette.inks[0] if dice.below(7) == 0 else palette.ground
        width = 1.2 if dice.below(3) else 3
        yield _disc(x, y, radius - gap * (step + 1), f'stroke="{ink}" stroke-width="{width}" opacity=".55"')
    yield _disc(x, y, 78, f'fill="{palette.inks[0]}"')
    yield f'<path d="M{x - 78:.0f} {y:.0f}a78 78 0 0 1 156 0z" fill="{palette.inks[1]}"/>'
    yield _disc(x, y, 9, f'fill="{palette.ground}"') + "</g>"


def hills(dice: Dice, palette: Palette) -> Iterator[str]:
    """A sun behind waves of land."""
    x, y, r = dice.between(150, 450), dice.between(110, 190), dice.between(60, 105)
    yield _disc(x, y, r, f'fill="{palette.inks[0]}"')
    count = 5
    for layer in range(count):
        base = 190 + layer * 50
        swell, speed, shift = dice.between(18, 46), dice.between(0.7, 1.7), dice.between(0, 6.28)
        points = [
            (place * 25, base + swell * math.sin(place * 25 / SIDE * 6.28 * speed + shift)) for place in range(25)
        ]
        path = " ".join(f"{px} {py:.1f}" for px, py in points)
        ink = palette.inks[(layer + 1) % 3] if layer < count - 1 else palette.ground
        yield f'<path d="M0 {SIDE}L{path}L{SIDE} {SIDE}z" fill="{ink}" opacity="{1 if layer == count - 1 else 0.9}"/>'


def tiles(dice: Dice, palette: Palette) -> Iterator[str]:
    """Quarters and halves of circles on a grid."""
    side = SIDE // 6
    for row in range(4):
        for column in range(6):
            x, y, kind = column * side, row * side, dice.below(7)
            back, front = dice.pick(palette.inks), dice.pick(palette.inks)
            if kind == 6:
                continue
            if back != front and kind % 2:
                yield f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{back}"/>'
            yield f'<path d="{_tile(kind, x, y, side)}" fill="{front}"/>'


def _tile(kind: int, x: int, y: int, side: int) -> str:
    far_x, far_y, half = x + side, y + side, side // 2
    return (
        f"M{x} {y}H{far_x}A{side} {side} 0 0 1 {x} {far_y}z",
        f"M{far_x} {y}V{far_y}A{side} {side} 0 0 1 {x} {y}z",
        f"M{far_x} {far_y}H{x}A{side} {side} 0 0 1 {far_x} {y}z",
        f"M{x} {far_y}V{y}A{side} {side} 0 0 1 {far_x} {far_y}z",
        f"M{x} {y + half}a{half} {half} 0 0 1 {side} 0z",
        f"M{x + half} {y}a{half} {half} 0 0 1 0 {side}a{half} {half} 0 0 1 0 -{side}z",
    )[kind]


def strings(dice: Dice, palette: Palette) -> Iterator[str]:
    """Upright bars with round ends, as if a sound were seen."""
    count = 15 + 2 * dice.below(5)
    gap = (SIDE - 2 * MARGIN) / count
    speed, shift = dice.between(0.8, 2.2), dice.between(0, 6.28)
    middle = 226
    for place in range(count):
        swell = 0.55 + 0.45 * math.sin(place / count * 6.28 * speed + shift)
        height = 26 + 165 * swell * dice.between(0.55, 1)
        x = MARGIN + gap * (place + 0.5)
        ink = palette.inks[0] if dice.below(4) else palette.inks[1 + dice.below(2)]
        yield (
            f'<path d="M{x:.1f} {middle - height:.1f}V{middle + height:.1f}" stroke="{ink}" '
            f'stroke-width="{gap * 0.56:.1f}" stroke-linecap="round"/>'
        )


def moons(dice: Dice, palette: Palette) -> Iterator[str]:
    """Two or three discs that lie over each other; where they do, a third colour."""
    yield _clip()
    yield '<g clip-path="url(#a)">'
    x, y, r = dice.between(170, 300), dice.between(170, 250), dice.between(130, 180)
    angle, s = dice.between(-0.7, 0.9), r * dice.between(0.62, 0.95)
    far_x, far_y = x + (r * 0.95) * math.cos(angle), y + (r * 0.95) * math.sin(angle)
    yield f'<clipPath id="b"><circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}"/></clipPath>'
    yield _disc(x, y, r, f'fill="{palette.inks[0]}"')
    yield _disc(far_x, far_y, s, f'fill="{palette.inks[1]}"')
    yield _disc(far_x, far_y, s, f'fill="{palette.inks[3]}" clip-path="url(#b)"')
    lines = 4 + dice.below(5)
    for place in range(lines):
        level = FLOOR - 20 - place * (14 + 2 * place)
        yield f'<path d="M0 {level}H{SIDE}" stroke="{palette.inks[2]}" stroke-width="{max(2, 9 - place)}"/>'
    yield "</g>"


def ribbons(dice: Dice, palette: Palette) -> Iterator[str]:
    """Bands that run side by side and turn together."""
    yield _clip()
    turns_left = dice.below(2)
    width = 26 + dice.below(3) * 6
    x, y = (dice.between(330, 470) if turns_left else dice.between(130, 270)), dice.between(150, 260)
    flip = f' transform="matrix(-1 0 0 1 {SIDE} 0)"' if turns_left else ""
    x = SIDE - x if turns_left else x
    yield f'<g clip-path="url(#a)"><g fill="none" stroke-width="{width - 5}"{flip}>'
    for band in range(9):
        ink = palette.inks[band % len(palette.inks)]
        r = 34 + band * width
        yield f'<path d="M-20 {y - r:.0f}H{x:.0f}A{r} {r} 0 0 1 {x + r:.0f} {y:.0f}V{SIDE}" stroke="{ink}"/>'
    yield "</g></g>"


FAMILIES: tuple[Drawing, ...] = (grooves, hills, tiles, strings, moons, ribbons)


def _disc(x: float, y: float, radius: float, look: str) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" {look}/>'


def _clip() -> str:
    return f'<clipPath id="a"><rect width="{SIDE}" height="{FLOOR}"/></clipPath>'


# ── the title ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _title(title: str, artist: str, palette: Palette, dice: Dice) -> str:
    font = (SERIF, SANS)[dice.below(2)]
    size, lines = _set(line(title, 160), BOLD if font is SANS else REGULAR)
    room = SIDE - FLOOR
    height = size * 1.12 * len(lines) + (30 if artist else 0)
    top = FLOOR + (room - height) / 2 + size * 0.86
    weight = "700" if font is SANS else "500"
    said = "".join(
        f'<tspan x="{MARGIN}" y="{top + size * 1.12 * place:.0f}">{xml(one)}</tspan>' for place, one in enumerate(lines)
    )
    below = top + size * 1.12 * (len(lines) - 1) + 34
    look = f'font-size="{size}" font-weight="{weight}"'
    by = f'<text x="{MARGIN}" y="{below:.0f}" font-size="23" opacity=".85">{xml(_cut(artist, 42))}</text>'
    return (
        f'<rect y="{FLOOR}" width="{SIDE}" height="{room}" fill="{palette.ground}"/>'
        f'<g fill="{palette.type}" font-family="{font}"><text {look}>{said}</text>{by if artist else ""}</g>'
    )


def _set(title: str, widths: Widths) -> tuple[int, list[str]]:
    """The largest type in which the title has room, and its lines."""
    for size, most in ((54, 1), (46, 2), (36, 2), (30, 3), (25, 4)):
        lines = _wrapped(title, (SIDE - 2 * MARGIN) / size, widths)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: MAX_LINES - 1], _cut(lines[MAX_LINES - 1] + " …", 40)]


def _wrapped(title: str, room_ems: float, widths: Widths) -> list[str]:
    lines = [""]
    for word in _words(title, room_ems, widths):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _ems(longer, widths) > room_ems:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _words(title: str, room_ems: float, widths: Widths) -> Iterator[str]:
    """Words that fit into a line; what is longer, or of a script without spaces, is cut."""
    for word in title.split(" "):
        piece = ""
        for letter in word:
            if _ems(piece + letter, widths) > room_ems:
                yield piece
                piece = ""
            piece += letter
        yield piece


def _ems(text: str, widths: Widths) -> float:
    return sum(_em(letter, widths) for letter in text)


def _em(letter: str, widths: Widths) -> float:
    narrow, wide, capital, other = widths
    if letter in " ijl.,'I":
        return narrow
    if letter in "MWmw@%&—" or unicodedata.east_asian_width(letter) in "WF":
        return wide
    return capital if letter.isupper() else other


def _cut(text: str, max_characters: int) -> str:
    text = line(text)
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"
