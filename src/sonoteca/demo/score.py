"""Score: a piece, in a few words, becomes notes.

Takes  a Piece: key, mode, tempo, one chord a bar, who plays, a seed.
Gives  its notes in time: chords that lead into each other, a bass, a broken-chord figure, and a melody that is made
       of two short motifs, rests on chord notes where it is heard most, and comes home at the end.
Why    the only dice are random.Random(seed).random(): Python promises that sequence for ever, no other of its.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.demo import theory

# Where the notes of a bar begin and how long they last, in beats, by beats a bar; the last one closes a phrase.
RHYTHMS: dict[int, tuple[tuple[tuple[float, float], ...], ...]] = {
    4: (
        ((0, 1.5), (1.5, 0.5), (2, 2)),
        ((0, 1), (1, 1), (2, 1.5), (3.5, 0.5)),
        ((0, 2), (2, 1), (3, 1)),
        ((0.5, 0.5), (1, 1), (2, 2)),
        ((0, 3.5),),
    ),
    3: (
        ((0, 2), (2, 1)),
        ((0, 1), (1, 1), (2, 1)),
        ((0, 1.5), (1.5, 0.5), (2, 1)),
        ((0, 1), (1, 2)),
        ((0, 2.75),),
    ),
}
SHAPES = ((0, 1, 0, -1), (0, -1, 1, 2), (0, 2, 1, 0), (0, 1, 2, 1), (0, -1, -2, -1))
PHRASE_BARS = 4
LINGER_S = 0.9  # the last bar sounds on
LAST_BEATS = 4.0  # these are drawn out by:
DRAWN_OUT = 0.35
ARCH = (9, 11, 10, 8)  # how high the melody leans in each bar of a phrase, in steps above the low tonic
VOICING_LOW = -3  # the lowest step of the chords
HASTE_S = 0.008  # nobody plays exactly on time


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece in a few words. `tonic` is a MIDI number, `chords` a degree (0 to 6) for every bar, `figure` the order
    in which the figure walks through the chord, `figure_beats` how long one of its notes is; voices are names of
    demo.synth.VOICES."""

    title: str
    seed: int
    tonic: int
    mode: str
    tempo_bpm: float
    beats: int
    chords: tuple[int, ...]
    lead: str
    figure_voice: str
    figure: tuple[int, ...]
    figure_beats: float = 0.5
    sevenths: bool = False
    second_voice: bool = False
    brushes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who plays: a voice, how loud (0 to 1), where between left (-1) and right (1)."""

    voice: str
    loud: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sound: when and how long in seconds, its pitch (MIDI number), who plays it and how loud."""

    start_s: float
    length_s: float
    pitch: int
    loud: float
    part: Part


