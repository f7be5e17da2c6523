"""Theory: scales, diatonic chords, and how one chord moves to the next.

Takes  a tonic (MIDI number), the name of a mode, degrees counted from 0.
Gives  pitches (MIDI numbers; 60 is middle C).
"""

from itertools import product

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}


def pitch(tonic: int, mode: str, step: int) -> int:
    """The pitch of a scale step; 7 is the octave, negative steps lie below the tonic."""
    octave, degree = divmod(step, 7)
    return tonic + 12 * octave + MODES[mode][degree]


def chord_steps(degree: int, size: int = 3) -> tuple[int, ...]:
    """The scale steps (0 to 6) of the chord built in thirds on a degree: 3 a triad, 4 with its seventh."""
    return tuple((degree + 2 * third) % 7 for third in range(size))


def nearest_chord_step(step: int, degree: int, size: int = 3) -> int:
    """The step of the chord that is nearest to a step; of two, the lower."""
    inside = chord_steps(degree, size)
    return min(
        (step + away for away in (0, -1, 1, -2, 2) if (step + away) % 7 in inside), key=lambda one: abs(one - step)
    )


def voice(degree: int, before: tuple[int, ...], low: int, size: int = 3) -> tuple[int, ...]:
    """The chord in the position that moves least from the one before; steps, sorted, from `low` to an octave above."""
    places = [[step for step in range(low, low + 8) if step % 7 == one] for one in chord_steps(degree, size)]
    positions = [tuple(sorted(position)) for position in product(*places)]
    if len(before) != size:
        return min(positions)
    return min(positions, key=lambda position: (movement(before, position), position))


def movement(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    """How far the voices move in all; wide leaps count more than many steps."""
    return sum((old - new) ** 2 for old, new in zip(before, after, strict=True))
