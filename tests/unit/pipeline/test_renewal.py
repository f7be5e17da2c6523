"""Renewal: what is done again, and what a track has afterwards."""

from dataclasses import replace

from sonoteca.convert.recipes import MEASURED_BY
from sonoteca.model.finding import finding
from sonoteca.model.ids import Digest, TrackId
from sonoteca.model.sound import Loss, Loudness, Made, Sound, Span, Tier, Wanted
from sonoteca.pipeline.renewal import NOTHING, Ask, is_low, joined, missing

NONE = frozenset[str]()
LOUD = Loudness(integrated_lufs=-20.0, range_lu=3.0, true_peak_dbtp=-1.0)


def wanted(tier: Tier, recipe: str = "", licence: str = "L") -> Wanted:
    return Wanted(recipe=recipe or f"{tier}-1", tier=tier, name=f"t.{tier}", tags=(("LICENSE", licence),))


def made(tier: Tier, recipe: str = "", digest: str = "a") -> Made:
    return Made(path=f"{tier}/t", tier=tier, recipe=recipe or f"{tier}-1", digest=Digest(digest * 64), bytes=1)


ACCESS, LOW, ARCHIVE = (wanted(tier) for tier in (Tier.ACCESS, Tier.LOW, Tier.ARCHIVE))
SPAN = Span(track=TrackId("t"), wanted=(ACCESS, ARCHIVE))
SOUND = Sound(
    track=TrackId("t"),
    master="m",
    recipe=MEASURED_BY,
    start_sample=0,
    end_sample=None,
    samples=9,
    sample_rate_hz=9,
    channels=1,
    loudness=LOUD,
    loss=Loss(),
    waveform="AAAA",
    made=(made(Tier.ACCESS), made(Tier.ARCHIVE)),
    asked=(Tier.ACCESS, Tier.ARCHIVE),
    licence="L",
)


def tiers(span: Span | None) -> list[Tier] | None:
    return None if span is None else [one.tier for one in span.wanted]


def test_what_was_never_decoded_is_done_whole() -> None:
    assert missing(SPAN, None, NONE) == SPAN


def test_what_is_there_stays_also_when_its_recipe_is_another_now() -> None:
    newer = replace(SPAN, wanted=(wanted(Tier.ACCESS, "access-2"), ARCHIVE))
    assert missing(SPAN, SOUND, NONE) is None
    assert missing(newer, SOUND, NONE) is None
    assert missing(newer, replace(SOUND, recipe="measured-0"), NONE) is None
    assert missing(SPAN, SOUND, frozenset({"access", "archive", "low", "measures"})) is None


def test_what_is_missing_is_made_and_nothing_is_measured_again() -> None:
    found = missing(replace(SPAN, wanted=(ACCESS, LOW, ARCHIVE)), SOUND, NONE)
    assert tiers(found) == [Tier.LOW]
    assert found is not None and found.known == LOUD


def test_what_is_asked_for_is_made_again_where_its_recipe_is_another_now() -> None:
    newer = replace(SPAN, wanted=(wanted(Tier.ACCESS, "access-2"), wanted(Tier.ARCHIVE, "archive-2")))
    assert tiers(missing(newer, SOUND, frozenset({"access"}))) == [Tier.ACCESS]
    assert tiers(missing(newer, SOUND, frozenset({"low"}))) is None
    given_up = replace(SOUND, made=(made(Tier.ACCESS),))
    assert tiers(missing(SPAN, given_up, NONE)) is None
    assert tiers(missing(SPAN, given_up, frozenset({"archive"}))) == [Tier.ARCHIVE]


def test_measures_are_taken_again_when_somebody_asks() -> None:
    old = replace(SOUND, recipe="measured-0")
    found = missing(SPAN, old, frozenset({"measures"}))
    assert found == replace(SPAN, wanted=())
    again = replace(SOUND, waveform="BBBB", made=(), asked=(), licence="")
    after = joined(old, replace(SPAN, wanted=()), again)
    assert after == replace(SOUND, waveform="BBBB")


def test_files_that_tell_another_licence_are_all_made_again() -> None:
    other = replace(SPAN, wanted=(wanted(Tier.ACCESS, licence="M"), wanted(Tier.ARCHIVE, licence="M")))
    found = missing(other, SOUND, NONE)
    assert tiers(found) == [Tier.ACCESS, Tier.ARCHIVE]
    assert found is not None and found.known == LOUD


