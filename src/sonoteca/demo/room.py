"""Room: the space around a sound, and the level and end it is given.

Takes  a stereo sound (demo.synth).
Gives  the same with echoes that grow dense and dark (Schroeder's reverberator: damped combs in parallel, all-passes
       after them), faded at its end, its highest peak at -3 dBFS.
Why    blocks as long as a comb's delay: within one no sample needs another, so numpy does them all at once.
"""

import numpy as np

from sonoteca.demo.synth import RATE_HZ, Sound, swell

# Delays in samples, without common divisors; the right channel's are longer, which makes the room wide.
COMBS = (1557, 1617, 1491, 1422, 1277, 1356)
ALL_PASSES = (225, 556)
WIDER = 23
BOUNCE = 0.83
WET = 0.3
PEAK = 10 ** (-3 / 20)
FADE_S = 2.2
PREDELAY_S = 0.018


def comb(dry: Sound, delay: int) -> Sound:
    """Echoes, each duller than the one before: y[n] = x[n] + bounce · (y[n-d-1] + 2·y[n-d] + y[n-d+1]) / 4."""
    wet = np.concatenate([np.zeros(delay + 1), dry])
    for start in range(delay + 1, len(wet), delay - 1):
        stop = min(start + delay - 1, len(wet))
        earlier = wet[start - delay - 1 : stop - delay + 1]
        wet[start:stop] += (earlier[:-2] + 2 * earlier[1:-1] + earlier[2:]) * (BOUNCE / 4)
    return wet[delay + 1 :]


def all_pass(dry: Sound, delay: int, gain: float = 0.5) -> Sound:
    """Smears in time, leaves the spectrum alone: y[n] = -g·x[n] + x[n-d] + g·y[n-d]."""
    wet = np.concatenate([np.zeros(delay), dry * -gain])
    wet[2 * delay :] += dry[: len(dry) - delay]
    for start in range(delay, len(wet), delay):
        stop = min(start + delay, len(wet))
        wet[start:stop] += wet[start - delay : stop - delay] * gain
    return wet[delay:]


def echoes(dry: Sound, wider: int) -> Sound:
    """What one ear hears of the room."""
    late = np.concatenate([np.zeros(round(PREDELAY_S * RATE_HZ)), dry])[: len(dry)]
    wet = np.zeros(len(dry))
    for delay in COMBS:
        wet += comb(late, delay + wider)
    wet /= len(COMBS)
    for delay in ALL_PASSES:
        wet = all_pass(wet, delay + wider)
    return wet


def place(sound: Sound) -> Sound:
    """The sound in its room, faded and levelled."""
    middle = (sound[0] + sound[1]) / 2
    heard = np.stack([side + WET * echoes(0.6 * middle + 0.4 * side, WIDER * ear) for ear, side in enumerate(sound)])
    heard *= swell(heard.shape[1], FADE_S)[::-1]
    return heard * (PEAK / max(float(np.abs(heard).max()), 1e-9))
