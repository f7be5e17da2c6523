"""Synth: notes become sound: a few soft voices, added up from sines that fade each in its own time.

Takes  notes (demo.score).
Gives  a stereo sound: float64, shape (2, samples), 44.1 kHz.
Why    the same bytes on every machine: sine and cosine are looked up in a table whose entries are rounded, fading is
       repeated multiplication from a rounded factor; everything else is exact IEEE arithmetic, element by element.
       The last digit of numpy's own sin differs between processors.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sonoteca.demo.score import Note

Sound = NDArray[np.float64]

RATE_HZ = 44_100
TABLE_BITS = 16
PHASE_BITS = 40  # a turn of the circle is 2**40: the error in pitch is not measurable
SINES: Sound = np.array([round(math.sin(2 * math.pi * i / 2**TABLE_BITS), 12) for i in range(2**TABLE_BITS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """One sine of a voice: its frequency as a multiple of the note's, its strength, the time in which it fades to 1/e
    (0: it lasts as long as the note; then all of the voice do, and their ratios are whole)."""

    ratio: float
    loud: float
    fade_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How an instrument sounds. `spread_cents` detunes left against right, which makes it wide; `vibrato_cents` sets
    in slowly."""

    partials: tuple[Partial, ...]
    attack_s: float
    release_s: float
    ring_s: float = 0.0  # how much longer than written a note sounds
    spread_cents: float = 0.0
    vibrato_cents: float = 0.0


def harmonics(count: int, slope: float, fade_s: float = 0.0, stiff: float = 0.0) -> tuple[Partial, ...]:
    """Harmonics that get weaker by their number to the power of `slope` and fade faster the higher they are; `stiff`
    stretches them as in a string."""
    return tuple(
        Partial(ratio=n * (1 + stiff * n * n), loud=round(n**-slope, 9), fade_s=fade_s / n**0.8 if fade_s else 0.0)
        for n in range(1, count + 1)
    )


def partials(*given: tuple[float, float, float]) -> tuple[Partial, ...]:
    """Partials from (ratio, strength, fade) each."""
    return tuple(Partial(ratio=ratio, loud=loud, fade_s=fade_s) for ratio, loud, fade_s in given)


VOICES: dict[str, Voice] = {
    "pad": Voice(partials=harmonics(8, 1.7), attack_s=0.7, release_s=1.1, ring_s=0.9, spread_cents=7, vibrato_cents=3),
    "bass": Voice(partials=harmonics(4, 2.2, 2.4), attack_s=0.03, release_s=0.25, ring_s=0.15),
    "felt": Voice(partials=harmonics(9, 1.3, 1.6, 0.0003), attack_s=0.008, release_s=0.5, ring_s=0.7, spread_cents=2),
    "kalimba": Voice(
        partials=partials((1, 1, 0.9), (2, 0.25, 0.5), (5.4, 0.22, 0.14), (8.9, 0.1, 0.06)),
        attack_s=0.003,
        release_s=0.3,
        ring_s=1.0,
    ),
    "glass": Voice(
        partials=partials((1, 1, 2.2), (2.0, 0.3, 1.2), (3.01, 0.16, 0.7), (4.2, 0.1, 0.4), (5.4, 0.06, 0.25)),
        attack_s=0.012,
        release_s=0.6,
        ring_s=1.4,
        spread_cents=3,
    ),
    "harp": Voice(partials=harmonics(12, 1.0, 1.2), attack_s=0.004, release_s=0.4, ring_s=0.9, spread_cents=2),
    "flute": Voice(
        partials=partials((1, 1, 0), (2, 0.22, 0), (3, 0.12, 0), (4, 0.05, 0), (5, 0.03, 0)),
        attack_s=0.07,
        release_s=0.22,
        ring_s=0.12,
        vibrato_cents=11,
    ),
    "reed": Voice(
        partials=partials((1, 1, 0), (2, 0.12, 0), (3, 0.3, 0), (4, 0.05, 0), (5, 0.14, 0), (7, 0.06, 0)),
        attack_s=0.06,
        release_s=0.25,
        ring_s=0.15,
        spread_cents=3,
        vibrato_cents=8,
    ),
}
BRUSH_FADE_S = 0.045
VIBRATO_HZ = 4.8


def play(notes: Sequence[Note], seconds: float) -> Sound:
    """The notes, added up."""
    sound = np.zeros((2, math.ceil(seconds * RATE_HZ)))
    for note in notes:
        add(sound, note)
    return sound


def add(sound: Sound, note: Note) -> None:
    """Adds one note where it belongs, louder on its side."""
    heard = strike(note) if note.part.voice == "brush" else tone(note.part.voice, note.pitch, round(note.length_s, 2))
    start = round(note.start_s * RATE_HZ)
    room = min(heard.shape[1], sound.shape[1] - start)
    for channel, side in enumerate((1 - note.part.pan, 1 + note.part.pan)):
        sound[channel, start : start + room] += heard[channel, :room] * round(note.loud * math.sqrt(side / 2), 9)


