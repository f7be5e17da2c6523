"""Renewal: what is made again, and what stays as it is.

Takes  what is wanted of a track now, the Sound that it has, and what somebody asked for.
Gives  the span that is still to be done, None when nothing is; afterwards the Sound as a whole.
Never  makes a file again because a library is newer, or measures again because a measure is: recordings would be
       decoded for years, and torrents issued anew, for what nobody wanted. `sonoteca run --recipe` asks for it.

What is made again although nobody asked: files that tell another licence than the verdict does now, and files that
carry a picture which may not leave with them any more, or is another one now. A picture that may leave since they were
made waits until somebody asks. What was measured before is used again (Span.known): a recording is decoded for the
files that are missing and for nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sonoteca.catalogue import read, write
from sonoteca.convert.recipes import MEASURED_BY, RECIPES
from sonoteca.model.sound import Sound, Span, Tier, Wanted
from sonoteca.pipeline.archive import Archive

MEASURES = "measures"
NAMES = (*RECIPES, MEASURES)
LICENCE_TAG = "LICENSE"
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody wants made by its recipe as it is now: names of NAMES, of these releases or (none named) of all."""

    names: frozenset[str] = frozenset()
    releases: frozenset[str] = frozenset()

    def of(self, release: str) -> frozenset[str]:
        """What is asked of a release."""
        return self.names if not self.releases or release in self.releases else frozenset()


NOTHING = Ask()


def mark(archive: Archive, ask: Ask) -> None:
    """Every release meant waits again."""
    if not ask.names:
        return
    for some in _meant(archive, ask):
        with archive.database.write() as tx:
            for release in some:
                write.mark_changed(tx, release)


def _meant(archive: Archive, ask: Ask) -> Iterable[tuple[str, ...]]:
    if ask.releases:
        yield tuple(sorted(ask.releases))
        return
    after = ""
    while True:
        with archive.database.read() as tx:
            page = tuple(one.release.id for one in read.all_releases(tx, after=after, limit=PAGE))
        if not page:
            return
        yield page
        after = page[-1]


def is_low(sound: Sound | None, asked: frozenset[str], *, always: bool) -> bool:
    """Whether the small copy of a track is wanted: it was asked for once, or is now, or always is."""
    return always or RECIPES["low"].name in asked or (sound is not None and Tier.LOW in sound.asked)


def missing(span: Span, before: Sound | None, asked: frozenset[str]) -> Span | None:
    """What of a span is to be done."""
    if before is None:
        return span
    measures = MEASURES in asked and before.recipe != MEASURED_BY
    if before.is_refused:
        return span if measures else None
    wanted = span.wanted if _says_otherwise(span, before) else tuple(_missing(span.wanted, before, asked))
    if not wanted and not measures:
        return None
    return replace(span, wanted=wanted, known=None if measures else before.loudness)


def licence_of(span: Span) -> str:
    """What the files of a span say of their licence."""
    return next((text for one in span.wanted for name, text in one.tags if name == LICENCE_TAG), "")


def _says_otherwise(span: Span, before: Sound) -> bool:
    """Whether the files tell strangers what nobody allows any more."""
    return bool(before.made and span.wanted and before.licence and before.licence != licence_of(span))


def _missing(wanted: Iterable[Wanted], before: Sound, asked: frozenset[str]) -> Iterable[Wanted]:
    made = {one.tier: one.recipe for one in before.made}
    shown = {one.tier: one.cover for one in before.made if one.cover}
    for one in wanted:
        is_asked = any(RECIPES[name].tier is one.tier for name in asked & RECIPES.keys())
        # A tier that was tried and cannot be made of this sound has no recipe here: a new one may.
        is_other = shown.get(one.tier, one.cover) != one.cover
        if is_other or one.tier not in before.asked or (is_asked and made.get(one.tier) != one.recipe):
            yield one


def joined(before: Sound | None, span: Span, came: Sound) -> Sound:
    """What is known of a track after a span of it was done."""
    if before is None or before.is_refused:
        return came
    tiers, remade = {one.tier for one in span.wanted}, {one.tier for one in came.made}
    # What could not be made anew stays as it was; unless it tells a licence, or shows a picture, that holds no more.
    gone = tiers if _says_otherwise(span, before) else remade
    shown = {one.tier: one.cover for one in span.wanted}
    kept = tuple(
        one
        for one in before.made
        if one.tier not in gone and (not one.cover or shown.get(one.tier, one.cover) == one.cover)
    )
    measured = before
    if span.known is None and not came.is_refused:
        measured = came
    # What was published yesterday and cannot be decoded today is the machine's trouble before it is the recording's:
    # what it is known for stays, and that the new files were not made is told.
    told = tuple(one for one in came.findings if one.code == "Q016" and one not in measured.findings)
    return replace(
        measured,
        made=tuple(sorted((*kept, *came.made), key=lambda one: one.path)),
        asked=tuple(sorted({*before.asked, *tiers})),
        licence=came.licence or before.licence,
        findings=(*measured.findings, *told),
    )
