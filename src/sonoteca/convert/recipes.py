"""Recipes: what is made of a master, as data; which spans are decoded, and which files are made of each.

Takes  a release, one of its masters, and what the verdicts allow of each track.
Gives  Spans for a RenderOrder, without tags (tags.py makes them); the id that pins how a file was made.
Never  decides about rights, and makes nothing under NoDerivatives: a verdict on Rendition.DERIVED says so.

A recipe is changed by a new `version`, never in place: files made before keep saying how they were made.
docs/recipes.md holds the same table, and a test compares.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sonoteca.model.ids import TrackId
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.sound import Span, Tier, Wanted

# One bit a sample at 64 times the rate: FLAC holds no such thing, and what FFmpeg makes of it is another sound.
DSD = ("dsd_", "dst")
MAX_CHANNELS = 8  # RFC 9639 §9.1.3
MAX_FLAC_RATE_HZ = 655_350  # what FFmpeg's encoder can say in a frame's header


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one kind of file is made. `codec` and `options` are FFmpeg's words; `bits_per_s` by number of channels, ()
    when the sound decides; `rate_hz` and `max_channels` 0 for those of the source; `libraries` are the ones whose
    version can change a byte; `made_of` and `never_of` say in words what `spans_of` does; `carries` the release's
    front cover, where that may leave with the file."""

    name: str
    version: int
    tier: Tier
    ending: str
    codec: str
    options: tuple[tuple[str, str], ...]
    libraries: tuple[str, ...]
    made_of: str
    never_of: str
    bits_per_s: tuple[tuple[int, int], ...] = ()
    rate_hz: int = 0
    max_channels: int = 0
    carries: bool = True


ACCESS = Recipe(
    name="access",
    version=1,
    tier=Tier.ACCESS,
    ending=".opus",
    codec="libopus",
    options=(("compression_level", "10"), ("vbr", "on"), ("frame_duration", "20"), ("flags", "+bitexact")),
    libraries=("av", "libavcodec", "libswresample", "libopus"),
    made_of="every track; more than two channels are mixed to stereo, so low that no sum exceeds full scale",
    never_of="what may leave as received only (NoDerivatives)",
    bits_per_s=((1, 64_000), (2, 96_000)),
    rate_hz=48_000,
    max_channels=2,
)
LOW = Recipe(
    name="low",
    version=1,
    tier=Tier.LOW,
    ending=".low.opus",
    codec="libopus",
    options=ACCESS.options,
    libraries=ACCESS.libraries,
    made_of="a track of which it was asked for (`sonoteca run --recipe low`, or the setting `low_tier`); mixed as"
    " `access` is",
    never_of="what may leave as received only (NoDerivatives)",
    bits_per_s=((1, 40_000), (2, 64_000)),
    rate_hz=48_000,
    max_channels=2,
    carries=False,  # where every byte counts
)
ARCHIVE = Recipe(
    name="archive",
    version=1,
    tier=Tier.ARCHIVE,
    ending=".flac",
    codec="flac",
    options=(("compression_level", "8"), ("flags", "+bitexact")),
    libraries=("av", "libavcodec"),
    made_of="a track of a lossless master that is no FLAC file; a cut of any lossless master that may not leave whole."
    " 16 and 24 bits stay as they are, 8 bits become 16, floating point and 32 bits become 24 when every sample can"
    " be said in 24",
    never_of="what may leave as received only (NoDerivatives); lossy masters; DSD; sound of more than 24 bits",
    max_channels=MAX_CHANNELS,
)
# What measures: goes up when a measure changes or another one comes.
MEASURED_BY = "measured-3"
# What puts pictures into files: stands in the ids of those that have one, so that no other id changes with it.
CARRIED_BY = "cover-1"
RECIPES: dict[str, Recipe] = {one.name: one for one in (ACCESS, LOW, ARCHIVE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Whether any channel is open to a track as received, and to what is made of it; whether the small copy is
    wanted."""

    original: bool
    derived: bool
    low: bool = False


def recipe_id(name: str, libraries: Mapping[str, str]) -> str:
    """The recipe, its version and those of the libraries that make it: "archive-1+av-18.1.0+libavcodec-62.28.102".
    `libraries` are versions by name (libraries.py reads them); KeyError for a name that is no recipe."""
    recipe = RECIPES[name]
    pins = (f"+{one}-{libraries.get(one, 'unknown')}" for one in recipe.libraries)
    return f"{recipe.name}-{recipe.version}" + "".join(pins)


def covered(recipe: str) -> str:
    """The id of a file that carries a picture: "access-1+cover-1+av-18.1.0+…"."""
    name, mark, pins = recipe.partition("+")
    return f"{name}+{CARRIED_BY}{mark}{pins}"


def uncovered(recipe: str) -> str:
    """The id of the same file without one."""
    return recipe.replace(f"+{CARRIED_BY}", "", 1)


def spans_of(
    release: Release,
    master: Master,
    allowed: Callable[[TrackId], Allowed],
    whole_is_public: bool,
    libraries: Mapping[str, str],
) -> tuple[Span, ...]:
    """What to decode of this master: a span for every track that may leave in some form, in the release's order, with
    the files wanted of it; () for an alternate, and when nothing may leave. `whole_is_public`: the master itself may
    leave, so its cuts are no other sound than what is there already."""
    if master.role is not MasterRole.PRIMARY:
        return ()
    tracks = [track for track in release.tracks if track.recording == master.recording]
    return tuple(
        Span(
            track=track.id,
            start_sample=track.start_sample,
            end_sample=track.end_sample,
            wanted=_wanted(track, _recipes(track, master.audio, whole_is_public, may), libraries),
        )
        for track in tracks
        if (may := allowed(track.id)).original or may.derived
    )


def recipe_of(tier: Tier) -> Recipe:
    """By which files of a tier are made. KeyError for originals."""
    return {one.tier: one for one in RECIPES.values()}[tier]


def is_cut(track: Track) -> bool:
    """Whether the track is less than its recording."""
    return track.start_sample > 0 or track.end_sample is not None


def fits_flac(audio: AudioFacts) -> bool:
    """Whether FLAC can hold all of it, as far as is known before it is decoded: floating point and 32 bits are tried,
    and given up at the first sample that 24 bits cannot say."""
    return (
        audio.lossless
        and not audio.codec.startswith(DSD)
        and 1 <= audio.channels <= MAX_CHANNELS
        and audio.sample_rate_hz <= MAX_FLAC_RATE_HZ
    )


def _recipes(track: Track, audio: AudioFacts, whole_is_public: bool, may: Allowed) -> tuple[Recipe, ...]:
    if not may.derived:
        return ()
    is_flac_already = audio.codec == "flac" and audio.container == "flac"
    is_other_sound = is_cut(track) and not whole_is_public
    wants_archive = fits_flac(audio) and (is_other_sound or not is_flac_already)
    return (ACCESS, *((LOW,) if may.low else ()), *((ARCHIVE,) if wants_archive else ()))


def _wanted(track: Track, recipes: tuple[Recipe, ...], libraries: Mapping[str, str]) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(
            recipe=recipe_id(one.name, libraries),
            tier=one.tier,
            name=track.id + one.ending,
            serial=hashlib.sha256(f"sonoteca {one.name} {track.id}".encode()).hexdigest(),
        )
        for one in recipes
    )
