"""Magnet: links to torrents from anybody (BEP 9, 52, 53), read strictly. Pure; torrents/assemble.py writes ours.

Takes  a link, at most MAX_CHARACTERS.
Gives  Magnet: infohashes, a name to show, trackers, web seeds, peers, and which files are meant (`so`).
Never  gives a hash that is not one, two different hashes of one kind, a tracker or web seed with another scheme than it
       may have, a name with something in it that cannot be shown. Malformed says what is wrong. Parameters that are
       not known (xl, kt, mt …) are passed over.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from sonoteca.model.malformed import Malformed
from sonoteca.model.torrent import InfoHashes

MAX_CHARACTERS = 16_384
MAX_PARAMETERS = 200
MAX_OF_A_KIND = 64
MAX_NAME = 300
MAX_FILES = 100_000
SCHEME = "magnet:?"
_BTIH, _BTMH = "urn:btih:", "urn:btmh:"
_HEX40, _HEX64 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")
_BASE32 = re.compile(r"[a-z2-7]{32}")
_MULTIHASH = "1220"  # sha2-256, 32 bytes
_TRACKERS, _WEB = frozenset({"http", "https", "udp"}), frozenset({"http", "https"})
_SPAN = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_PEER = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[0-9a-zA-Z.-]{1,253}):([0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnet:
    """What a link says. `peers` are "host:port"; `only` are numbers of files, () for all."""

    hashes: InfoHashes
    name: str = ""
    trackers: tuple[str, ...] = ()
    web_seeds: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    only: tuple[int, ...] = ()


def parse(link: str) -> Magnet:
    """The link; Malformed says what is wrong with it."""
    if len(link) > MAX_CHARACTERS:
        raise Malformed("B201", f"a link of more than {MAX_CHARACTERS} characters")
    if not link.isascii() or not link.isprintable() or " " in link:
        raise Malformed("B202", "a link has printable ASCII characters and no blanks")
    if link[: len(SCHEME)].lower() != SCHEME:
        raise Malformed("B202", f"a link that begins with {SCHEME} was expected")
    said = _parameters(link[len(SCHEME) :])
    return Magnet(
        hashes=_hashes(said.get("xt", [])),
        name=_name(said.get("dn", [])),
        trackers=_addresses(said.get("tr", []), _TRACKERS, "a tracker"),
        web_seeds=_addresses(said.get("ws", []), _WEB, "a web seed"),
        peers=tuple(dict.fromkeys(map(_peer, said.get("x.pe", [])))),
        only=_only(said.get("so", [])),
    )


def _parameters(query: str) -> dict[str, list[str]]:
    """Values by name, still escaped; "xt.1" and "xt.2" are "xt" said several times."""
    parts = query.split("&")
    if len(parts) > MAX_PARAMETERS:
        raise Malformed("B201", f"more than {MAX_PARAMETERS} parameters")
    found: dict[str, list[str]] = {}
    for part in filter(None, parts):
        key, _, value = part.partition("=")
        kind = re.sub(r"\.[0-9]{1,3}\Z", "", key.lower())
        found.setdefault(kind, []).append(value)
        if len(found[kind]) > MAX_OF_A_KIND:
            raise Malformed("B201", f"more than {MAX_OF_A_KIND} of one kind of parameter")
    return found


def _hashes(said: list[str]) -> InfoHashes:
    found: dict[str, set[str]] = {"v1": set(), "v2": set()}
    for value in said:
        text = unquote(value).lower()
        if text.startswith(_BTIH):
            found["v1"].add(_v1(text.removeprefix(_BTIH)))
        elif text.startswith(_BTMH):
            found["v2"].add(_v2(text.removeprefix(_BTMH)))
    if len(found["v1"]) > 1 or len(found["v2"]) > 1:
        raise Malformed("B204", "two different infohashes of one kind")
    if not found["v1"] and not found["v2"]:
        raise Malformed("B205", "no infohash (xt=urn:btih:… or urn:btmh:…)")
    return InfoHashes(v1="".join(found["v1"]), v2="".join(found["v2"]))


def _v1(text: str) -> str:
    if _HEX40.fullmatch(text):
        return text
    if _BASE32.fullmatch(text):
        return base64.b32decode(text.upper()).hex()
    raise Malformed("B203", "an infohash (btih) has 40 hexadecimal digits, or 32 letters of base32")


def _v2(text: str) -> str:
    digest = text.removeprefix(_MULTIHASH)
    if digest == text or not _HEX64.fullmatch(digest):
        raise Malformed("B203", "an infohash (btmh) is 1220 and 64 hexadecimal digits")
    return digest


def _name(said: list[str]) -> str:
    """To be shown, and never to be a path."""
    raw = said[0].replace("+", " ") if said else ""
    name = unquote(raw, errors="replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)[:MAX_NAME]


def _addresses(said: list[str], schemes: frozenset[str], what: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for value in said for address in _address(value, schemes, what)))


def _address(value: str, schemes: frozenset[str], what: str) -> Iterator[str]:
    text = _plain(value)
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise Malformed("B206", f"{what} is no address")
    if parts.scheme in schemes:  # wss and others are somebody else's
        yield text


def _plain(value: str) -> str:
    try:
        text = unquote_to_bytes(value).decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("B206", "an address that is not ASCII") from error
    if not text.isprintable() or " " in text or "\\" in text:
        raise Malformed("B206", "an address with characters that no address has")
    return text


def _peer(value: str) -> str:
    found = _PEER.fullmatch(_plain(value))
    if found is None or not 0 < int(found[2]) < 1 << 16:
        raise Malformed("B207", "a peer (x.pe) is host:port")
    return found[0]


def _only(said: list[str]) -> tuple[int, ...]:
    """BEP 53: "0,2,4,6-8"."""
    found: set[int] = set()
    for span in filter(None, (span for value in said for span in unquote(value).split(","))):
        match = _SPAN.fullmatch(span)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or len(found) + last - first >= MAX_FILES:
            raise Malformed("B208", "files (so) are numbers and spans: 0,2,4,6-8")
        found.update(range(first, last + 1))
    return tuple(sorted(found))
