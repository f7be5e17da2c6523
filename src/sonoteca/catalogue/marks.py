"""Marks: what a track is found by when somebody asks which recording a sound is.

Takes  the sounds of a release.   Gives  rows of `marks`.
Never  holds the fingerprint: that stands in the object (sound/<track>.json); `print` is a short hash of it, so that a
       new one is noticed.

`mark` is 32 bits of the track's id: what the sameness index calls the track. It follows from the id alone, so no number
has to be given or kept. Two tracks may share one; whoever finds a mark looks at all tracks that have it.
"""

import hashlib
from collections.abc import Iterable

from sonoteca.model.sound import Sound

Row = dict[str, str | int | float | None]


def mark_of(track: str) -> int:
    """The track's name in the index."""
    return int.from_bytes(hashlib.sha256(track.encode("ascii", "backslashreplace")).digest()[:4], "big")


def mark_rows(release: str, sounds: Iterable[Sound]) -> tuple[Row, ...]:
    """A row for each track that can be compared; `print` "" for one without a fingerprint."""
    return tuple(
        {
            "release": release,
            "track": sound.track,
            "mark": mark_of(sound.track),
            "print": hashlib.sha256(sound.fingerprint.encode()).hexdigest()[:16] if sound.fingerprint else "",
            "pcm_md5": sound.pcm_md5,
        }
        for sound in sorted(sounds, key=lambda one: one.track)
        if sound.fingerprint or sound.pcm_md5
    )
