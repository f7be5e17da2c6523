"""Releases on paper: a folder as a list of names, with the reports that a probe would have made of its files."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sonoteca.acquire import cue, folders
from sonoteca.acquire.identify import Found, FoundFile, Identified, identify
from sonoteca.model.finding import finding
from sonoteca.model.ids import Digest
from sonoteca.model.media import AudioFacts, ProbeReport
from sonoteca.model.release import Release, Track
from sonoteca.model.source import Entry, FolderPlan, Kind, Role

RATE_HZ = 44_100
LOSSY = ("mp3", "ogg", "opus", "m4a", "gsm", "oga", "spx", "aac", "ac3", "wma", "mka", "mp2", "au")
Values = str | Sequence[str]


@dataclass(kw_only=True)
class Sound:
    """The properties of a recording that pairing looks at."""

    lossless: bool = True
    bits: int = 16
    rate_hz: int = RATE_HZ
    damaged: bool = False


def report(seconds: float = 200.0, sound: Sound | None = None, **tags: Values) -> ProbeReport:
    """What a probe would say of a recording."""
    sound = sound or Sound()
    audio = AudioFacts(
        container="flac",
        codec="flac",
        duration_s=seconds,
        samples=round(seconds * sound.rate_hz),
        sample_rate_hz=sound.rate_hz,
        channels=2,
        bits=sound.bits,
        lossless=sound.lossless,
        exact=True,
    )
    understood = tuple((key, (value,) if isinstance(value, str) else tuple(value)) for key, value in tags.items())
    return ProbeReport(audio=audio, understood=understood, findings=(finding("A105"),) if sound.damaged else ())


@dataclass(kw_only=True)
class Folder:
    """A folder called `name` with files: recordings by path (a report, or None for an ordinary one), texts by path, and
    other files. The same content gives the same digest: `contents` says which recordings are alike."""

    name: str
    recordings: Mapping[str, ProbeReport | None]
    texts: Mapping[str, bytes] = field(default_factory=dict)
    others: Sequence[str] = ()
    contents: Mapping[str, str] = field(default_factory=dict)
    above: Sequence[str] = ("listed",)

    def found(self) -> Found:
        """What identify takes. The whole of it must be one release."""
        root, *between = self.above
        prefix = "/".join([*between, self.name])
        plans = [one for one in folders.plan(self._entries(prefix), root) if one.folder == prefix]
        assert len(plans) == 1, "not one release"
        return self._of(plans[0])

    def _entries(self, prefix: str) -> Iterator[Entry]:
        paths = [
            f"{prefix}/{path}" for path in (*self.recordings, *self.texts, *self.others) if not path.startswith("..")
        ]

        def inside(folder: str) -> Iterator[Entry]:
            start = len(folder) + 1 if folder else 0
            below = [path for path in paths if path.startswith(f"{folder}/" if folder else "")]
            yield from (Entry(path=path, kind=Kind.FILE, bytes=9) for path in sorted(below) if "/" not in path[start:])
            names = {path[start:].split("/")[0] for path in below if "/" in path[start:]}
            for name in sorted(names, key=lambda one: one.encode("utf-8", "surrogateescape")):
                path = f"{folder}/{name}" if folder else name
                yield Entry(path=path, kind=Kind.FOLDER)
                yield from inside(path)

        return inside("")

    def _of(self, plan: FolderPlan) -> Found:
        files = []
        for planned in plan.files:
            made = self.recordings.get(planned.path)
            if planned.path in self.recordings and made is None:
                made = report(sound=Sound(lossless=not planned.path.endswith(LOSSY)))
            place = {Role.DOCUMENT: "documents", Role.ARTWORK: "artwork"}.get(planned.role, "masters")
            content = self.contents.get(planned.path, planned.path).encode("utf-8", "surrogateescape")
            digest = Digest(hashlib.sha256(content).hexdigest())
            files.append(
                FoundFile(planned=planned, digest=digest, bytes=9, path=f"{place}/{planned.path}", report=made)
            )
        sheets = tuple((path, cue.parse_cue(text)) for path, text in self.texts.items() if path.endswith(".cue"))
        return Found(
            plan=plan,
            files=tuple(files),
            cues=sheets,
            texts=tuple(self.texts.items()),
            collection="shelf",
            source_key="file:///shelf",
        )

    def identified(self) -> Identified:
        """What identify makes of it."""
        return identify(self.found())


def release(name: str, paths: Sequence[str], **more: object) -> Release:
    """The release that a folder of ordinary recordings is."""
    return Folder(name=name, recordings=dict.fromkeys(paths), **more).identified().release  # type: ignore[arg-type]


def brief(tracks: Sequence[Track]) -> list[tuple[str, str]]:
    """(number, title) of each track."""
    return [(track.number, track.title.text) for track in tracks]


def names(release: Release) -> list[tuple[str, str, str]]:
    """(role, name, source) of each contributor."""
    return [(one.role, one.name, one.source) for one in release.contributors]
