"""Names: the fields of every tagging scheme, to the common names that MusicBrainz Picard uses.

Takes  tag values.   Gives  the common names with their texts, the best scheme first; and what a field is used as
       (hazards.py).
Source: "Appendix B: Tag Mapping" of the Picard documentation; what tools of the wild write beside it.
"""

import re
from collections.abc import Iterable

from sonoteca.acquire.hazards import Use
from sonoteca.model.media import TagValue

# Schemes from the richest to the poorest: ID3v1 cuts at 30 letters.
RANKS: tuple[str, ...] = (
    "vorbis",
    "mp4",
    "id3v2.4",
    "id3v2.3",
    "id3v2.2",
    "ape",
    "asf",
    "riff-info",
    "bext",
    "aiff",
    "id3v1",
)

_ID3 = {
    "TIT2": "title",
    "TT2": "title",
    "TPE1": "artist",
    "TP1": "artist",
    "TALB": "album",
    "TAL": "album",
    "TPE2": "albumartist",
    "TP2": "albumartist",
    "TCOM": "composer",
    "TCM": "composer",
    "TEXT": "lyricist",
    "TPE3": "conductor",
    "TP3": "conductor",
    "TPE4": "remixer",
    "TP4": "remixer",
    "TRCK": "tracknumber",
    "TRK": "tracknumber",
    "TPOS": "discnumber",
    "TPA": "discnumber",
    "TDRC": "date",
    "TYER": "date",
    "TYE": "date",
    "TDOR": "originaldate",
    "TORY": "originaldate",
    "TCON": "genre",
    "TCO": "genre",
    "TSRC": "isrc",
    "TRC": "isrc",
    "TCOP": "copyright",
    "TCR": "copyright",
    "WCOP": "license",
    "WCP": "license",
    "WOAR": "website",
    "WAR": "website",
    "COMM": "comment",
    "COM": "comment",
    "USLT": "lyrics",
    "ULT": "lyrics",
    "TPUB": "label",
    "TPB": "label",
    "TLAN": "language",
    "TIT1": "grouping",
    "TIT3": "subtitle",
    "TBPM": "bpm",
    "TENC": "encodedby",
    "TEN": "encodedby",
    "TSSE": "encodersettings",
    "TMED": "media",
    "TSOP": "artistsort",
    "TSOA": "albumsort",
    "TSOT": "titlesort",
    "TSO2": "albumartistsort",
    "UFID:http://musicbrainz.org": "musicbrainz_trackid",
}
_MP4 = {
    "©nam": "title",
    "©ART": "artist",
    "©alb": "album",
    "aART": "albumartist",
    "©wrt": "composer",
    "trkn": "tracknumber",
    "disk": "discnumber",
    "©day": "date",
    "©gen": "genre",
    "gnre": "genre",
    "cprt": "copyright",
    "©cmt": "comment",
    "desc": "comment",
    "©des": "comment",
    "©lyr": "lyrics",
    "©grp": "grouping",
    "©pub": "label",
    "©too": "encodersettings",
    "tmpo": "bpm",
    "soar": "artistsort",
    "soal": "albumsort",
    "sonm": "titlesort",
}
_ASF = {
    "Title": "title",
    "Author": "artist",
    "WM/AlbumTitle": "album",
    "WM/AlbumArtist": "albumartist",
    "WM/Composer": "composer",
    "WM/Writer": "lyricist",
    "WM/Conductor": "conductor",
    "WM/TrackNumber": "tracknumber",
    "WM/PartOfSet": "discnumber",
    "WM/Year": "date",
    "WM/Genre": "genre",
    "WM/ISRC": "isrc",
    "WM/Publisher": "label",
    "WM/CatalogNo": "catalognumber",
    "WM/Barcode": "barcode",
    "WM/Lyrics": "lyrics",
    "WM/Language": "language",
    "Copyright": "copyright",
    "CopyrightURL": "license",
    "WM/AuthorURL": "website",
    "Description": "comment",
}
_RIFF = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "ICRD": "date",
    "IGNR": "genre",
    "ICMT": "comment",
    "ICOP": "copyright",
    "ITRK": "tracknumber",
    "IPRT": "tracknumber",
    "IENG": "engineer",
    "ILNG": "language",
    "ISFT": "encodersettings",
    "ISRC": "source",
}
_BEXT = {"Description": "comment", "OriginationDate": "date", "Originator": "encodedby"}
_AIFF = {"NAME": "title", "AUTH": "artist", "(c) ": "copyright", "ANNO": "comment"}
_SCHEMES: dict[str, dict[str, str]] = {"mp4": _MP4, "asf": _ASF, "riff-info": _RIFF, "bext": _BEXT, "aiff": _AIFF}
# Of schemes whose keys are free words (Vorbis, APE, TXXX, MP4 freeform, FFmpeg): other spellings of a common name.
_SPELLINGS = {
    "album artist": "albumartist",
    "album_artist": "albumartist",
    "ensemble": "albumartist",
    "author": "artist",
    "track": "tracknumber",
    "track number": "tracknumber",
    "totaltracks": "tracktotal",
    "disc": "discnumber",
    "disk": "discnumber",
    "totaldiscs": "disctotal",
    "year": "date",
    "description": "comment",
    "comments": "comment",
    "unsyncedlyrics": "lyrics",
    "lyrics-eng": "lyrics",
    "organization": "label",
    "publisher": "label",
    "labelno": "catalognumber",
    "catalog": "catalognumber",
    "catalog number": "catalognumber",
    "catalogue number": "catalognumber",
    "upc": "barcode",
    "ean": "barcode",
    "licence": "license",
    "licenseurl": "license",
    "license url": "license",
    "license_url": "license",
    "copyright url": "license",
    "weblink": "website",
    "rights": "copyright",
    "musicbrainz track id": "musicbrainz_trackid",
    "musicbrainz release track id": "musicbrainz_releasetrackid",
    "musicbrainz album id": "musicbrainz_albumid",
    "musicbrainz artist id": "musicbrainz_artistid",
    "musicbrainz album artist id": "musicbrainz_albumartistid",
    "musicbrainz release group id": "musicbrainz_releasegroupid",
    "musicbrainz work id": "musicbrainz_workid",
    "encoder": "encodersettings",
    "encodingsettings": "encodersettings",
}
_PEOPLE = frozenset({"artist", "albumartist", "composer", "lyricist", "conductor", "remixer", "performer", "engineer"})
_SORTS = frozenset({"artistsort", "albumsort", "titlesort", "albumartistsort"})
_NAMES = _PEOPLE | _SORTS | {"title", "album", "genre", "label", "subtitle", "grouping", "language", "media"}
_TEXTS = frozenset({"comment", "lyrics", "copyright", "license", "encodersettings", "encodedby", "description"})
_NUMBERS = frozenset({"tracknumber", "discnumber", "tracktotal", "disctotal"})
_DATES = frozenset({"date", "originaldate"})
_FREE_PREFIX = re.compile(r"^(TXXX?|----:[^:]*|WM/|WXXX?):?", re.IGNORECASE)


