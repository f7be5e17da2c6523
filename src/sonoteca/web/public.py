"""Public: a release as strangers may see it: the songs, what of them can be played and taken, and on what grounds.

Takes  a look at the catalogue and a release's id.
Gives  a PublicRelease, made once for each state of the catalogue; None when nothing of it may leave.
Never  decides what may leave: `holdings.public_files` does.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request

from sonoteca.catalogue import read
from sonoteca.catalogue.read import Kept
from sonoteca.holdings import PublicFile, Standing, public_files, standing
from sonoteca.holdings.artwork import find_artwork
from sonoteca.model.ids import RELEASE_FORM
from sonoteca.model.release import Contributor, Master, Release, Track
from sonoteca.model.rights import Channel, Decision, Rendition, Verdict
from sonoteca.model.sound import Tier
from sonoteca.web.memory import Look

URN = "urn:uuid:"
LEADING = ("artist", "performer", "composer")
# What browsers play as it is. A track that may not be changed has no copy for listening: its original is played.
PLAYED = frozenset({"mp3", "flac", "vorbis", "opus", "aac", "pcm_s16le", "pcm_s24le", "pcm_u8", "pcm_f32le"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A track of a release. `src` "" when it cannot be played here; `webm` and `mp4` the same sound for browsers that
    do not know Ogg. `artist` is shown; `verdict` is the ground on which it is public."""

    release: str
    url: str
    id: str
    position: int
    disc: int
    number: str
    title: str
    artist: str
    seconds: float
    src: str
    webm: str
    mp4: str
    files: tuple[PublicFile, ...]
    verdict: Verdict | None

    @property
    def is_public(self) -> bool:
        """Whether any file of it may leave."""
        return bool(self.files or self.src)

    @property
    def waveform(self) -> str:
        """The address of its picture, without ending."""
        return f"/waveform/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRelease:
    """A release of which something is public. `rest` are files that are no song's alone: originals that hold several.
    `artwork` is the logical path of a picture that may be shown, "" when there is none."""

    kept: Kept
    standing: Standing
    files: tuple[PublicFile, ...]
    songs: tuple[Song, ...]
    rest: tuple[PublicFile, ...]
    artwork: str

    @property
    def release(self) -> Release:
        """What it is."""
        return self.kept.release

    @property
    def ident(self) -> str:
        """Its id without "urn:uuid:"."""
        return self.release.id.removeprefix(URN)

    @property
    def url(self) -> str:
        """Its page."""
        return release_url(self.release.id)

    @property
    def title(self) -> str:
        """Never empty."""
        return self.release.title.text or "Untitled"

    @property
    def artist(self) -> str:
        """Who made it, in a line; "" when nobody knows."""
        return _leading(self.release.contributors)

    @property
    def cover(self) -> str:
        """The address of its picture: the artwork, or the one that is drawn for it."""
        ending = self.artwork.rpartition(".")[2].lower() if self.artwork else "svg"
        return f"/cover/{self.ident}.{ending}"

    @property
    def picture(self) -> str:
        """The digest of the artwork that is shown, "" for none."""
        return dict(self.standing.pictures).get(self.artwork, "")

    @property
    def covered(self) -> int:
        """How many of its public files carry a picture that came with it."""
        carrying = {one.digest for one in self.standing.files if one.cover}
        return sum(one.digest in carrying for one in self.files)

    @property
    def seconds(self) -> float:
        """How long its public songs are."""
        return sum(one.seconds for one in self.songs)

    @property
    def is_playable(self) -> bool:
        """Whether one song can be heard."""
        return any(one.src for one in self.songs)


def release_url(release: str) -> str:
    """The page of a release."""
    return f"/release/{release.removeprefix(URN)}"


def file_url(file: PublicFile) -> str:
    """Where a file is handed out."""
    return f"/file/{file.digest}/{quote(file.name.rpartition('/')[2].encode('utf-8', 'replace'), safe='')}"


def find_id(ident: str) -> str:
    """The release id that an address names, "" when it has another form."""
    urn = URN + ident.lower()
    return urn if RELEASE_FORM.fullmatch(urn) else ""


