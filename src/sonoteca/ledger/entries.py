"""Entries: what the ledger says for ever, so it says next to nothing: a kind, a time, a commitment.

Takes  a record, or a key.   Gives  canonical JSON.
Never  a title, a name, a subject, or anything from which one could be guessed and tried: the salt (128 bits) stays with
       the record, and when both are erased the commitment is a random number.
"""

import hashlib

from sonoteca.formats import json, plain
from sonoteca.model.record import Record

VERSION = 1
RECOVERY_KIND = "recovery-key"
_DOMAIN = b"sonoteca commitment 1\0"


def entry_of(record: Record) -> bytes:
    """The ledger entry of a record: what kind of decision was made when, and a commitment to all of it."""
    fields = {"v": VERSION, "kind": str(record.kind), "at": record.made_at, "commitment": commitment_of(record)}
    return json.format(fields)


def commitment_of(record: Record) -> str:
    """sha256 over a domain word, the 16 bytes of the salt, and canonical JSON of the record without its salt."""
    fields = plain.to_plain(record)
    salt = bytes.fromhex(fields.pop("salt"))
    if len(salt) != 16:
        raise ValueError("the salt of a record has 32 hexadecimal digits")
    return hashlib.sha256(_DOMAIN + salt + json.format(fields)).hexdigest()


def recovery_entry(key: str, at: str) -> bytes:
    """Entry 0: the public half of the recovery key."""
    return json.format({"v": VERSION, "kind": RECOVERY_KIND, "at": at, "key": key})


def find_recovery_key(entry: bytes) -> str | None:
    """The recovery key that an entry names; None when it is another entry."""
    try:
        fields = json.parse_object(entry)
    except ValueError:
        return None
    key = fields.get("key")
    return key if fields.get("kind") == RECOVERY_KIND and isinstance(key, str) else None
