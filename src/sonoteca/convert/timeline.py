"""Timeline: at which sample of the master each frame stands, and what is missing in between.

Takes  the timestamps of frames, and failures.   Gives  each frame's first sample; a list of losses.
Never  changes anything where no timestamp jumps: then samples are simply counted, which is exact.

A packet that cannot be decoded takes its samples with it. Without this, every track of a cue sheet behind it would
begin too early; with it, positions go on where the stream's own clock says. Containers round their timestamps
(Matroska and ASF to milliseconds), so only a jump of more than TOLERANCE_S is one. A clock that jumps back, or beyond
the end that is expected, begins anew (chained streams, and clocks that lie).
"""

from dataclasses import dataclass

TOLERANCE_S = 0.02


@dataclass(slots=True)
class Hole:
    """Sound that is missing: from `at` on, `samples` of it (0 when unknown), over so many packets that failed."""

    at: int
    samples: int = 0
    packets: int = 0
    error: str = ""


class Timeline:
    """Where the stream stands. `at` is the sample after the last one that came; `expected` the samples there should be:
    as many as the probe counted, or up to `end_s` of the stream's own clock when that is more, because the probe gives
    what it found of a damaged file."""

    def __init__(self, rate_hz: int, expected: int, end_s: float | None) -> None:
        self.expected = expected
        self._end = None if end_s is None else round(end_s * rate_hz)
        self._rate_hz = rate_hz
        self._tolerance = max(1, round(rate_hz * TOLERANCE_S))
        self._origin: int | None = None
        self.at = 0
        self.holes: list[Hole] = []
        self.missing_at_end = 0

    def fail(self, error: str, at_s: float | None) -> None:
        """A packet was lost; `at_s` is its own time, if it has one."""
        if self._origin is None and at_s is not None:
            self._begin(round(at_s * self._rate_hz))  # the beginning itself is missing
        self._hole(error).packets += 1

    def place(self, samples: int, at_s: float | None) -> int:
        """The first sample of a frame of so many samples, whose own time is `at_s`."""
        if at_s is not None:
            self._compare(round(at_s * self._rate_hz))
        found = self.at
        self.at += samples
        return found

    def end(self, tolerance: int) -> None:
        """Nothing more comes: what should and did not is missing. Where nothing failed, headers are only believed to
        within so many samples: encoders round, and count what they put in front."""
        missing = self.expected - self.at
        failed = bool(self.holes) and self.holes[-1].at == self.at
        if missing > (self._tolerance if failed else tolerance):
            self._hole("").samples += missing
            self.missing_at_end = missing

    def _compare(self, clock: int) -> None:
        if self._origin is None:
            self._origin = self._begin(clock)
        jump = clock - self._origin - self.at
        if jump < -self._tolerance or self.at + jump > self.expected:
            self._origin += jump
        elif jump > self._tolerance:
            self._hole("").samples += jump
            self.at += jump

    def _begin(self, clock: int) -> int:
        """The clock stands there at sample 0."""
        self._origin = clock
        if self._end is not None:
            self.expected = max(self.expected, self._end - clock)
        return clock

    def _hole(self, error: str) -> Hole:
        """The one here."""
        if not self.holes or self.holes[-1].at != self.at:
            self.holes.append(Hole(self.at, error=error))
        return self.holes[-1]
