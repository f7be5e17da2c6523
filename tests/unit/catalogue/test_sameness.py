"""Codes and overlaps, on fingerprints made here where what is right is known, and on the corpus' duplicates."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.catalogue.sameness import DENSITY, SHORT, codes_of, find_overlap
from sonoteca.formats.fingerprint import HOP_S, Raw, seconds_of
from sonoteca.model.sameness import Likeness


def sound(seed: int, count: int = 1600) -> Raw:
    return numpy.random.default_rng(seed).integers(0, 2**32, count, dtype=numpy.uint32)


def disturbed(raw: Raw, share: float, seed: int = 1) -> Raw:
    """So many of its bits are others."""
    bits = numpy.random.default_rng(seed).random((len(raw), 32)) < share
    return raw ^ numpy.packbits(bits, axis=1).view(">u4").astype(numpy.uint32).ravel()


def joined(*parts: Raw) -> Raw:
    return numpy.concatenate(parts)


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_in_so_many_is_chosen_by_what_it_is() -> None:
    raw = sound(1, 100_000)
    chosen = codes_of(raw)
    assert len(chosen) == pytest.approx(100_000 / DENSITY, rel=0.05)
    assert set(chosen) <= set(raw)
    assert set(codes_of(raw[5000:60_000])) == set(chosen) & set(raw[5000:60_000])


def test_short_ones_are_entered_with_their_neighbours() -> None:
    raw = sound(2, SHORT)
    assert len(codes_of(raw)) > 20 * len(codes_of(sound(2, SHORT + 1)))
    assert set(codes_of(raw)) < set(codes_of(joined(raw, sound(3)), widely=True))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(50, 2000))
def test_codes_are_sorted_and_come_once(seed: int, count: int) -> None:
    chosen = codes_of(sound(seed, count))
    assert (numpy.diff(chosen.astype(numpy.int64)) > 0).all()


# ── overlaps ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_itself() -> None:
    found = find_overlap(sound(1), sound(1))
    assert found is not None
    assert (found.likeness, found.error, found.offset_s, found.confidence) == (Likeness.RECORDING, 0.0, 0.0, 1.0)
    assert found.span_s == pytest.approx(seconds_of(1600), abs=0.01)


@pytest.mark.parametrize(
    ("share", "likeness"), [(0.02, Likeness.RECORDING), (0.10, Likeness.RECORDING), (0.20, Likeness.MAYBE), (0.4, None)]
)
def test_how_many_bits_may_differ(share: float, likeness: Likeness | None) -> None:
    found = find_overlap(sound(1, 250), disturbed(sound(1, 250), share))
    assert (found.likeness if found else None) is likeness
    assert found is None or found.error == pytest.approx(share, abs=0.02)


def test_strangers_have_nothing_in_common() -> None:
    assert find_overlap(sound(1), sound(2)) is None
    assert find_overlap(sound(1), sound(2, 40)) is None


def test_an_excerpt_and_where_it_is() -> None:
    whole = sound(1)
    part = disturbed(whole[400:500], 0.05)
    for ours, theirs, offset in ((whole, part, 400), (part, whole, -400)):
        found = find_overlap(ours, theirs)
        assert found is not None
        assert found.likeness is Likeness.PART
        assert found.offset_s == pytest.approx(offset * HOP_S, abs=0.01)
        assert found.start_s == pytest.approx(max(0, offset) * HOP_S, abs=0.2)
        assert found.span_s == pytest.approx(15, abs=0.3)


def test_a_part_that_both_have_among_other_things() -> None:
    shared = sound(1, 200)
    found = find_overlap(joined(sound(2, 700), shared, sound(3, 300)), joined(sound(4, 100), shared, sound(5, 900)))
    assert found is not None
    assert found.likeness is Likeness.PART
    assert found.offset_s == pytest.approx(600 * HOP_S, abs=0.01)
    assert found.start_s == pytest.approx(700 * HOP_S, abs=0.6)
    assert found.span_s == pytest.approx(seconds_of(200), abs=1.0)


def test_less_than_an_excerpt_counts_only_as_the_whole_of_a_short_one() -> None:
    shared = sound(1, 60)
    assert find_overlap(joined(sound(2, 400), shared), joined(shared, sound(3, 400))) is None
    found = find_overlap(joined(sound(2, 400), shared), shared)
    assert found is not None
    assert found.likeness is Likeness.PART
    assert find_overlap(joined(sound(2, 400), shared), disturbed(shared, 0.2)) is None


def test_silence_and_tones_are_like_nothing() -> None:
    silence = numpy.full(400, 627964279, numpy.uint32)
    assert find_overlap(silence, silence) is None
    tone = numpy.tile(sound(1, 4), 100)
    assert find_overlap(tone, tone) is None
    assert find_overlap(joined(silence, sound(1, 400)), joined(silence, sound(2, 400))) is None


def test_padding_and_trimming_at_the_ends_leave_it_the_same_recording() -> None:
    padded = joined(numpy.full(40, 627964279, numpy.uint32), sound(1))
    found = find_overlap(sound(1), padded)
    assert found is not None
    assert found.likeness is Likeness.RECORDING
    assert found.offset_s == pytest.approx(-40 * HOP_S, abs=0.01)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 3))
def test_any_two_give_an_answer(one: int, other: int, same: int) -> None:
    find_overlap(sound(1, one), sound(same, other))
