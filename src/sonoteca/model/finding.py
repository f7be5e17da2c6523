"""Findings: what a check saw, with a stable code, how grave it is, and where.

A check over many things returns `list[Finding]` and never stops at the first. Codes are data: FINDINGS says what each
code means in plain words and how grave it is. Letters: F a file as found, A its audio, T its tags, P a picture,
K a checksum list, C a cue sheet, M a manifest or licence file, S the store, L the ledger.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """note: good to know. warning: kept, something is wrong. refuse: not taken in. damage: the store itself."""

    NOTE = "note"
    WARNING = "warning"
    REFUSE = "refuse"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing seen: `code` (see FINDINGS), `where` (a path as shown to people), `detail` in plain words."""

    code: str
    severity: Severity
    where: str = ""
    detail: str = ""


# code: (how grave, what it means)
FINDINGS: dict[str, tuple[Severity, str]] = {
    "F001": (Severity.REFUSE, "a link: never followed"),
    "F002": (Severity.REFUSE, "not a regular file (FIFO, socket or device): never opened"),
    "F003": (Severity.REFUSE, "its mode lets nobody read it"),
    "F004": (Severity.REFUSE, "empty"),
    "F005": (Severity.REFUSE, "neither a recording nor a document that an archive keeps"),
}


def finding(code: str, *, where: str = "", detail: str = "") -> Finding:
    """The finding of this code, as grave as the table says."""
    return Finding(code=code, severity=FINDINGS[code][0], where=where, detail=detail)