def common_name(value: TagValue) -> str:
    """The common name of a field, its own key in small letters if it has none."""
    key = value.key
    if value.origin.startswith("id3v2"):
        known = _ID3.get(key) or _ID3.get(key.partition(":")[0])
    else:
        known = _SCHEMES.get(value.origin, {}).get(key)
    if known:
        return known
    free = _FREE_PREFIX.sub("", key).strip().lower()
    return _SPELLINGS.get(free, free)


def use_of(value: TagValue) -> Use:
    """What the field is used as."""
    name = common_name(value)
    for names, use in ((_NAMES, Use.NAME), (_TEXTS, Use.TEXT), (_NUMBERS, Use.NUMBER), (_DATES, Use.DATE)):
        if name in names:
            return use
    return Use.OTHER


def understand(values: Iterable[TagValue]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(common name, texts) by the order of first appearance, the best scheme's texts first, each once, blank ones
    left out. What
    ID3v1 cut off is left out when the whole is there. "3/12" of a track number stays as it is."""
    found: dict[str, dict[str, None]] = {}
    ranked = sorted(values, key=lambda value: RANKS.index(value.origin) if value.origin in RANKS else len(RANKS))
    for value in ranked:
        text = value.text.strip()
        name = common_name(value)
        texts = found.setdefault(name, {})
        if text and not (value.origin == "id3v1" and texts):
            texts[text] = None
    return tuple((name, tuple(texts)) for name, texts in found.items() if texts)
