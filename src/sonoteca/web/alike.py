"""Alike: the public recordings that a track is the same as, or like, for its page.

Takes  a look at the catalogue and a track.   Gives  what may be shown of the others, surest first.
Never  shows, counts or hints at one that is held or was withdrawn: each is looked up as its own page would be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sonoteca.catalogue import likenesses, read
from sonoteca.model.sameness import Likeness, Same
from sonoteca.web import words
from sonoteca.web.memory import Look
from sonoteca.web.public import PublicRelease, Song, find_release

MAX_SHOWN = 12
MAX_PLACES = 5
WORDS = {
    Likeness.BYTES: "the same file",
    Likeness.SAMPLES: "exactly the same sound, in another file",
    Likeness.RECORDING: "the same recording, in another form",
    Likeness.PART: "parts of one are in the other",
    Likeness.MAYBE: "so like it that it may be the same",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Another song; `how` in words, `where` they agree in this one, "" when that is all of it."""

    release: PublicRelease
    song: Song
    how: str
    where: str


def alike(look: Look, track: str) -> tuple[Alike, ...]:
    """The others that are public."""
    return tuple(islice(_public(look, track), MAX_SHOWN))


def _public(look: Look, track: str) -> Iterator[Alike]:
    for same in likenesses.of_track(look.tx, track):
        for place in read.track(look.tx, same.track, MAX_PLACES):
            found = find_release(look, place.release)
            song = next((song for song in found.songs if song.id == same.track), None) if found else None
            if found and song:
                yield Alike(release=found, song=song, how=WORDS[same.overlap.likeness], where=_where(same))
                break


def _where(same: Same) -> str:
    overlap = same.overlap
    if overlap.likeness not in (Likeness.PART, Likeness.MAYBE):
        return ""
    end = words.clock(overlap.start_s + overlap.span_s)
    return f"{words.clock(overlap.start_s)} to {end} of this one"
