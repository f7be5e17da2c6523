"""Waveforms: what a track looks like, as a picture for pages and as numbers for the player.

Takes  what the decode of a track measured (sound/<track>.json: one byte a bin, 20 bins a second;
       extracts/<track>.outline: 100 bins a second).
Gives  /waveform/<track>.svg and, for a wider place, /waveform/wide/<track>.svg: of presentation attributes alone and
       one colour that is plain on white and on black; peaks, and in them how loud it is;
       /waveform/<track>.json {"track", "seconds", "peaks"}: at most MAX_PEAKS numbers from 0 to 255;
       /waveform/<track>.outline: the bytes of the outline, for whoever looks closely.
Never  shows a track that may not be heard.
"""

import base64
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.convert.outlines import is_outline
from sonoteca.formats import json
from sonoteca.model.errors import Damaged
from sonoteca.model.ids import TRACK_FORM
from sonoteca.model.sound import Sound
from sonoteca.web.answers import Page, packed, page, respond, weight_of
from sonoteca.web.media import allowed, media_of, named
from sonoteca.web.memory import Look
from sonoteca.web.permits import Key
from sonoteca.web.public import find_release
from sonoteca.web.site import Site, site_of
from sonoteca.web.stored import find_extract, find_sound

MAX_PEAKS = 400
BARS, WIDE_BARS = 150, 300
HEIGHT = 96
LEAST = 1
# 3:1 and more on every paper of the website, light and dark (WCAG 2.2 §1.4.11).
INK = "#6f78c9"
CACHE = "private, max-age=3600"
WIDE = "wide"
OUTLINE = "outline"
BYTES = "application/octet-stream"
KINDS = {"svg": "image/svg+xml", WIDE: "image/svg+xml", "json": "application/json", OUTLINE: BYTES}


async def waveform(request: Request) -> Response:
    """The picture or the numbers of a track."""
    track, ending = named(TRACK_FORM, request.path_params["track"]), request.path_params.get("ending", WIDE)
    if ending not in KINDS:
        raise HTTPException(404)
    site = site_of(request)
    file = (await allowed(media_of(request), Key("track", track))).files[0]

    key = ("waveform", file.release, track, ending)
    kept: Page | None = site.memory.find(site.memory.version(), key)
    found = kept or await site.look(
        lambda look: look.once(key, lambda: _made(site, look, file.release, track, ending), weight_of)
    )
    if found is None:
        raise HTTPException(404)
    return respond(request, found)


def _made(site: Site, look: Look, release: str, track: str, ending: str) -> Page | None:
    found = find_release(look, release)
    sound = find_sound(site, look, found, track) if found is not None else None
    if found is None or sound is None:
        return None
    if ending == OUTLINE:
        return _outline(find_extract(site, look, found, track, OUTLINE), track, sound)
    text = drawn(sound, WIDE_BARS if ending == WIDE else BARS) if ending != "json" else numbers(track, sound)
    return page(text, media_type=KINDS[ending], cache=CACHE)


def _outline(raw: bytes, track: str, sound: Sound) -> Page | None:
    if not raw:
        return None
    if not is_outline(raw, sound):
        where = f"extracts/{track}.{OUTLINE}"
        raise Damaged("bad-outline", "it is not as long as its sound", where=where, cure="sonoteca verify")
    return packed(raw, media_type=BYTES, cache=CACHE)


def drawn(sound: Sound, most: int) -> str:
    """The picture of at most so many bars: of the overview, or of the waveform alone where there is none."""
    seen = base64.b64decode(sound.overview)
    if seen:
        return picture(reduced(seen[::2], most), averaged(seen[1::2], most))
    return picture(reduced(base64.b64decode(sound.waveform), most))


def reduced(peaks: Sequence[int], most: int) -> list[int]:
    """At most so many peaks: each the largest of those that it stands for."""
    return [max(peaks[start:end]) for start, end in _parts(len(peaks), most)]


def averaged(levels: Sequence[int], most: int) -> list[int]:
    """At most so many levels: each the root of the mean square of those that it stands for."""
    parts = (levels[start:end] for start, end in _parts(len(levels), most))
    return [round(math.sqrt(sum(one * one for one in part) / len(part))) for part in parts]


def _parts(count: int, most: int) -> Iterator[tuple[int, int]]:
    kept = min(most, count)
    return pairwise([place * count // kept for place in range(kept + 1)] if kept else [0])


def picture(peaks: Sequence[int], levels: Sequence[int] = ()) -> str:
    """Bars around a middle line, as tall as the loudest one allows; within each, stronger, its level."""
    found = list(peaks) or [0]
    loudest = max(max(found), 1)
    box = f'viewBox="0 0 {4 * len(found)} {HEIGHT}" preserveAspectRatio="none"'
    strength = ' stroke-opacity="0.5"' if levels else ""
    paths = _path(found, loudest, strength) + (_path(levels, loudest, "") if levels else "")
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{paths}</svg>\n'


def _path(bars: Sequence[int], loudest: int, more: str) -> str:
    middle = HEIGHT // 2
    heights = [max(LEAST, round(one * (middle - 2) / loudest)) for one in bars]
    path = "".join(f"M{4 * place + 2} {middle - high}v{2 * high}" for place, high in enumerate(heights))
    return f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="2.5"{more}/>'


def numbers(track: str, sound: Sound) -> str:
    """The peaks for the player."""
    peaks = base64.b64decode(sound.waveform)
    seconds = sound.samples / sound.sample_rate_hz if sound.sample_rate_hz else 0.0
    said = {"track": track, "seconds": round(seconds, 3), "peaks": reduced(peaks, MAX_PEAKS)}
    return json.format(said).decode()


ROUTES = (Route("/waveform/wide/{track}.svg", waveform), Route("/waveform/{track}.{ending}", waveform))
