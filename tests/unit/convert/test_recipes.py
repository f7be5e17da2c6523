"""Recipes: which files are wanted of which master, and that the page says the same as the table."""

import dataclasses
import re

import pytest

from sonoteca.convert.libraries import library_versions
from sonoteca.convert.recipes import ACCESS, ARCHIVE, LOW, RECIPES, Allowed, recipe_id, spans_of
from sonoteca.convert.tags import IDENTIFIERS, ROLES
from sonoteca.model.ids import Digest, RecordingId, recording_id, release_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Master, MasterRole, Release, Statement, Track
from sonoteca.model.sound import Span, Tier
from tests.tools import PROJECT
from tests.unit.convert.recordings import facts

LIBRARIES = {"av": "18.1.0", "libavcodec": "62.28.102", "libswresample": "6.3.102", "libopus": "0.11.1"}


def allow(original: bool, derived: bool) -> Allowed:
    return Allowed(original=original, derived=derived)


DIGEST = Digest("ab" * 32)
RECORDING = recording_id(DIGEST)
YES, DERIVED, NO_DERIVATIVES, NO = allow(True, True), allow(False, True), allow(True, False), allow(False, False)
WAV = facts(44_100, 2, seconds=100.0)
FLAC = dataclasses.replace(WAV, codec="flac", container="flac")
MP3 = dataclasses.replace(WAV, codec="mp3", container="mp3", lossless=False, bits=0)


def master(audio: AudioFacts = WAV, role: MasterRole = MasterRole.PRIMARY) -> Master:
    return Master(path="masters/x", original="x", digest=DIGEST, bytes=1, recording=RECORDING, role=role, audio=audio)


def track(start: int = 0, end: int | None = None, recording: RecordingId = RECORDING, position: int = 1) -> Track:
    title = Statement(text="t", source="tag")
    found = track_id(recording, start, end)
    return Track(position=position, id=found, recording=recording, title=title, start_sample=start, end_sample=end)


def release(*tracks: Track) -> Release:
    return Release(id=release_id([DIGEST], "s"), title=Statement(text="r", source="tag"), tracks=tracks)


def spans(audio: AudioFacts, *tracks: Track, allowed: Allowed = YES, whole: bool = True) -> tuple[Span, ...]:
    return spans_of(release(*tracks), master(audio), lambda _: allowed, whole, LIBRARIES)


def tiers(found: tuple[Span, ...]) -> list[list[Tier]]:
    return [[one.tier for one in span.wanted] for span in found]


ACCESS_ONLY, BOTH = [Tier.ACCESS], [Tier.ACCESS, Tier.ARCHIVE]
CASES = [
    ("lossless and no FLAC", WAV, True, BOTH),
    ("FLAC already", FLAC, True, ACCESS_ONLY),
    ("FLAC in Ogg", dataclasses.replace(FLAC, container="ogg"), True, BOTH),
    ("lossy", MP3, True, ACCESS_ONLY),
    ("lossy, not whole", MP3, False, ACCESS_ONLY),
    ("DSD", dataclasses.replace(WAV, codec="dsd_lsbf_planar"), True, ACCESS_ONLY),
    ("DST", dataclasses.replace(WAV, codec="dst"), True, ACCESS_ONLY),
    ("floating point is tried", dataclasses.replace(WAV, codec="pcm_f32le", bits=32), True, BOTH),
    ("eight channels", dataclasses.replace(WAV, channels=8), True, BOTH),
    ("nine channels", dataclasses.replace(WAV, channels=9), True, ACCESS_ONLY),
    ("a rate that FLAC cannot say", dataclasses.replace(WAV, sample_rate_hz=768_000), True, ACCESS_ONLY),
]


