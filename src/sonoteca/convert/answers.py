"""Answers: what a limited process says of an order, looked at before anything is believed.

Takes  the plain value that came back, and the order.   Gives  the RenderAnswer; ValueError says what in it cannot be.
Never  loads a codec: the coordinator calls this, and render.py runs elsewhere.

A process that was broken into by a recording may say anything. It can still lie about how loud a track is; it cannot
hand over numbers that are none, text that drives a terminal, an outline of gigabytes, or files nobody asked for.
"""

import base64
import binascii
import math
import re
from typing import Any

from sonoteca.convert.extracts import EXTRACTS
from sonoteca.convert.outlines import bins_of
from sonoteca.formats import fingerprint
from sonoteca.formats.plain import from_plain
from sonoteca.model.finding import FINDINGS, Finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import (
    OUTLINE_HZ,
    OVERVIEW_BINS,
    WAVEFORM_HZ,
    RenderAnswer,
    RenderedSpan,
    RenderOrder,
    Sound,
    Span,
    Traits,
)

MAX_TEXT = 500
MAX_FINDINGS = 100
MAX_LEVELS = 1_800
MAX_NAMES = 64
MAX_LEVEL = 1_000.0
SUBPRINTS_HZ = 11_025 / 1365  # chroma.py
MAX_SUBPRINT_CHARS = 180  # a second: 33 distances of three bits, eight times, in base64
_MD5 = re.compile(r"(?:[0-9a-f]{32})?")


def parse_answer(value: Any, order: RenderOrder) -> RenderAnswer:
    """The answer to this order."""
    answer = from_plain(RenderAnswer, value)
    if answer.refused:
        _law(not answer.spans, "refused and answered")
        _law(_is_text(answer.refused), "refused with a text that is none")
    else:
        _law(len(answer.spans) == len(order.spans), "not one answer for each track")
    for came, span in zip(answer.spans, order.spans, strict=False):
        _verify_span(came, span, order)
    _law(len(answer.cpu_s) <= MAX_NAMES, "too many kinds of cost")
    for name, seconds in answer.cpu_s:
        _law(_is_text(name) and _is_within(seconds, 0, math.inf), "a cost that is no number")
    return answer


def _verify_span(came: RenderedSpan, span: Span, order: RenderOrder) -> None:
    sound = came.sound
    place = (span.track, span.start_sample, span.end_sample)
    _law((sound.track, sound.start_sample, sound.end_sample) == place, "another track than was asked for")
    audio = order.audio
    form = (order.master, audio.sample_rate_hz, audio.channels)
    _law((sound.master, sound.sample_rate_hz, sound.channels) == form, "another master than was asked for")
    wanted = [one.name for one in span.wanted]
    _law(list(came.names) == [name for name in wanted if name in came.names], "files that were not asked for")
    _verify_traits(sound.traits, audio)
    _law(not sound.made and not sound.asked and not sound.extracts, "it says what was deposited")
    _verify_sound(sound, _most_samples(span, order))
    _law(span.known is None or not came.extracts, "it measured what was known")
    _verify_outlines(sound, 0 if span.known else sound.samples)
    _verify_gating(sound)
    _verify_extracts(came)
    _verify_findings(sound.findings, order.master)


def _most_samples(span: Span, order: RenderOrder) -> int:
    most = int(order.max_seconds * order.audio.sample_rate_hz)
    return max(0, min(most, most if span.end_sample is None else span.end_sample) - span.start_sample)


