"""Label: what Paper Lighthouse, a label that does not exist, has published: three releases, twelve pieces."""

from dataclasses import dataclass

from sonoteca.demo.score import Piece

LABEL = "Paper Lighthouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A side of the music: `folder` "" when the release is one folder."""

    pieces: tuple[Piece, ...]
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A release of the label. `shape`: "tagged" (a WAV each, with tags), "cue" (one WAV and a cue sheet), "plain" (a
    WAV each, described by names of files and folders alone); `cover` names a drawing of demo.cover."""

    artist: str
    title: str
    year: int
    number: str
    shape: str
    cover: str
    about: str
    discs: tuple[Disc, ...]

    @property
    def folder(self) -> str:
        """Its folder's name, in the way most collections have it."""
        return f"{self.artist} - {self.year} - {self.title} [{LABEL} {self.number}]"


LANTERN_WEATHER = (
    Piece(
        title="First Lamp",
        seed=11,
        tonic=60,
        mode="major",
        tempo_bpm=84,
        beats=4,
        chords=(0, 5, 3, 4, 0, 5, 1, 4, 0),
        lead="flute",
        figure_voice="harp",
        figure=(0, 1, 2, 3, 2, 1, 2, 1),
    ),
    Piece(
        title="Rain in Thirds",
        seed=23,
        tonic=57,
        mode="aeolian",
        tempo_bpm=92,
        beats=4,
        chords=(0, 5, 2, 6, 0, 3, 5, 4, 0),
        lead="glass",
        figure_voice="kalimba",
        figure=(0, 2, 1, 3),
        brushes=True,
    ),
    Piece(
        title="A Window Left Open",
        seed=31,
        tonic=62,
        mode="lydian",
        tempo_bpm=76,
        beats=4,
        chords=(0, 1, 0, 4, 5, 1, 4, 0),
        lead="reed",
        figure_voice="felt",
        figure=(0, 2, 3, 2),
        figure_beats=1.0,
        sevenths=True,
    ),
    Piece(
        title="Low Cloud Waltz",
        seed=47,
        tonic=55,
        mode="major",
        tempo_bpm=104,
        beats=3,
        chords=(0, 5, 1, 4, 2, 5, 3, 4, 0, 3, 4, 0),
        lead="flute",
        figure_voice="felt",
        figure=(0, 2, 3),
        figure_beats=1.0,
        second_voice=True,
    ),
)
ONE_LONG_EVENING = (
    Piece(
        title="Boats Asleep",
        seed=59,
        tonic=58,
        mode="major",
        tempo_bpm=66,
        beats=4,
        chords=(0, 3, 0, 4, 5, 3, 4, 0),
        lead="glass",
        figure_voice="harp",
        figure=(0, 1, 2, 3, 2, 1),
        figure_beats=0.5,
        sevenths=True,
    ),
    Piece(
        title="The Ferry Turns",
        seed=61,
        tonic=62,
        mode="dorian",
        tempo_bpm=96,
        beats=4,
        chords=(0, 3, 0, 6, 0, 3, 6, 4, 0),
        lead="reed",
        figure_voice="kalimba",
        figure=(0, 1, 3, 2, 1, 3, 2, 1),
        brushes=True,
    ),
    Piece(
        title="Salt on the Steps",
        seed=73,
        tonic=60,
        mode="mixolydian",
        tempo_bpm=88,
        beats=3,
        chords=(0, 6, 3, 0, 5, 6, 3, 4, 0),
        lead="flute",
        figure_voice="harp",
        figure=(0, 1, 2, 3, 2, 1),
    ),
    Piece(
        title="Last Light, Third Pier",
        seed=83,
        tonic=53,
        mode="major",
        tempo_bpm=60,
        beats=4,
        chords=(0, 5, 1, 4, 3, 4, 0),
        lead="felt",
        figure_voice="glass",
        figure=(0, 2, 1, 3),
        figure_beats=1.0,
        second_voice=True,
    ),
)
FIRST_WINTER = (
    Piece(
        title="Snow Arithmetic",
        seed=97,
        tonic=64,
        mode="aeolian",
        tempo_bpm=100,
        beats=4,
        chords=(0, 5, 3, 4, 0, 2, 5, 4, 0),
        lead="kalimba",
        figure_voice="glass",
        figure=(0, 1, 2, 3, 1, 2, 3, 2),
    ),
    Piece(
        title="Kettle Song",
        seed=101,
        tonic=55,
        mode="major",
        tempo_bpm=112,
        beats=3,
        chords=(0, 3, 0, 4, 5, 3, 4, 0, 3, 1, 4, 0),
        lead="reed",
        figure_voice="felt",
        figure=(0, 2, 3),
        figure_beats=1.0,
    ),
)
SECOND_WINTER = (
    Piece(
        title="Thaw",
        seed=109,
        tonic=57,
        mode="dorian",
        tempo_bpm=80,
        beats=4,
        chords=(0, 3, 6, 0, 2, 3, 4, 0),
        lead="flute",
        figure_voice="kalimba",
        figure=(0, 2, 3, 1, 2, 3, 1, 2),
        second_voice=True,
    ),
    Piece(
        title="Zwölf Schwalben",
        seed=127,
        tonic=60,
        mode="lydian",
        tempo_bpm=72,
        beats=3,
        chords=(0, 1, 0, 4, 2, 1, 4, 5, 4, 0),
        lead="glass",
        figure_voice="harp",
        figure=(0, 1, 2, 3, 2, 1),
        sevenths=True,
    ),
)

WORKS = (
    Work(
        artist="The Patient Automaton",
        title="Lantern Weather",
        year=2024,
        number="PL 001",
        shape="tagged",
        cover="lantern",
        about="Four pieces for flute, reed and small lights, made by a program with a dice and some manners.",
        discs=(Disc(pieces=LANTERN_WEATHER),),
    ),
    Work(
        artist="Slow Harbour",
        title="One Long Evening",
        year=2025,
        number="PL 002",
        shape="cue",
        cover="evening",
        about="One take, four parts: a single file with a cue sheet, as a tape would be kept.",
        discs=(Disc(pieces=ONE_LONG_EVENING),),
    ),
    Work(
        artist="The Patient Automaton",
        title="Two Winters",
        year=2026,
        number="PL 003",
        shape="plain",
        cover="winters",
        about="Two short discs. The files carry no tags: titles come from their names.",
        discs=(Disc(pieces=FIRST_WINTER, folder="CD1"), Disc(pieces=SECOND_WINTER, folder="CD2")),
    ),
)