@pytest.mark.parametrize(("audio", "whole", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_whole_track(audio: AudioFacts, whole: bool, expected: list[Tier]) -> None:
    assert tiers(spans(audio, track(), whole=whole)) == [expected]


def test_a_flac_that_may_not_leave_has_no_double() -> None:
    assert tiers(spans(FLAC, track(), allowed=DERIVED, whole=False)) == [ACCESS_ONLY]


def test_cuts_of_a_flac_are_made_only_when_the_whole_may_not_leave() -> None:
    cuts = track(0, 500), track(500, position=2)
    assert tiers(spans(FLAC, *cuts, whole=True)) == [ACCESS_ONLY] * 2
    assert tiers(spans(FLAC, *cuts, whole=False)) == [BOTH] * 2
    assert [(one.start_sample, one.end_sample) for one in spans(FLAC, *cuts)] == [(0, 500), (500, None)]


def test_under_no_derivatives_it_is_measured_and_nothing_is_made() -> None:
    assert tiers(spans(WAV, track(), allowed=NO_DERIVATIVES)) == [[]]


def test_what_may_not_leave_is_not_decoded() -> None:
    assert spans(WAV, track(), allowed=NO) == ()
    kept = track(0, 500)
    found = spans_of(
        release(kept, track(500, position=2)),
        master(),
        lambda one: NO if one == kept.id else YES,
        False,
        LIBRARIES,
    )
    assert [one.start_sample for one in found] == [500]


def test_alternates_and_tracks_of_other_recordings_are_left_alone() -> None:
    alternate = master(role=MasterRole.ALTERNATE)
    assert spans_of(release(track()), alternate, lambda _: YES, True, LIBRARIES) == ()
    assert spans(WAV, track(recording=recording_id(Digest("cd" * 32)))) == ()


def test_the_small_copy_is_made_where_it_is_wanted() -> None:
    wanted = dataclasses.replace(YES, low=True)
    assert tiers(spans(WAV, track(), allowed=wanted)) == [[Tier.ACCESS, Tier.LOW, Tier.ARCHIVE]]
    assert tiers(spans(MP3, track(), allowed=wanted)) == [[Tier.ACCESS, Tier.LOW]]
    assert tiers(spans(MP3, track(), allowed=dataclasses.replace(NO_DERIVATIVES, low=True))) == [[]]
    (span,) = spans(MP3, track(), allowed=wanted)
    assert [one.name for one in span.wanted] == [f"{span.track}.opus", f"{span.track}.low.opus"]


def test_names_serials_and_ids() -> None:
    (span,) = spans(WAV, track())
    assert [one.name for one in span.wanted] == [f"{span.track}.opus", f"{span.track}.flac"]
    assert [one.recipe for one in span.wanted] == [recipe_id("access", LIBRARIES), recipe_id("archive", LIBRARIES)]
    assert len({one.serial for one in span.wanted}) == 2
    assert spans(WAV, track()) == (span,)


def test_an_id_pins_the_libraries() -> None:
    assert recipe_id("archive", LIBRARIES) == "archive-1+av-18.1.0+libavcodec-62.28.102"
    assert recipe_id("access", LIBRARIES | {"libopus": "0.12.0"}) != recipe_id("access", LIBRARIES)
    assert recipe_id("archive", {}) == "archive-1+av-unknown+libavcodec-unknown"
    with pytest.raises(KeyError):
        recipe_id("mp3", LIBRARIES)


def test_the_versions_of_what_is_installed_are_found() -> None:
    found = library_versions()
    assert re.fullmatch(r"\d+(\.\d+)+", found["av"])
    wanted = {name for recipe in RECIPES.values() for name in recipe.libraries}
    assert wanted <= set(found), "is PyAV no wheel here? Then recipe ids say `unknown`"


def table() -> list[str]:
    """The recipes as the page has them."""
    lines = ["| recipe | tier | file | made with | made of | never of |", "| --- | --- | --- | --- | --- | --- |"]
    for one in RECIPES.values():
        options = ", ".join(f"{name} {value}" for name, value in one.options if name != "flags")
        bits = "; " + ", ".join(
            f"{count} channel{'s'[: count - 1]} {bits // 1000} kbit/s" for count, bits in one.bits_per_s
        )
        rate = f"; {one.rate_hz // 1000} kHz" if one.rate_hz else ""
        made_with = f"{one.codec}: {options}{bits if one.bits_per_s else ''}{rate}"
        name = f"`{one.name}`-{one.version}"
        lines.append(f"| {name} | {one.tier} | `{one.ending}` | {made_with} | {one.made_of} | {one.never_of} |")
    return lines


def test_the_page_has_the_table() -> None:
    page = (PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
    between = page.partition("<!-- recipes -->\n")[2].partition("<!-- /recipes -->")[0]
    assert between.splitlines() == table(), "put these lines between the marks:\n" + "\n".join(table())


def test_the_page_names_every_tag() -> None:
    page = (PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
    names = {*ROLES.values(), *IDENTIFIERS.values()}
    assert {name for name in names if not name.startswith("MUSICBRAINZ_")} <= set(re.findall(r"`([A-Z]+)`", page))


def test_every_recipe_is_whole() -> None:
    assert {one.name: one for one in (ACCESS, LOW, ARCHIVE)} == RECIPES
    assert all(("flags", "+bitexact") in one.options for one in RECIPES.values())
