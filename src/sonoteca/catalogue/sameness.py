"""Sameness: which sub-fingerprints a recording is found by, and what two fingerprints have in common.

Takes  fingerprints (formats/fingerprint.py).   Gives  codes for the index; an Overlap of two, None for strangers.
Never  looks anything up; never depends on which of the two came first: codes of both are chosen by the same rule, so
       that a pair is found whichever is in the index already, and `rebuild` finds the same pairs.

A recording is found by one in DENSITY of its sub-fingerprints, chosen by what they are, so that both sides choose the
same ones. Of a short one that is too few: it is entered, and looked for, under those that differ in one bit as well.
docs/sameness.md has the figures: with this density an excerpt of 15 seconds shares a code with its recording in more
than 99 of 100 cases, whatever lies between them.

What a candidate is then decided by is a count of bits: the two are laid over each other where most sub-fingerprints
are equal, and the stretch is taken in which they agree best. How much they agree says something only beside how much
the stretch is like itself a few seconds on: noise, applause and a loop of drums are like others of their kind at any
place, music is like itself at its own.
"""

from typing import Any, cast

import numpy

from sonoteca.formats.fingerprint import HOP_S, Raw, seconds_of
from sonoteca.model.sameness import Likeness, Overlap

Array = numpy.ndarray[Any, Any]

DENSITY = 16
SHORT = 256  # sub-fingerprints, 34 seconds: entered with their neighbours
MATCH_BELOW, LOOK_BELOW = 0.15, 0.30  # transcodes differ in 0.1–5 % of bits, other recordings in 42 % and more
MIN_SPAN = 100  # sub-fingerprints of an excerpt of 15 seconds
MIN_WHOLE = 16  # of a recording that agrees as a whole, about 5 seconds
WHOLE_SHARE = 0.9
MIN_DISTINCT, DISTINCT_SHARE = 8, 1 / 8  # silence and single tones are like each other in every recording
# Of less than MIN_SPAN more is asked: chance has more room in little, and slow chords are like other slow chords.
SHORT_BELOW, SHORT_DISTINCT_SHARE = 0.10, 1 / 2
# Of the bits that differ when a stretch is moved along itself, and how far it is moved: transcodes differ in a third of
# them at most, two noises or two tunes over one loop in three quarters and more.
SURE_SHARE, LOOK_SHARE = 0.5, 0.7
_MOVED = (7, 11, 17, 23, 31, 43, 59)
TRIED = 8  # ways of laying them over each other
REPEATED = 8  # a sub-fingerprint that comes more often says little about where
_NEIGHBOURS = numpy.concatenate(([0], 1 << numpy.arange(32, dtype=numpy.uint64))).astype(numpy.uint32)


def codes_of(raw: Raw, *, widely: bool = False) -> Raw:
    """The codes that a recording is entered and looked for under, sorted, each once; `widely` with the neighbours
    whatever its length, for somebody who asks about one file."""
    found = numpy.unique(raw)
    if widely or len(raw) <= SHORT:
        found = numpy.unique((found[:, None] ^ _NEIGHBOURS).ravel())
    return cast(Raw, found[mixed(found) % DENSITY == 0])


def find_overlap(ours: Raw, theirs: Raw) -> Overlap | None:
    """What they have in common, None when it is no more than chance or too little to say."""
    found = [_overlap(ours, theirs, offset) for offset in _offsets(ours, theirs)]
    best = max((one for one in found if one), key=_weight, default=None)
    if best is None and min(len(ours), len(theirs)) <= SHORT:
        every = (_overlap(ours, theirs, offset) for offset in _every_offset(ours, theirs))
        best = max((one for one in every if one), key=_weight, default=None)
    return best


def _weight(one: Overlap) -> tuple[bool, float, float]:
    return one.likeness is not Likeness.MAYBE, one.span_s * one.confidence, -one.error