def test_what_is_refused_stays_so_until_it_is_measured_otherwise() -> None:
    refused = replace(SOUND, findings=(finding("Q901"),), recipe="")
    assert missing(SPAN, refused, frozenset({"access"})) is None
    assert missing(SPAN, refused, frozenset({"measures"})) == SPAN
    assert joined(refused, SPAN, SOUND) == SOUND


def test_a_track_keeps_what_it_has_when_more_is_made() -> None:
    came = replace(SOUND, waveform="", made=(made(Tier.LOW, digest="b"),), asked=(Tier.LOW,))
    after = joined(SOUND, Span(track=TrackId("t"), wanted=(LOW,), known=LOUD), came)
    assert after == replace(
        SOUND,
        made=(made(Tier.ACCESS), made(Tier.ARCHIVE), made(Tier.LOW, digest="b")),
        asked=(Tier.ACCESS, Tier.ARCHIVE, Tier.LOW),
    )


def test_what_cannot_be_decoded_today_takes_nothing_back() -> None:
    came = replace(SOUND, samples=0, waveform="", made=(), findings=(finding("Q902"),), recipe="")
    after = joined(SOUND, Span(track=TrackId("t"), wanted=(LOW,), known=LOUD), came)
    assert (after.waveform, after.made, after.is_refused) == (SOUND.waveform, SOUND.made, False)
    assert Tier.LOW in after.asked


def test_what_cannot_be_made_anew_stays_as_it_was_unless_its_licence_holds_no_more() -> None:
    came = replace(SOUND, samples=0, waveform="", made=(), findings=(finding("Q902"),), recipe="", licence="")
    again = replace(SPAN, wanted=(wanted(Tier.ACCESS, "access-2"),), known=LOUD)
    assert joined(SOUND, again, came).made == SOUND.made
    other = replace(SPAN, wanted=(wanted(Tier.ACCESS, licence="M"), wanted(Tier.ARCHIVE, licence="M")), known=LOUD)
    assert joined(SOUND, other, came).made == ()
    partly = replace(SOUND, made=(made(Tier.ACCESS, digest="c"),), licence="M")
    assert joined(SOUND, other, partly).made == (made(Tier.ACCESS, digest="c"),)


def test_asking_is_of_some_or_of_all() -> None:
    assert NOTHING.of("a") == NONE
    assert Ask(names=frozenset({"low"})).of("a") == {"low"}
    assert Ask(names=frozenset({"low"}), releases=frozenset({"b"})).of("a") == NONE
    assert is_low(replace(SOUND, asked=(Tier.LOW,)), NONE, always=False)
    assert is_low(None, frozenset({"low"}), always=False) and is_low(None, NONE, always=True)
    assert not is_low(SOUND, NONE, always=False)


def shown(cover: str, *, recipe: str = "") -> tuple[Wanted, Wanted]:
    """Both files, with a picture."""
    return replace(wanted(Tier.ACCESS, recipe), cover=cover), replace(wanted(Tier.ARCHIVE, recipe), cover=cover)


def with_cover(cover: str) -> Sound:
    return replace(SOUND, made=tuple(replace(one, cover=cover) for one in SOUND.made))


def test_what_has_no_picture_is_not_made_again_for_one_until_somebody_asks() -> None:
    span = replace(SPAN, wanted=shown("c" * 64, recipe="x-1+cover-1"))
    assert missing(span, SOUND, NONE) is None
    assert tiers(missing(span, SOUND, frozenset({"access"}))) == [Tier.ACCESS]


def test_a_picture_that_may_not_leave_any_more_or_is_another_one_is_taken_out() -> None:
    before = with_cover("c" * 64)
    assert missing(replace(SPAN, wanted=shown("c" * 64)), before, NONE) is None
    found = missing(SPAN, before, NONE)
    assert tiers(found) == [Tier.ACCESS, Tier.ARCHIVE]
    assert found is not None and found.known == LOUD
    assert tiers(missing(replace(SPAN, wanted=shown("d" * 64)), before, NONE)) == [Tier.ACCESS, Tier.ARCHIVE]


def test_what_cannot_be_made_anew_without_its_picture_is_gone() -> None:
    came = replace(SOUND, samples=0, waveform="", made=(), findings=(finding("Q902"),), recipe="", licence="")
    assert joined(with_cover("c" * 64), replace(SPAN, known=LOUD), came).made == ()
    only = replace(SPAN, wanted=(ACCESS,), known=LOUD)
    assert [one.tier for one in joined(with_cover("c" * 64), only, came).made] == [Tier.ARCHIVE]
