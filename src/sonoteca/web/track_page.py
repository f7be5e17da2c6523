"""Track: one song: how it looks and how loud it is, what its file is, what was noticed, where else it is heard."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import read
from sonoteca.convert.sheet import Row, sheet_of
from sonoteca.model.finding import FINDINGS
from sonoteca.model.ids import TRACK_FORM
from sonoteca.model.release import Master, Track
from sonoteca.model.sound import Sound
from sonoteca.web import words
from sonoteca.web.alike import alike
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.grounds import ground
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import PublicRelease, Song, find_release
from sonoteca.web.release_page import downloads
from sonoteca.web.site import Site
from sonoteca.web.spectra import KIND
from sonoteca.web.stored import find_sound
from sonoteca.web.waveforms import OUTLINE

MAX_PLACES = 50
MAX_FINDINGS = 40  # in one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A song where it is heard."""

    release: PublicRelease
    song: Song


def track(site: Site, look: Look, request: Request) -> Page:
    """The page of a track; 410 when it was withdrawn wherever it was, 404 when it is not public anywhere."""
    ident = request.path_params["track"]
    if not TRACK_FORM.fullmatch(ident):
        raise HTTPException(404)
    places = tuple(_heard(look, ident))
    if not places:
        raise HTTPException(410 if _is_withdrawn(look, ident) else 404)
    return page(_text(site, look, places))


def _heard(look: Look, ident: str) -> Iterator[Heard]:
    for release in dict.fromkeys(one.release for one in read.track(look.tx, ident, MAX_PLACES)):
        found = find_release(look, release)
        song = next((song for song in found.songs if song.id == ident), None) if found else None
        if found and song:
            yield Heard(release=found, song=song)


def _is_withdrawn(look: Look, ident: str) -> bool:
    every = {(one.release, one.position) for one in read.every_place(look.tx, ident)}
    return bool(every - {(one.release, one.position) for one in read.track(look.tx, ident, read.MAX_PAGE)})


def _text(site: Site, look: Look, places: tuple[Heard, ...]) -> str:
    first = places[0]
    of_release = first.release.release
    here = next(one for one in of_release.tracks if one.id == first.song.id)
    master = next((one for one in of_release.masters if one.recording == here.recording), None)
    sound = find_sound(site, look, first.release, here.id)
    return render(
        site,
        "track.html",
        path=first.song.url,
        one=first.release,
        song=first.song,
        track=here,
        places=places,
        alike=alike(look, here.id),
        ground=ground(first.release, [first.song]) if first.song.verdict else None,
        downloads=downloads(first.song.files),
        format=tuple(_format(here, master)) if master else (),
        loudness=tuple(_loudness(sound)) if sound else (),
        sheet=_sheet(look, of_release.id, sound, master) if sound and master else (),
        spectrum=_has(sound, KIND),
        outlined=_has(sound, OUTLINE),
        credits=tuple(
            (words.ROLES.get(who.role, who.role.capitalize()), who.name, who.source) for who in here.contributors
        ),
    )


def _has(sound: Sound | None, kind: str) -> bool:
    return sound is not None and any(one.kind == kind for one in sound.extracts)


def _format(track: Track, master: Master) -> Iterator[tuple[str, str]]:
    audio = master.audio
    yield "Format", words.codec(audio.codec, audio.container) + (", lossless" if audio.lossless else ", lossy")
    yield "Sampling", f"{audio.sample_rate_hz / 1000:g} kHz" + (f", {audio.bits} bit" if audio.bits else "")
    yield "Channels", {1: "mono", 2: "stereo"}.get(audio.channels, f"{audio.channels} channels")
    yield "Length", words.spoken(track.duration_s)
    yield "Size of the original", words.size(master.bytes)
    if track.start_sample or track.end_sample is not None:
        end = "its end" if track.end_sample is None else words.clock(track.end_sample / audio.sample_rate_hz)
        start = words.clock(track.start_sample / audio.sample_rate_hz)
        yield "A part of its file", f"from {start} to {end}, cut to the sample"


def _loudness(sound: Sound) -> Iterator[tuple[str, str, str]]:
    loud = sound.loudness
    yield "Loudness", words.level(loud.integrated_lufs, "LUFS"), "how loud it is as a whole (EBU R 128)"
    if loud.short_term_lufs is not None:
        yield "Loudest moments", words.level(loud.short_term_lufs, "LUFS"), "over three seconds"
    yield "Range", words.level(loud.range_lu, "LU"), "between its quiet and its loud passages"
    yield "True peak", words.level(loud.true_peak_dbtp, "dBTP"), "the highest point; above 0 it may distort"


def _sheet(
    look: Look, release: str, sound: Sound, master: Master
) -> tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...]:
    before = [one for one in read.release_findings(look.tx, release) if one.where in (master.original, master.path)]
    return tuple((row.name, row.value, _findings(row)) for row in sheet_of(sound, master.audio, before))


def _findings(row: Row) -> tuple[tuple[str, str, str], ...]:
    found = [(one.code, FINDINGS[one.code][1], one.detail) for one in row.findings if one.code in FINDINGS]
    return tuple(dict.fromkeys(found))[:MAX_FINDINGS]


ROUTES = (Route("/track/{track}", answering(track)),)
