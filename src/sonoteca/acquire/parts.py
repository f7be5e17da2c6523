"""Parts: what the name of a folder says it is of a release: a disc or side, a format, or what belongs beside the music.

Takes  the name of a folder, and of the one above it.
Gives  a disc and side; the endings that files of a format have; whether it is scans, logs and the like.
Never  takes "Vol. 1", "Part 2" or a bare number for a disc: those are as often releases of their own.

A name is read as words: lower case, underscores and brackets as blanks. All words of a name must fit, so "New Wave" is
no format and "Cover Versions" no place for covers.
"""

import re
from dataclasses import dataclass

MAX_NAME_CHARS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A disc (0: none said) and a side ("": none said)."""

    disc: int = 0
    side: str = ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_COUNTED = (
    _words("one two three four five six seven eight nine ten"),
    _words("i ii iii iv v vi vii viii ix x"),
    _words("eins zwei drei vier fünf sechs"),
    _words("un deux trois quatre cinq six"),
    _words("uno dos tres cuatro cinco seis"),
)
_NUMBERS = {word: number for words in _COUNTED for number, word in enumerate(words, 1)}
_NUMBER = rf"(?:\d{{1,2}}(?=of\d|\W|$)|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?!\w|-\w))"
_DISC = re.compile(
    r"(?:cd|disc|disk|dvd(?:[ -]?a(?:udio)?)?|sacd|blu-?ray|lp|vinyl|record|reel|tape|cassette|kassette|mc|md"
    r"|(?:schall)?platte|disque|disco|dysk|диск|пластинка|ディスク)[ .#№-]*" + f"(?P<disc>{_NUMBER})"
)
_SIDE = re.compile(
    r"(?:(?:side|seite|face|lado|lato|сторона|sida|kant|strana|面)[ .-]*(?P<side>[a-h]|[1-8]|one|two)"
    r"|(?P<first>[a-h])[ -]?side)(?!\w)"
)
_REST = re.compile(r"\s*(?:[-–—:.,(\[{].*)?")


def find_part(name: str, parent: str = "") -> Part | None:
    """What "CD 2", "Disk_2 - Live", "LP1 Side B" or "Seite A" says, also with the parent's name before it ("Album CD1"
    in "Album"); None when the name says neither disc nor side."""
    text = _bare(name, parent)
    disc = _DISC.match(text)
    rest = text[disc.end() :].lstrip(" -–—,:.") if disc else text
    side = _SIDE.match(rest)
    if side and not _REST.fullmatch(rest[side.end() :]):
        side = None  # "Face 2 Face", "Side A Side"
    if disc is None and side is None:
        return None
    return Part(disc=_value(disc["disc"]) if disc else 0, side=_letter(side["side"] or side["first"]) if side else "")


def _value(text: str) -> int:
    return _NUMBERS.get(text) or int(text)


def _letter(text: str) -> str:
    number = {"one": 1, "two": 2}.get(text) or (int(text) if text.isdigit() else 0)
    return "ABCDEFGH"[number - 1] if number else text.upper()


def _bare(name: str, parent: str) -> str:
    """The name without what it repeats of the folder above, in words."""
    text, above = _plain(name), _plain(parent)
    for prefix in (above, re.sub(r"\s*[(\[{][^()\[\]{}]*[)\]}]$", "", above)):
        if len(prefix) > 1 and text.startswith(prefix):
            text = text[len(prefix) :]
            break
    return text.lstrip(" -–—_.,:([{")


def _plain(name: str) -> str:
    return " ".join(name[:MAX_NAME_CHARS].casefold().replace("_", " ").split())


# ── formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_LOSSY = frozenset({"mp3", "m4a", "aac", "ogg", "oga", "opus", "wma", "mpc"})
_LOSSLESS = frozenset(
    {"flac", "wav", "aif", "aiff", "wv", "ape", "shn", "tta", "tak", "m4a", "dsf", "dff", "caf", "w64"}
)
_ANY = _LOSSY | _LOSSLESS
_FORMATS = {
    **{word: frozenset({word}) for word in _ANY},
    **{word: frozenset({"flac"}) for word in ("flac16", "flac24", "flac1644", "flac2448", "flac2496")},
    **{word: frozenset({"dsf", "dff", "wv"}) for word in ("dsd", "dsd64", "dsd128", "dsd256", "sacd")},
    "aiff": frozenset({"aif", "aiff", "aifc"}),
    "aif": frozenset({"aif", "aiff", "aifc"}),
    "alac": frozenset({"m4a", "caf"}),
    "aac": frozenset({"m4a", "aac", "mp4"}),
    "lossless": _LOSSLESS,
    "lossy": _LOSSY,
    "ogg": frozenset({"ogg", "oga", "opus"}),
    "opus": frozenset({"opus", "ogg"}),
    "vorbis": frozenset({"ogg", "oga"}),
    "wavpack": frozenset({"wv"}),
    **dict.fromkeys(_words("hires bit bits khz kbps kbit"), _ANY),
}
_BESIDE_FORMATS = frozenset(
    _words("audio cbr cd files format hd high original quality resolution rip v0 v1 v2 vbr web")
)
_RATES = re.compile(r"\d{2,3}(?:\.\d)?")
_RATES_WITH_UNIT = re.compile(r"(?:16|24|32)bits?|\d{2,3}(?:\.\d)?khz|\d{2,3}k(?:bps|bit)?")


def find_format(name: str) -> frozenset[str] | None:
    """The endings of the files that a folder with this name holds ("FLAC 24-96", "mp3 (320 kbps)", "24bit"); None when
    the name is no format."""
    words = re.findall(r"[^\W_]+(?:\.\d)?", re.sub(r"hi[- ]res", "hires", _plain(name)))
    found = [_FORMATS.get(word, _ANY) for word in words if word in _FORMATS or _RATES_WITH_UNIT.fullmatch(word)]
    others = [word for word in words if word not in _FORMATS and not _RATES_WITH_UNIT.fullmatch(word)]
    if not found or any(word not in _BESIDE_FORMATS and not _RATES.fullmatch(word) for word in others):
        return None
    return frozenset().union(*(endings for endings in found if endings is not _ANY)) or _ANY


# ── what belongs beside the music ────────────────────────────────────────────────────────────────────────────────────

_BESIDE = frozenset(
    _words("""
    art artwork back bilder bonus booklet booklets buklet caratulas checksum checksums cover covers cue cues
    digipak doc docs documentation documents extra extras ffp fingerprints front image images info inlay
    inlays insert jpeg jpg label labels libretto livret log logs lyrics md5 meta metadata notes obi photo
    photos pics picture pictures png pochette portada sample samples scan scans sleeve sleeves text texte
    texts tif tiff torrent tray txt video videos сканы скан обложки обложка буклет carátulas
    """)
)
_WITH_BESIDE = frozenset(
    _words("album and cd disc dpi et full hi high hq liner lq material misc of res resolution the tracks und")
)


def is_beside(name: str) -> bool:
    """Whether a folder of this name belongs to the release beside it: scans, artwork, booklet, logs, extras."""
    words = re.findall(r"[^\W_]+", _plain(name))
    return any(word in _BESIDE for word in words) and all(
        word in _BESIDE or word in _WITH_BESIDE or word.isdigit() or word.endswith("dpi") for word in words
    )
