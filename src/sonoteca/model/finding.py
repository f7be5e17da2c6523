"""Findings: what a check saw, with a stable code, how grave it is, and where.

A check over many things returns `list[Finding]` and never stops at the first. Codes are data: FINDINGS says what each
code means in plain words and how grave it is. Letters: F a file as found, A its audio, T its tags, P a picture,
K a checksum list, C a cue sheet, S the store.
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
