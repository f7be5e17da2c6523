"""Ledger: the append-only, signed log of commitments; only the pipeline, draining the outbox, writes to it.

Takes  entries: canonical JSON that says nothing readable (entries.py: `entry_of` a record, `recovery_entry`).
Gives  a signed checkpoint over all of them, in the files of C2SP tlog-tiles below ledger/ (log.py); what is wrong with
       those files (audit.py). Their form is told in docs/formats/ledger.md.
Never  holds a title, a name or a subject; changes or drops an entry; signs above what it could not read again.
"""

from sonoteca.ledger.entries import commitment_of, entry_of, recovery_entry
from sonoteca.ledger.log import Ledger

__all__ = ["Ledger", "commitment_of", "entry_of", "recovery_entry"]
