"""Cue sheets: one recording, many tracks; read as they are met, not only as they should be.

Takes  the bytes of a .cue file.
Gives  a CueSheet: files, tracks with their indexes in frames (1/75 s), texts, and findings; ValueError with a sentence
       when it is no cue sheet at all.
Never  repairs a time: what cannot be read is a finding, and a sheet that does not fit its recording has no spans (see
       acquire/spans.py).

Read besides the form of the CDRWIN manual: any encoding (acquire/encodings.py), CR and CRLF, unquoted and badly quoted
texts, lower case, a FILE in the middle of a TRACK (EAC's "non-compliant" sheets: INDEX 00 lies at the end of the file
before, INDEX 01 at the start of the next), tracks above 99, sheets without FILE.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sonoteca.acquire.encodings import decode_text
from sonoteca.model.finding import Finding, finding

FRAMES_PER_S = 75
MAX_BYTES = 1024 * 1024
MAX_TRACKS = 1_000
MAX_LINE_CHARS = 4_000
MAX_TEXT_CHARS = 1_000
MAX_NAMED_LINES = 10
HIDDEN_FRAMES = FRAMES_PER_S  # less than a second before the first track is no hidden track


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFile:
    """A FILE: its name as written, and its kind ("WAVE", "BINARY" …)."""

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueIndex:
    """An INDEX: 0 is the gap before a track, 1 its start. `frame` counts from the start of the file, `file` is its
    place in CueSheet.files."""

    number: int
    frame: int
    file: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CueTrack:
    """A TRACK. `number` as counted by the sheet; `pregap` and `postgap` are silence that is in no file, in frames."""

    number: int
    kind: str = "AUDIO"
    title: str = ""
    performer: str = ""
    songwriter: str = ""
    isrc: str = ""
    flags: tuple[str, ...] = ()
    pregap: int = 0
    postgap: int = 0
    indexes: tuple[CueIndex, ...] = ()
    rem: tuple[tuple[str, str], ...] = ()

    @property
    def start(self) -> CueIndex | None:
        """Where it begins: INDEX 01, else the first above 00, else INDEX 00."""
        ordered = sorted(self.indexes, key=lambda index: (index.number == 0, index.number != 1))
        return ordered[0] if ordered else None

    @property
    def is_audio(self) -> bool:
        """Whether it is sound and not data."""
        return self.kind in ("AUDIO", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CueSheet:
    """A cue sheet. Texts are as written; `rem` has every REM as (word, text), the word in upper case."""

    files: tuple[CueFile, ...]
    tracks: tuple[CueTrack, ...]
    title: str = ""
    performer: str = ""
    songwriter: str = ""
    catalog: str = ""
    cdtextfile: str = ""
    rem: tuple[tuple[str, str], ...] = ()
    encoding: str = "utf-8"
    findings: tuple[Finding, ...] = ()

    def find_rem(self, word: str) -> str:
        """The text of the first REM of this word ("DATE", "GENRE", "DISCID"); "" if there is none."""
        return next((text for key, text in self.rem if key == word), "")


def parse_cue(raw: bytes) -> CueSheet:
    """The sheet. ValueError says in a sentence why this is none."""
    if len(raw) > MAX_BYTES:
        raise ValueError(f"a cue sheet has at most {MAX_BYTES} bytes, not {len(raw)}")
    decoded = decode_text(raw)
    draft = _Draft()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", decoded.text), 1):
        if len(draft.tracks) > MAX_TRACKS:
            raise ValueError(f"a cue sheet has at most {MAX_TRACKS} tracks")
        if line.strip(" \t\0\x1a\ufeff") and (len(line) > MAX_LINE_CHARS or not draft.read(line)):
            draft.skip(f"line {number}: {line.strip()[:60]}")
    if not draft.tracks:
        raise ValueError("there is no TRACK in it, so it is no cue sheet")
    return draft.sheet(decoded.encoding, is_guess=decoded.is_guess)


@dataclass(slots=True)
class _DraftTrack:
    number: int
    kind: str
    texts: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    gaps: dict[str, int] = field(default_factory=dict)
    indexes: list[CueIndex] = field(default_factory=list)
    rem: list[tuple[str, str]] = field(default_factory=list)

    def track(self) -> CueTrack:
        return CueTrack(
            number=self.number,
            kind=self.kind,
            title=self.texts.get("title", ""),
            performer=self.texts.get("performer", ""),
            songwriter=self.texts.get("songwriter", ""),
            isrc=self.texts.get("isrc", ""),
            flags=self.flags,
            pregap=self.gaps.get("pregap", 0),
            postgap=self.gaps.get("postgap", 0),
            indexes=tuple(self.indexes),
            rem=tuple(self.rem),
        )


# None of these can backtrack far: a line is hostile too.
_COMMAND = re.compile(r"\s*([A-Za-z0-9]+)(?:\s+(.*))?", re.DOTALL)
_QUOTED_FILE = re.compile(r"\"(?P<name>.*)\"\s*(?P<kind>\w*)", re.DOTALL)
_FILE_KINDS = frozenset({"BINARY", "MOTOROLA", "AIFF", "WAVE", "MP3", "FLAC"})
_TRACK = re.compile(r"(?P<number>[0-9]{1,4})(?:\s+(?P<kind>\S+).*)?", re.DOTALL)
_INDEX = re.compile(r"(?P<number>[0-9]{1,2})\s+(?P<time>\S+)")
_TIME = re.compile(r"([0-9]{1,4}):([0-5]?[0-9]):([0-6]?[0-9]|7[0-4])")
_REM = re.compile(r"(\S+)(?:\s+(.*))?", re.DOTALL)


class _Draft:
    """A sheet while it is read, line by line. `read` says whether a line was understood."""

    def __init__(self) -> None:
        self.files: list[CueFile] = []
        self.tracks: list[_DraftTrack] = []
        self.texts: dict[str, str] = {}
        self.rem: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self.more_unread = 0

    def skip(self, line: str) -> None:
        """A line that was not understood; ten are named, the others counted."""
        if len(self.unread) < MAX_NAMED_LINES:
            self.unread.append(line)
        else:
            self.more_unread += 1

    def read(self, line: str) -> bool:
        """One line; False when it cannot be understood."""
        found = _COMMAND.fullmatch(line.strip("\0\x1a\ufeff"))
        reader = _READERS.get(found[1].upper()) if found else None
        return reader(self, found[1].lower(), (found[2] or "").strip()) if found and reader else False

    def read_text(self, word: str, rest: str) -> bool:
        """TITLE, PERFORMER …: of the track once there is one."""
        texts = self.tracks[-1].texts if self.tracks and word in _OF_TRACKS else self.texts
        texts.setdefault(word, _unquoted(rest))
        return True

    def read_file(self, word: str, rest: str) -> bool:
        if found := _QUOTED_FILE.fullmatch(rest):
            name, kind = found["name"], found["kind"]
        else:
            bare, _, last = rest.rpartition(" ")
            name, kind = (bare, last) if last.upper() in _FILE_KINDS else (rest.strip('"'), "")
        self.files.append(CueFile(name=name.strip()[:MAX_TEXT_CHARS], kind=kind.upper()[:20]))
        return bool(name)

    def read_track(self, word: str, rest: str) -> bool:
        found = _TRACK.fullmatch(rest)
        following = self.tracks[-1].number + 1 if self.tracks else 1
        number = int(found["number"]) if found else following
        self.tracks.append(_DraftTrack(number, (found["kind"] or "AUDIO").upper()[:20] if found else "AUDIO"))
        return found is not None

    def read_index(self, word: str, rest: str) -> bool:
        found = _INDEX.fullmatch(rest)
        frame = parse_time(found["time"]) if found else None
        if found is None or frame is None or not self.tracks:
            return False
        if not self.files:
            self.files.append(CueFile(name=""))
        self.tracks[-1].indexes.append(CueIndex(number=int(found["number"]), frame=frame, file=len(self.files) - 1))
        return True

    def read_gap(self, word: str, rest: str) -> bool:
        frames = parse_time(rest)
        if frames is None or not self.tracks:
            return False
        self.tracks[-1].gaps[word] = frames
        return True

    def read_flags(self, word: str, rest: str) -> bool:
        if not self.tracks:
            return False
        self.tracks[-1].flags = tuple(flag[:20] for flag in rest.upper().split()[:8])
        return True

    def read_rem(self, word: str, rest: str) -> bool:
        found = _REM.fullmatch(rest)
        if found and len(self.rem) < MAX_TRACKS:
            rem = self.tracks[-1].rem if self.tracks else self.rem
            rem.append((found[1].upper()[:MAX_TEXT_CHARS], _unquoted(found[2] or "")))
        return True

    def sheet(self, encoding: str, *, is_guess: bool) -> CueSheet:
        tracks = tuple(track.track() for track in self.tracks)
        guessed = [finding("C005", detail=encoding)] if is_guess else []
        return CueSheet(
            files=tuple(self.files),
            tracks=tracks,
            rem=tuple(self.rem),
            encoding=encoding,
            findings=(*guessed, *_unread(self.unread, self.more_unread), *_checked(tracks)),
            **self.texts,
        )


_OF_TRACKS = frozenset({"title", "performer", "songwriter", "isrc"})
_READERS: dict[str, Callable[[_Draft, str, str], bool]] = {
    **dict.fromkeys(("TITLE", "PERFORMER", "SONGWRITER", "CATALOG", "CDTEXTFILE"), _Draft.read_text),
    "ISRC": lambda draft, word, rest: bool(draft.tracks) and draft.read_text(word, rest),
    "FILE": _Draft.read_file,
    "TRACK": _Draft.read_track,
    "INDEX": _Draft.read_index,
    "PREGAP": _Draft.read_gap,
    "POSTGAP": _Draft.read_gap,
    "FLAGS": _Draft.read_flags,
    "REM": _Draft.read_rem,
}


def parse_time(text: str) -> int | None:
    """Frames of "mm:ss:ff" (75 a second); None when it is no such time."""
    found = _TIME.fullmatch(text)
    return (int(found[1]) * 60 + int(found[2])) * FRAMES_PER_S + int(found[3]) if found else None


def _unquoted(text: str) -> str:
    """The text between the first quote and the last; quotes inside are part of it, as programs write them."""
    if text.startswith('"'):
        text = text[1:].removesuffix('"')
    return text.strip()[:MAX_TEXT_CHARS]


# ── what is wrong with it ────────────────────────────────────────────────────────────────────────────────────────────


def _unread(lines: list[str], more: int) -> list[Finding]:
    rest = [f"and {more} more lines"] if more else []
    return [finding("C001", detail=line) for line in lines + rest]


def _checked(tracks: tuple[CueTrack, ...]) -> list[Finding]:
    numbers = [track.number for track in tracks]
    found = []
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.append(finding("C002", detail=" ".join(map(str, numbers[:20]))))
    if len(tracks) > 99:
        found.append(finding("C003", detail=str(len(tracks))))
    found += [
        finding("C004", detail=f"track {one.number}") for one in tracks if one.start is None or not one.start.number
    ]
    times = [(index.file, index.frame) for track in tracks for index in track.indexes]
    if times != sorted(times):
        found.append(finding("C006"))
    first = tracks[0].start
    if first and first.frame >= HIDDEN_FRAMES:
        found.append(finding("C007", detail=f"{first.frame / FRAMES_PER_S:.2f} s"))
    return found
