"""Sheet: what a decode found of a track, in rows that a person reads: good news as well as bad, each with its value.

Takes  a Sound, the facts of its master, and what was found when that was taken in.
Gives  Rows in the order in which an engineer asks: is all of it there, is it clean, is it what it says it is.
Never  judges: what a finding says stands beside its code (docs/quality.md), and a row without one says what was seen.

The website and `sonoteca show --qc` draw the same rows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sonoteca.model.finding import FINDINGS, Finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Sound, Traits

_OF_AUDIO = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question. `value` is what was measured, in words; `findings` what is to be said about it."""

    name: str
    value: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """A row's name, the codes that answer it, and its value when none of them was found; "" leaves it out."""

    name: str
    codes: str
    value: Callable[[Sound, AudioFacts], str]


def sheet_of(sound: Sound, audio: AudioFacts, before: Iterable[Finding] = ()) -> tuple[Row, ...]:
    """The rows. `before` are findings of the master from when it was taken in: its container, its name, the length that
    its header says. A code that no row asks for has one of its own at the end."""
    return tuple(_rows(sound, audio, tuple(one for one in before if one.code.startswith(_OF_AUDIO))))


def _rows(sound: Sound, audio: AudioFacts, before: tuple[Finding, ...]) -> Iterator[Row]:
    asked = _TRAITS if sound.traits != Traits() else ()
    known = {code for question in (*_ALWAYS, *_TRAITS) for code in question.codes.split()}
    for question in (*_ALWAYS, *asked):
        found = tuple(one for one in sound.findings if one.code in question.codes.split())
        value = "" if found and question.value in _DENIALS else question.value(sound, audio)
        if found or value:
            yield Row(name=question.name, value=value, findings=found)
    if before:
        yield Row(name="The file, when it was taken in", value="", findings=before)
    rest = tuple(one for one in sound.findings if one.code not in known and one.code in FINDINGS)
    if rest:
        yield Row(name="Besides", value="", findings=rest)


def _whole(sound: Sound, audio: AudioFacts) -> str:
    lost = sound.loss
    if lost.packets or lost.seconds:
        return f"{_length(sound)} decoded, {lost.seconds:.3f} s missing"
    is_cut = any(one.code in ("Q009", "Q011", "Q014") for one in sound.findings)
    return _length(sound) + ("" if is_cut else ", nothing missing")


def _length(sound: Sound) -> str:
    minutes, seconds = divmod(sound.samples / sound.sample_rate_hz, 60)
    return f"{minutes:.0f} min {seconds:06.3f} s" if minutes else f"{seconds:.3f} s"


def _checksum(sound: Sound, audio: AudioFacts) -> str:
    """Only FLAC's own sum is one of samples; a span of a file has no sum to compare with."""
    if audio.codec != "flac" or not audio.audio_md5 or not sound.pcm_md5:
        return ""
    return "agrees with the sound" if audio.audio_md5 == sound.pcm_md5 else ""


def _clean(sound: Sound, audio: AudioFacts) -> str:
    return "" if _is_silent(sound) else "none"


def _is_silent(sound: Sound) -> bool:
    return any(one.code in ("Q004", "Q014") for one in sound.findings)


def _peak(sound: Sound, audio: AudioFacts) -> str:
    peak = sound.loudness.true_peak_dbtp
    return "" if peak is None else f"{peak:+.1f} dBTP"


def _silence(sound: Sound, audio: AudioFacts) -> str:
    return "none longer than half a second"


def _channels(sound: Sound, audio: AudioFacts) -> str:
    alike = sound.traits.correlation
    if alike is not None:
        return f"correlation {alike:+.2f} (+1 is mono)"
    return {1: "one", 2: "two"}.get(audio.channels, str(audio.channels))


def _offset(sound: Sound, audio: AudioFacts) -> str:
    return " · ".join(f"{one:+.2%}".replace("-0.00%", "+0.00%") for one in sound.traits.dc_offset)


def _depth(sound: Sound, audio: AudioFacts) -> str:
    used = sound.traits.bits_used
    return f"{used} of {audio.bits} bits are used" if used else ""


def _bandwidth(sound: Sound, audio: AudioFacts) -> str:
    highest = sound.traits.bandwidth_hz
    return f"up to {highest / 1000:.1f} kHz, of {audio.sample_rate_hz / 2000:g}" if highest else ""


def _decoder(sound: Sound, audio: AudioFacts) -> str:
    return sound.traits.decoder.replace("-", " ")


_DENIALS = frozenset({_clean, _silence})  # what is said only where nothing was found
_ALWAYS = (
    _Question("All of it", "Q009 Q010 Q011 Q014 Q017", _whole),
    _Question("Its own checksum", "Q015", _checksum),
    _Question("Decoder's complaints", "Q008 Q012 Q013 Q901 Q902", _clean),
    _Question("Clipping", "Q005", _clean),
    _Question("True peak", "Q006", _peak),
    _Question("Digital silence", "Q001 Q002 Q003 Q004", _silence),
    _Question("Channels", "Q007 Q018 Q019", _channels),
)
_TRAITS = (
    _Question("Offset (DC)", "Q020", _offset),
    _Question("Depth", "Q021", _depth),
    _Question("Bandwidth", "Q022 Q023", _bandwidth),
    _Question("Hum of the mains", "Q024", _clean),
    _Question("Read by", "Q025", _decoder),
)