def mixed(found: Raw) -> Raw:
    """Each bit of the outcome hangs on all of the word (Wellons, "Prospecting for hash functions": lowbias32)."""
    mixed = found.copy()
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        mixed ^= mixed >> numpy.uint32(shift)
        mixed *= numpy.uint32(factor)
    return mixed ^ (mixed >> numpy.uint32(16))


def _offsets(ours: Raw, theirs: Raw) -> list[int]:
    """Where theirs may begin in ours: the places that most equal sub-fingerprints speak for."""
    order = numpy.argsort(ours, kind="stable")
    ranked = ours[order]
    first, last = numpy.searchsorted(ranked, theirs, "left"), numpy.searchsorted(ranked, theirs, "right")
    offsets = []
    for step in range(REPEATED):
        here = numpy.flatnonzero((first + step < last) & (last - first <= REPEATED))
        offsets.append(order[first[here] + step] - here)
    places, counts = numpy.unique(numpy.concatenate(offsets), return_counts=True)
    return [int(one) for one in places[numpy.argsort(-counts, kind="stable")[:TRIED]]]


def _every_offset(ours: Raw, theirs: Raw) -> range:
    least = min(MIN_WHOLE, len(ours), len(theirs))
    return range(least - len(theirs), len(ours) - least + 1)


def _overlap(ours: Raw, theirs: Raw, offset: int) -> Overlap | None:
    start, end = max(0, offset), min(len(ours), offset + len(theirs))
    if end - start < MIN_WHOLE:
        return None
    errors = numpy.bitwise_count(ours[start:end] ^ theirs[start - offset : end - offset]) / 32
    shorter, longer = sorted((len(ours), len(theirs)))
    # All that a person would look at, when it is good enough as a whole; else the part that is.
    for limit, most in ((LOOK_BELOW, MATCH_BELOW), (MATCH_BELOW, MATCH_BELOW), (LOOK_BELOW, LOOK_BELOW)):
        first, last = _best_stretch(errors, limit)
        error = float(errors[first:last].mean()) if last > first else 1.0
        sides = ours[start + first : start + last], theirs[start + first - offset : start + last - offset]
        if error < most and _says_something(sides, error, shorter):
            sure = Likeness.RECORDING if last - first >= WHOLE_SHARE * longer else Likeness.PART
            return Overlap(
                likeness=sure if error < MATCH_BELOW else Likeness.MAYBE,
                error=round(error, 4),
                offset_s=round(offset * HOP_S, 2),
                start_s=round((start + first) * HOP_S, 2),
                span_s=round(seconds_of(last - first), 2),
            )
    return None


def _best_stretch(errors: Array, limit: float) -> tuple[int, int]:
    """From and to where the errors stay most below the limit."""
    sums = numpy.concatenate(([0.0], numpy.cumsum(limit - errors)))
    gains = sums - numpy.minimum.accumulate(sums)
    last = int(numpy.argmax(gains))
    return int(numpy.argmin(sums[: last + 1])), last


def _says_something(sides: tuple[Raw, Raw], error: float, shorter: int) -> bool:
    """Whether so much agrees so well that it is no chance, and is more than a tone, silence or noise."""
    span, distinct = len(sides[0]), min(len(numpy.unique(side)) for side in sides)
    share = SURE_SHARE if error < MATCH_BELOW else LOOK_SHARE
    if span < MIN_WHOLE or distinct < MIN_DISTINCT or error > share * min(_variety(side) for side in sides):
        return False
    if span >= MIN_SPAN:
        return error < LOOK_BELOW and distinct >= DISTINCT_SHARE * span
    is_whole = span >= max(MIN_WHOLE, WHOLE_SHARE * shorter)
    return is_whole and error < SHORT_BELOW and distinct >= SHORT_DISTINCT_SHARE * span


def _variety(stretch: Raw) -> float:
    """The share of bits in which it differs from itself when it is moved by one to eight seconds."""
    moved = [step for step in _MOVED if step < len(stretch) * 0.7]
    return float(numpy.median([numpy.bitwise_count(stretch[step:] ^ stretch[:-step]).mean() / 32 for step in moved]))