@lru_cache(maxsize=96)
def tone(name: str, pitch: int, length_s: float) -> Sound:
    """One note of a voice at full strength, both channels."""
    voice = VOICES[name]
    samples = round((length_s + voice.ring_s) * RATE_HZ)
    shape = swell(samples, voice.attack_s) * swell(samples, voice.release_s)[::-1]
    loudness = sum(partial.loud for partial in voice.partials)
    sides = (voice.spread_cents / 2, -voice.spread_cents / 2) if voice.spread_cents else (0.0,)
    channels = [waves(voice, pitch + cents / 100, samples) * (shape / loudness) for cents in sides]
    return np.stack([channels[0], channels[-1]])


def waves(voice: Voice, pitch: float, samples: int) -> Sound:
    """The partials of a voice, added up; those that last share one turn of a wave and are looked up once."""
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    lasting = tuple((round(one.ratio), one.loud) for one in voice.partials if not one.fade_s)
    if lasting:
        return look_up(turn_of(lasting), frequency, samples, voice.vibrato_cents)
    total = np.zeros(samples)
    for partial in voice.partials:
        if frequency * partial.ratio < RATE_HZ / 2.2:
            wave = look_up(SINES, frequency * partial.ratio, samples)
            total += wave * fading(partial.fade_s, samples) * partial.loud
    return total


@lru_cache(maxsize=8)
def turn_of(harmonics: tuple[tuple[int, float], ...]) -> Sound:
    """One turn of a wave with these harmonics (number, strength)."""
    places = np.arange(2**TABLE_BITS, dtype=np.int64)
    total = np.zeros(2**TABLE_BITS)
    for number, loud in harmonics:
        total += SINES[(places * number) & (2**TABLE_BITS - 1)] * loud
    return total


def look_up(turn: Sound, frequency_hz: float, samples: int, vibrato_cents: float = 0.0) -> Sound:
    """A wave of this frequency from the table of one turn."""
    step = round(frequency_hz / RATE_HZ * 2**PHASE_BITS)
    phase = np.arange(samples, dtype=np.int64) * step
    if vibrato_cents:
        phase += sway(samples, frequency_hz, vibrato_cents)
    phase >>= PHASE_BITS - TABLE_BITS
    phase &= 2**TABLE_BITS - 1
    wave: Sound = turn.take(phase)
    return wave


def sway(samples: int, frequency_hz: float, cents: float) -> NDArray[np.int64]:
    """How far vibrato moves the phase: a slow sine of the pitch, which sets in over half a second."""
    depth = frequency_hz * (2 ** (cents / 1200) - 1) / (2 * math.pi * VIBRATO_HZ) * 2**PHASE_BITS
    slow: NDArray[np.int64] = np.rint(look_up(SINES, VIBRATO_HZ, samples) * swell(samples, 0.5) * round(depth)).astype(
        np.int64
    )
    return slow


@lru_cache(maxsize=64)
def fading(fade_s: float, samples: int) -> Sound:
    """1, then ever less: 1/e after `fade_s`. Made by doubling what is there, so that it costs one multiplication a
    sample."""
    factor = round(math.exp(-1 / (fade_s * RATE_HZ)), 15)
    curve = np.ones(samples)
    done = 1
    while done < samples:
        more = min(done, samples - done)
        curve[done : done + more] = curve[:more] * factor
        done, factor = done + more, factor * factor
    return curve


def swell(samples: int, seconds: float) -> Sound:
    """From 0 to 1 along half a cosine, then 1."""
    rise = min(samples, max(1, round(seconds * RATE_HZ)))
    curve = np.ones(samples)
    quarter = 2**TABLE_BITS // 4
    places = quarter - (np.arange(rise, dtype=np.int64) * (2 * quarter)) // rise  # cosine from 1 to -1
    curve[:rise] = 0.5 - 0.5 * SINES[places & (2**TABLE_BITS - 1)]
    return curve


def strike(note: Note) -> Sound:
    """A brush: noise that is gone at once, its lows taken away; the same place in a piece gives the same noise."""
    samples = round(BRUSH_FADE_S * 6 * RATE_HZ)
    hiss = noise(round(note.start_s * RATE_HZ), samples + 2)
    bright = hiss[2:] - 2 * hiss[1:-1] + hiss[:-2]
    mono = bright * fading(BRUSH_FADE_S, samples) * swell(samples, 0.004) * swell(samples, 0.05)[::-1] * 0.25
    return np.stack([mono, mono])


def noise(seed: int, samples: int) -> Sound:
    """Numbers from -1 to 1 without a pattern: splitmix64 of their places, integers only."""
    mixed = (np.arange(samples, dtype=np.uint64) + np.uint64(seed + 1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0
