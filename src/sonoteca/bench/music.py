"""Music to measure with: chords, a beat and a room's noise, so that codecs work as they do on recordings.

Takes  a seed and a length.   Gives  blocks of samples, 16 bits, two channels, deterministic.
Never  holds more than a phrase, so an hour of it needs no more memory than a minute.

Noise alone would be coded unlike music: FLAC would find nothing to predict, Opus nothing tonal. Here every half second
has another chord of four struck strings with twelve partials each, a beat, and pink noise 50 dB below full scale; the
channels differ in level and in phase. A phrase of 24 chords comes again in another order and at another level: no
codec looks back further than a fraction of a second.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

RATE_HZ = 44_100
BLOCK_S = 0.5
PHRASE = 24
PARTIALS = 12
STEPS = (0, 3, 5, 7, 10, 12, 15, 19)  # semitones above A

Floats = np.ndarray[Any, np.dtype[np.float64]]
Samples = np.ndarray[tuple[int, ...], np.dtype[np.int16]]


def music(seed: int, seconds: float) -> Iterator[Samples]:
    """The recording, in blocks (samples, 2) of half a second."""
    chance = np.random.default_rng(seed)
    phrase = [_chord(chance) for _ in range(min(PHRASE, math.ceil(seconds / BLOCK_S)))]
    left = round(seconds * RATE_HZ)
    while left > 0:
        for number in chance.permutation(len(phrase)):
            sound = phrase[number] * chance.uniform(0.4, 1.0)
            block: Samples = np.clip(sound * 32767, -32768, 32767).astype("<i2")[:left]
            left -= len(block)
            if len(block):
                yield block


def _chord(chance: np.random.Generator) -> Floats:
    count = round(BLOCK_S * RATE_HZ)
    at_s = np.arange(count) / RATE_HZ
    beat = chance.normal(0, 1, count) * np.exp(-at_s * chance.uniform(15, 60)) * 0.25
    found = np.stack([beat, beat * 0.8], axis=1)
    for step in chance.choice(STEPS, 4, replace=False):
        string = _string(110 * 2 ** (step / 12), at_s, chance)
        place = chance.uniform(0.2, 0.8)
        found += np.stack([string * (1 - place), np.roll(string, 13) * place], axis=1)
    room = np.stack([_pink(chance, count), _pink(chance, count)], axis=1)
    return found * 0.35 + room * 0.003


def _string(hertz: float, at_s: Floats, chance: np.random.Generator) -> Floats:
    """Partials that fade, the higher ones sooner, a little out of tune as those of stiff strings are."""
    found = np.zeros(len(at_s))
    for number in range(1, PARTIALS + 1):
        stretched = hertz * number * (1 + 0.0004 * number**2)
        found += np.exp(-at_s * (1.5 + number)) * np.sin(2 * np.pi * stretched * at_s) / number
    attack = np.minimum(1, at_s / 0.004)
    sound: Floats = found * attack * chance.uniform(0.5, 1.0)
    return sound


def _pink(chance: np.random.Generator, count: int) -> Floats:
    """Noise of equal power an octave, shaped in the frequency domain; 1 at its largest."""
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    found = np.fft.irfft(spectrum, count)
    shaped: Floats = found / np.abs(found).max()
    return shaped
