"""Stored: small files of a release's object, read when a page needs them.

Takes  a release as the public may see it.   Gives  what a decode gave of a song; the bytes of its artwork.
Never  reads sound.
"""

from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.release import parse_sound
from sonoteca.model.errors import Damaged
from sonoteca.model.sound import Sound
from sonoteca.preserve.deposit import content_path, load_object
from sonoteca.web.memory import Look
from sonoteca.web.public import PublicRelease
from sonoteca.web.site import Site

MAX_SOUND_BYTES = 16 * 1024 * 1024
MAX_PICTURE_BYTES = 12 * 1024 * 1024


def inventory(site: Site, look: Look, found: PublicRelease) -> Inventory:
    """What its object holds."""
    key = ("inventory", found.release.id)
    return look.once(key, lambda: load_object(site.disk, found.release.id), lambda one: 4_000 + 500 * len(one.manifest))


def find_sound(site: Site, look: Look, found: PublicRelease, track: str) -> Sound | None:
    """What the decode of a song gave, None when it was not decoded."""
    kept, path = inventory(site, look, found), f"sound/{track}.json"
    if path not in kept.state():
        return None
    try:
        return parse_sound(site.disk.read(content_path(kept, path), MAX_SOUND_BYTES))
    except ValueError as error:
        raise Damaged("bad-sound", f"it cannot be read ({error})", where=path, cure="sonoteca verify") from error


def find_extract(site: Site, look: Look, found: PublicRelease, track: str, kind: str) -> bytes:
    """What was measured of a song and is a file of its own, b"" when there is none."""
    kept, path = inventory(site, look, found), f"extracts/{track}.{kind}"
    return site.disk.read(content_path(kept, path), MAX_SOUND_BYTES) if path in kept.state() else b""


def find_picture(site: Site, look: Look, found: PublicRelease) -> bytes:
    """Its artwork, b"" when there is none that may be shown."""
    kept = inventory(site, look, found)
    if not found.artwork or found.artwork not in kept.state():
        return b""
    return site.disk.read(content_path(kept, found.artwork), MAX_PICTURE_BYTES)