def ident_of(request: Request) -> Hashable:
    """The release that an address with `ident` asks for, in whichever letters."""
    return find_id(request.path_params["ident"]) or request.url.path


def find_release(look: Look, release: str) -> PublicRelease | None:
    """The release, None when nothing of it may leave."""
    found: PublicRelease | bool = look.once(("release", release), lambda: _made(look.tx, release), _weight)
    return found if isinstance(found, PublicRelease) else None


def find_releases(look: Look, ids: Iterable[str]) -> tuple[PublicRelease, ...]:
    """Those that have something to show."""
    found = (find_release(look, one) for one in ids)
    return tuple(one for one in found if one is not None)


def is_withdrawn(tx: Connection, release: str) -> bool:
    """Whether it was public and was taken back."""
    kept = read.release(tx, release)
    return kept is not None and kept.withdrawn


def _weight(found: PublicRelease | bool) -> int:
    return 4_000 + 4_000 * len(found.files) if isinstance(found, PublicRelease) else 500


def _made(tx: Connection, release: str) -> PublicRelease | bool:
    # False, not None: that nothing may leave is remembered too.
    kept = read.release(tx, release)
    found = standing(tx, release)
    if kept is None or found is None or kept.withdrawn:
        return False
    files = public_files(found)
    if not files:
        return False
    songs = tuple(one for one in _songs(found, files) if one.is_public)
    mine = {file.digest for song in songs for file in song.files}
    return PublicRelease(
        kept=kept,
        standing=found,
        files=files,
        songs=songs,
        rest=tuple(file for file in files if file.tier != "credits" and file.digest not in mine),
        artwork=find_artwork(found),
    )


def _songs(found: Standing, files: tuple[PublicFile, ...]) -> Iterator[Song]:
    release = found.release
    masters = {one.path: one for one in release.masters}
    by_track: dict[str, list[PublicFile]] = {}
    for file in files:
        by_track.setdefault(file.track, []).append(file)
    above = _leading(release.contributors)
    for track in sorted(release.tracks, key=lambda one: one.position):
        mine = tuple(by_track.get(track.id, ()))
        src, webm, mp4 = _played(track.id, mine, masters)
        yield Song(
            release=release.id,
            url=f"/track/{track.id}",
            id=track.id,
            position=track.position,
            disc=track.disc,
            number=track.number or str(track.position),
            title=track.title.text or f"Track {track.position}",
            artist=_leading(track.contributors) or above,
            seconds=track.duration_s,
            src=src,
            webm=webm,
            mp4=mp4,
            files=mine,
            verdict=ground(found, track),
        )


def _played(track: str, files: tuple[PublicFile, ...], masters: dict[str, Master]) -> tuple[str, str, str]:
    streams = [one for one in files if Channel.STREAM in one.channels]
    if any(one.tier == Tier.ACCESS for one in streams):
        return f"/stream/{track}.opus", f"/stream/{track}.webm", f"/stream/{track}.mp4"
    for one in streams:
        if one.tier == Tier.ORIGINAL and masters[one.path].audio.codec in PLAYED:
            return file_url(one), "", ""
    return "", "", ""


def ground(found: Standing, track: Track) -> Verdict | None:
    """The verdict by which a track is public: the first that lets any of its files leave."""
    for channel in (Channel.DOWNLOAD, Channel.STREAM, Channel.SWARM):
        for rendition in (Rendition.ORIGINAL, Rendition.DERIVED):
            verdict = found.verdict(track.id, rendition, channel)
            if verdict and verdict.decision is Decision.PUBLISH:
                return verdict
    return None


def _leading(contributors: Iterable[Contributor]) -> str:
    """The names of those whom people look for, of the first role that somebody has."""
    by_role: dict[str, list[str]] = {}
    for one in contributors:
        by_role.setdefault(one.role, []).append(one.name)
    for role in LEADING:
        if names := by_role.get(role):
            return ", ".join(dict.fromkeys(names[:6])) + (" and others" if len(names) > 6 else "")
    return ""
