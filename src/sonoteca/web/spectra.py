"""Spectra: what sounds when and how high in a track, as a picture for light pages and one for dark.

Takes  the grey picture that the decode of a track made (extracts/<track>.spectrum.png).
Gives  /spectrum/light/<track>.png, /spectrum/dark/<track>.png: the same pixels in colours of the website.
Never  shows a track that may not be heard, nor hands out a file that is not such a picture to the last bit.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.formats.png import SHADES, coloured
from sonoteca.model.errors import Damaged
from sonoteca.model.ids import TRACK_FORM
from sonoteca.web.media import allowed, lasting, media_of, named
from sonoteca.web.memory import Look
from sonoteca.web.permits import Key
from sonoteca.web.public import find_release
from sonoteca.web.site import site_of
from sonoteca.web.stored import find_extract

KIND = "spectrum.png"
CACHE = "private, max-age=3600"
Colour = tuple[int, int, int]
# From silence to the loudest place: paper, the accent, ink.
_STOPS: dict[str, tuple[Colour, ...]] = {
    "light": ((255, 255, 255), (196, 202, 246), (84, 99, 214), (28, 33, 134), (13, 12, 44)),
    "dark": ((17, 19, 24), (38, 44, 92), (86, 98, 196), (170, 180, 255), (255, 246, 214)),
}


def palette(stops: tuple[Colour, ...]) -> tuple[Colour, ...]:
    """SHADES colours, evenly from stop to stop."""
    steps = SHADES - 1
    found = []
    for shade in range(SHADES):
        place = shade * (len(stops) - 1) / steps
        one, other = stops[int(place)], stops[min(int(place) + 1, len(stops) - 1)]
        red, green, blue = (round(a + (b - a) * (place % 1)) for a, b in zip(one, other, strict=True))
        found.append((red, green, blue))
    return tuple(found)


PALETTES = {name: palette(stops) for name, stops in _STOPS.items()}


async def spectrum(request: Request) -> Response:
    """The picture of a track."""
    track, paper = named(TRACK_FORM, request.path_params["track"]), request.path_params["paper"]
    if paper not in PALETTES:
        raise HTTPException(404)
    site = site_of(request)
    file = (await allowed(media_of(request), Key("track", track))).files[0]

    def load(look: Look) -> bytes:
        found = find_release(look, file.release)
        return find_extract(site, look, found, track, KIND) if found is not None else b""

    grey = await site.look(load)
    if not grey:
        raise HTTPException(404)
    try:
        picture = coloured(grey, PALETTES[paper])
    except ValueError as error:
        where = f"extracts/{track}.{KIND}"
        raise Damaged("bad-picture", f"it cannot be read ({error})", where=where, cure="sonoteca verify") from error
    return Response(picture, media_type="image/png", headers=dict(lasting(cache=CACHE)))


ROUTES = (Route("/spectrum/{paper}/{track}.png", spectrum),)
