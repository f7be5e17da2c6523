"""Clock and entropy: the two things that are different on every run, so they come in through a door.

Takes  nothing, or what a salt is for.   Gives  the time as text; 128 random bits as text.
Never  anything that names are made of: the time stands in records and events, salts in commitments.
"""

import secrets
from datetime import UTC, datetime
from typing import Protocol

SALT_BYTES = 16


class Clock(Protocol):
    """What time it is."""

    def now(self) -> str:
        """ISO 8601, UTC, whole seconds: "2026-11-23T10:00:00Z"."""


class Entropy(Protocol):
    """Where chance comes from."""

    def salt(self, purpose: str) -> str:
        """32 hexadecimal digits that nobody can guess. `purpose` names the one use: doubles derive the salt from it."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> str:
        """See Clock.now."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class SystemEntropy:
    """The chance of the operating system."""

    def salt(self, purpose: str) -> str:
        """See Entropy.salt; the purpose plays no part."""
        return secrets.token_hex(SALT_BYTES)