class Desk:
    """Where a piece is written: its clock, its dice, its chords."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.bars = len(piece.chords)
        self.size = 4 if piece.sevenths else 3
        self._dice = random.Random(piece.seed)

    def chance(self) -> float:
        """The next number from 0 up to 1."""
        return self._dice.random()

    def pick(self, count: int) -> int:
        """The next number from 0 up to count - 1."""
        return int(self.chance() * count)

    def seconds(self, beat: float) -> float:
        """When a beat falls: even, and drawn out at the end."""
        late = max(0.0, beat - (self.piece.beats * self.bars - LAST_BEATS))
        return (beat + DRAWN_OUT * late * late / (2 * LAST_BEATS)) * 60 / self.piece.tempo_bpm

    def note(self, part: Part, beats: tuple[float, float], step: int, loud: float = 1.0) -> Note:
        """A note of a part from one beat to another, on a step of the scale, a little uneven as hands are."""
        start = self.seconds(beats[0])
        haste = HASTE_S * self.chance() if beats[0] else 0.0
        strength = part.loud * loud * (0.88 + 0.12 * self.chance())
        length = self.seconds(beats[1]) - start
        pitch = theory.pitch(self.piece.tonic, self.piece.mode, step)
        return Note(start_s=start + haste, length_s=length, pitch=pitch, loud=strength, part=part)

    def voicings(self) -> list[tuple[int, ...]]:
        """The chord of each bar as steps, each as near as can be to the one before."""
        found: list[tuple[int, ...]] = []
        for degree in self.piece.chords:
            found.append(theory.voice(degree, found[-1] if found else (), VOICING_LOW, self.size))
        return found


def write(piece: Piece) -> tuple[Note, ...]:
    """All notes of the piece, by time."""
    desk = Desk(piece)
    voicings = desk.voicings()
    notes = [*pad(desk, voicings), *bass(desk), *figure(desk, voicings), *melody(desk)]
    if piece.brushes:
        notes += brushes(desk)
    return tuple(sorted(notes, key=lambda note: (note.start_s, note.pitch, note.part.voice)))


def pad(desk: Desk, voicings: list[tuple[int, ...]]) -> Iterator[Note]:
    """Long chords, soft, wide."""
    beats = desk.piece.beats
    for bar, steps in enumerate(voicings):
        for place, step in enumerate(steps):
            part = Part(voice="pad", loud=0.13, pan=0.5 * (place / (len(steps) - 1)) - 0.25)
            yield desk.note(part, (bar * beats, (bar + 1) * beats), step)


def bass(desk: Desk) -> Iterator[Note]:
    """The root, and in later bars the fifth on the way to the next chord."""
    part = Part(voice="bass", loud=0.42)
    beats = desk.piece.beats
    half = beats - 1 if beats % 2 else beats / 2
    for bar, degree in enumerate(desk.piece.chords):
        root = degree - 14 if degree > 3 else degree - 7
        start = bar * beats
        if bar in (0, desk.bars - 1):
            yield desk.note(part, (start, start + beats), root)
        else:
            yield desk.note(part, (start, start + half), root)
            yield desk.note(part, (start + half, start + beats), root + (4 if bar % 2 else 0), 0.7)


def figure(desk: Desk, voicings: list[tuple[int, ...]]) -> Iterator[Note]:
    """Broken chords, an octave above the pad, swelling and ebbing; the last bar is one slow upward sweep."""
    piece = desk.piece
    count = round(piece.beats / piece.figure_beats)
    for bar, steps in enumerate(voicings):
        tones = [step + 7 for step in steps] + [steps[0] + 14]
        swell = 0.7 + 0.3 * min(bar, desk.bars - 1 - bar, 3) / 3
        for place in range(count if bar < desk.bars - 1 else len(tones)):
            step = tones[piece.figure[place % len(piece.figure)] % len(tones)] if bar < desk.bars - 1 else tones[place]
            part = Part(voice=piece.figure_voice, loud=0.24, pan=0.55 if place % 2 else -0.45)
            beat = bar * piece.beats + place * piece.figure_beats
            yield desk.note(part, (beat, beat + 2 * piece.figure_beats), step, swell * (1.0 if place == 0 else 0.8))


def melody(desk: Desk) -> Iterator[Note]:
    """Two motifs in turn (a b a c): the first bar is left to the others, phrases end on a long note, the last one at
    home."""
    piece = desk.piece
    lead = Part(voice=piece.lead, loud=0.46, pan=0.08)
    second = Part(voice=piece.lead, loud=0.2, pan=-0.3)
    motifs = [(desk.pick(4), SHAPES[desk.pick(len(SHAPES))]) for _ in range(2)]
    line = [7 + (2 if desk.chance() < 0.5 else 4)]
    for bar in range(1, desk.bars):
        place = (bar - 1) % PHRASE_BARS
        closing = place == PHRASE_BARS - 1 or bar == desk.bars - 1
        rhythm, shape = (4, (0,)) if closing else motifs[place % 2]
        for turn, (begin, length) in enumerate(RHYTHMS[piece.beats][rhythm]):
            move = shape[turn] - shape[turn - 1] if turn else 0
            line.append(next_step(desk, bar, line, move, begin in (0, 2)))
            span = (bar * piece.beats + begin, bar * piece.beats + begin + length)
            yield desk.note(lead, span, line[-1], 1.0 if begin == 0 else 0.85)
            if piece.second_voice and bar > desk.bars // 2:
                yield desk.note(second, span, theory.nearest_chord_step(line[-1] - 3, piece.chords[bar]))


def next_step(desk: Desk, bar: int, line: list[int], move: int, heavy: bool) -> int:
    """Where the melody goes: the step that costs least. It costs to leave the motif and the phrase's arch, to leap,
    to stand still; where the beat is heavy only notes of the chord are asked."""
    step = line[-1]
    steps = [one for one in range(step - 4, step + 5) if not heavy or one % 7 in resting(desk, bar)]
    second_phrase = 1 if bar > PHRASE_BARS else 0
    height = ARCH[(bar - 1) % PHRASE_BARS] + second_phrase

    def cost(one: int) -> float:
        leap = abs(one - step)
        still = 1.3 if one == step else 0.0
        shuttle = 0.8 if len(line) > 1 and one == line[-2] else 0.0
        return (
            abs(one - step - move) + 0.6 * abs(one - height) + max(0, leap - 2) + still + shuttle + 0.7 * desk.chance()
        )

    if bar == desk.bars - 1:
        home = (2, 4) if desk.piece.sevenths else (0,)
        return min(
            (one for one in range(step - 6, step + 7) if one % 7 in home), key=lambda one: (abs(one - step), one)
        )
    return min(steps, key=cost)


def resting(desk: Desk, bar: int) -> tuple[int, ...]:
    """The steps the melody may rest on: the triad, or in richer chords the three above the root, which would rub
    against it."""
    steps = theory.chord_steps(desk.piece.chords[bar], desk.size)
    return steps[1:] if desk.piece.sevenths else steps


def brushes(desk: Desk) -> Iterator[Note]:
    """A brush on every second half beat, hardly there."""
    for half in range(2 * desk.piece.beats, 2 * desk.piece.beats * (desk.bars - 1)):
        loud = 1.0 if half % 4 == 2 else 0.45
        yield desk.note(
            Part(voice="brush", loud=0.05, pan=0.3 if half % 2 else -0.2), (half / 2, half / 2 + 0.25), 0, loud
        )


def length_s(piece: Piece, tail_s: float) -> float:
    """How long the piece is, with the time that its last sounds are given."""
    desk = Desk(piece)
    return desk.seconds(piece.beats * desk.bars) + LINGER_S + tail_s
