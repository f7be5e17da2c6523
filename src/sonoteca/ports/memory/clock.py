"""Doubles of clock and entropy: the same run gives the same times and salts."""

import hashlib
from datetime import UTC, datetime, timedelta

from sonoteca.ports.clock import SALT_BYTES

_FORM = "%Y-%m-%dT%H:%M:%SZ"


class FixedClock:
    """Always the same time, unless it is told to move on."""

    def __init__(self, start: str = "2026-11-23T10:00:00Z") -> None:
        self._at = datetime.strptime(start, _FORM).replace(tzinfo=UTC)

    def now(self) -> str:
        """See Clock.now."""
        return self._at.strftime(_FORM)

    def move_on(self, seconds: int) -> None:
        """Later by so many seconds."""
        self._at += timedelta(seconds=seconds)


class SteppingClock(FixedClock):
    """Later by `step_s` seconds each time it is asked."""

    def __init__(self, start: str = "2026-11-23T10:00:00Z", step_s: int = 1) -> None:
        super().__init__(start)
        self._step_s = step_s

    def now(self) -> str:
        """See Clock.now."""
        told = super().now()
        self.move_on(self._step_s)
        return told


class SeededEntropy:
    """A salt that follows from seed and purpose alone: a run that was broken off and repeated has the same salts."""

    def __init__(self, seed: str = "sonoteca") -> None:
        self._seed = seed

    def salt(self, purpose: str) -> str:
        """See Entropy.salt."""
        text = f"{self._seed}\0{purpose}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(text).hexdigest()[: 2 * SALT_BYTES]
