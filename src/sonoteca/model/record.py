"""A record: a decision in readable, erasable form; its salted commitment is what the ledger keeps for ever."""

from dataclasses import dataclass
from enum import StrEnum


class RecordKind(StrEnum):
    """The decisions there are. The folder below records/ has the same name."""

    VERDICTS = "verdicts"
    GRANT = "grants"
    HOLD = "holds"
    WITHDRAWAL = "withdrawals"
    TRUST = "trust"
    EDIT = "edits"
    VOLUME = "volumes"
    VIEW = "views"
    ORDER = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision. `id` is unique within its kind and safe as a file name; `subject` what it is about (a release id,
    a source key); `made_at` ISO 8601 UTC; `salt` 32 hexadecimal digits; `body` canonical JSON text of the decision."""

    kind: RecordKind
    id: str
    subject: str
    made_at: str
    salt: str
    body: str
