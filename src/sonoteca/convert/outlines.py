"""Outlines: how loud a track is from moment to moment, at three distances; the arithmetic of bins.

Takes  samples counted, bins asked for.   Gives  how many bins there are; whether bytes are an outline.
Never  loads numpy: the coordinator and the website read outlines too.

    overview   OVERVIEW_BINS over the whole track, peak and level: what a page shows   in sound/<track>.json
    waveform   WAVEFORM_HZ bins a second, peak: what a player draws                    in sound/<track>.json
    outline    OUTLINE_HZ bins a second, peak: what one looks closely at               extracts/<track>.outline

Bin k of a rate holds the samples from k·rate/HZ on, rounded up, so no bin drifts at odd rates, and one of 20 a second
is exactly five of 100. A byte is a magnitude, 255 is full scale.
"""

from sonoteca.model.sound import OUTLINE_HZ, Sound


def bins_of(samples: int, rate_hz: int, hertz: int) -> int:
    """How many bins have a sample: that of the last sample is the last."""
    return (samples - 1) * hertz // rate_hz + 1 if samples else 0


def is_outline(raw: bytes, sound: Sound) -> bool:
    """Whether these bytes can be the outline of this sound."""
    return len(raw) == bins_of(sound.samples, sound.sample_rate_hz, OUTLINE_HZ)
