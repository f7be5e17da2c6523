"""Speakers: a channel in the words of people who listen, the same in every finding that names one.

Takes  the names of a layout's channels, as FFmpeg has them, and the place of one.
Gives  "right channel" of two; "channel 5 (left surround)" of more; "channel 3" of loudspeakers without a word here.
"""

from collections.abc import Sequence

_PAIRS = frozenset({("FL", "FR"), ("DL", "DR")})
_WORDS = {
    "FL": "left",
    "FR": "right",
    "FC": "centre",
    "LFE": "low frequencies",
    "BL": "left back",
    "BR": "right back",
    "BC": "back centre",
    "SL": "left surround",
    "SR": "right surround",
    "FLC": "left of the centre",
    "FRC": "right of the centre",
}
# Five loudspeakers have their surround behind or beside the listener, by whoever wrote the file (ITU-R BS.775): it is
# one thing. Seven have both, four have no centre.
_SURROUND = {"BL": "left surround", "BR": "right surround"}


def channel_told(names: Sequence[str], place: int) -> str:
    """The channel at `place`, from 0."""
    name = names[place]
    if tuple(names) in _PAIRS:
        return ("left channel", "right channel")[place]
    if len(names) == 1:
        return "only channel"
    is_surround = "FC" in names and "SL" not in names
    word = (is_surround and _SURROUND.get(name)) or _WORDS.get(name, "")
    return f"channel {place + 1} ({word})" if word else f"channel {place + 1}"


def in_channel(names: Sequence[str], place: int) -> str:
    """Where something is; " in …" after what it is, and nothing where there is one channel."""
    if len(names) == 1:
        return ""
    told = channel_told(names, place)
    return f" in {told}" if told.startswith("channel") else f" in the {told}"