def _verify_sound(sound: Sound, most_samples: int) -> None:
    _law(0 <= sound.samples <= most_samples, "more samples than the track can have")
    loud = sound.loudness
    levels = (loud.integrated_lufs, loud.range_lu, loud.true_peak_dbtp, loud.short_term_lufs, loud.momentary_lufs)
    for level in levels:
        _law(level is None or _is_within(level, -MAX_LEVEL, MAX_LEVEL), "a level that is none")
    _law(sound.loss.packets >= 0 and _is_within(sound.loss.seconds, 0, math.inf), "a loss that is none")
    _law(_is_text(sound.loss.first_error) and _is_text(sound.recipe), "a text that is none")
    _law(bool(_MD5.fullmatch(sound.pcm_md5)), "a sum of samples that is none")
    _law(_is_fingerprint(sound.fingerprint, sound.samples / sound.sample_rate_hz), "a fingerprint that is none")


def _verify_outlines(sound: Sound, samples: int) -> None:
    bins = bins_of(samples, sound.sample_rate_hz, WAVEFORM_HZ)
    _law(_bins(sound.waveform) == bins, "an outline of another length")
    seen = min(bins_of(samples, sound.sample_rate_hz, OUTLINE_HZ), OVERVIEW_BINS)
    _law(_bins(sound.overview) == 2 * seen, "an overview of another length")


def _verify_gating(sound: Sound) -> None:
    gating = sound.loudness.gating
    _law(list(gating) == sorted(dict(gating).items()) and len(gating) <= MAX_LEVELS, "levels that are not in order")
    _law(all(-700 <= level <= 1000 and blocks > 0 for level, blocks in gating), "a level that is none")
    blocks = sum(blocks for _, blocks in gating)
    _law(blocks <= 10 * sound.samples // sound.sample_rate_hz + 1, "more levels than the track has")


def _verify_traits(traits: Traits, audio: AudioFacts) -> None:
    _law(0 <= traits.bits_used <= max(0, audio.bits), "more bits than it has")
    _law(0 <= traits.bandwidth_hz <= audio.sample_rate_hz, "a frequency that it cannot hold")
    _law(traits.correlation is None or _is_within(traits.correlation, -1, 1), "a correlation that is none")
    _law(len(traits.dc_offset) in (0, audio.channels), "offsets of other channels")
    _law(_is_text(traits.decoder), "a decoder with a name that is none")
    _law(all(_is_within(one, -MAX_LEVEL, MAX_LEVEL) for one in traits.dc_offset), "an offset that is none")


def _verify_findings(findings: tuple[Finding, ...], master: str) -> None:
    _law(len(findings) <= MAX_FINDINGS, "too many findings")
    for found in findings:
        _law(found.code[:1] == "Q" and found.code in FINDINGS, "a finding that nobody knows")
        _law(found.severity is FINDINGS[found.code][0], "a finding graver than it is")
        _law(found.where in ("", master) and _is_text(found.detail), "a finding with a text that is none")


def _verify_extracts(came: RenderedSpan) -> None:
    seconds = came.sound.samples / came.sound.sample_rate_hz
    kinds = [kind for kind, _ in came.extracts]
    _law(kinds == sorted(set(kinds)) and set(kinds) <= set(EXTRACTS), "an extract that nobody knows")
    for kind, text in came.extracts:
        known, raw = EXTRACTS[kind], _decoded(text)
        _law(raw is not None and 0 < len(raw) <= known.most_bytes(seconds), f"an extract ({kind}) of a wrong size")
        _law(known.is_sound(raw or b"", came.sound), f"an extract ({kind}) that is none")


def _bins(waveform: str) -> int:
    raw = _decoded(waveform)
    return -1 if raw is None else len(raw)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_fingerprint(text: str, seconds: float) -> bool:
    """Whether it has as many sub-fingerprints as the sound can give; one more, because resampling rounds."""
    if not text:
        return True
    if len(text) > MAX_SUBPRINT_CHARS * (seconds + 1):
        return False
    try:
        return len(fingerprint.parse(text)) <= seconds * SUBPRINTS_HZ + 1
    except ValueError:
        return False


def _is_text(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable()


def _is_within(number: float, least: float, most: float) -> bool:
    return math.isfinite(number) and least <= number <= most


def _law(holds: bool, broken: str) -> None:
    if not holds:
        raise ValueError(broken)
