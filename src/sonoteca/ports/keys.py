"""Keys: what signs checkpoints, and the recovery key that leaves the archive on the day it is made.

Takes  the disk; a name for the archive.   Gives  a Signer.
Never  shows a private key: not in a repr, not in an error; a signer does not travel to other processes.
Order  recovery key first, archive key second: an archive key that is there says that both were made. `create_keys` may
       be run again after a crash until the ledger has its first checkpoint; then there is a key for ever.

keys/archive.key holds one line, Go's sumdb/note form of a private key; the disk gives keys/ mode 0700 and files 0600.
recovery-key.txt stands in the archive's folder until its operator moves it away: only its public half stays, as ledger
entry 0, and only with the private half can a lost or stolen archive key be replaced.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from sonoteca.formats import note
from sonoteca.model.errors import Conflict, Damaged
from sonoteca.ports.disk import Disk

ARCHIVE_KEY = "keys/archive.key"
RECOVERY_KEY = "recovery-key.txt"
_CHECKPOINT = "ledger/checkpoint"
_PRIVATE_LINE = re.compile(r"^PRIVATE\+KEY\+\S+", re.MULTILINE)
_NOT_IN_A_NAME = re.compile(r"[^\w./-]+")


class Signer(Protocol):
    """Signs in the name of the archive."""

    @property
    def name(self) -> str:
        """The name of the key: also the origin line of checkpoints."""

    @property
    def verifier_key(self) -> str:
        """What verifies its signatures: "name+keyid+base64"."""

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 bytes (Ed25519)."""


class Ed25519Signer:
    """Signs with a key held in memory."""

    def __init__(self, key: note.SigningKey) -> None:
        self._key = key

    @property
    def name(self) -> str:
        """See Signer.name."""
        return self._key.name

    @property
    def verifier_key(self) -> str:
        """See Signer.verifier_key."""
        return note.format_verifier_key(self._key.verifier_key)

    def sign(self, message: bytes) -> bytes:
        """See Signer.sign."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.verifier_key}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a signer stays in its process")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What `create_keys` made: the archive's signer, and the recovery key's public half and private text."""

    PLACES: ClassVar[tuple[str, ...]] = ("keys", "recovery-key.txt")

    signer: Ed25519Signer
    recovery_public: str
    recovery_text: str = field(repr=False)


def create_keys(disk: Disk, name: str) -> Keys:
    """Makes both keys and keeps them; Conflict "exists" when this archive has begun its ledger already.

    `name` should be the address that the archive is known by; what a key's name may not hold becomes "-".
    """
    if disk.find(_CHECKPOINT) is not None:
        raise Conflict(
            "exists", "this archive has its keys", where=ARCHIVE_KEY, cure="sonoteca status shows the archive"
        )
    recovery_text = _recovery_text(disk, key_name(name))
    if disk.find(ARCHIVE_KEY) is None:
        key = note.format_signing_key(_new_key(key_name(name)))
        disk.write(ARCHIVE_KEY, f"{key}\n".encode())
    return Keys(
        signer=load_signer(disk),
        recovery_public=note.format_verifier_key(_recovery_key(recovery_text).verifier_key),
        recovery_text=recovery_text,
    )


def load_signer(disk: Disk) -> Ed25519Signer:
    """The archive's signer; Damaged when its key is missing or cannot be read."""
    try:
        text = disk.read(ARCHIVE_KEY, max_bytes=10_000).decode("utf-8")
        return Ed25519Signer(note.parse_signing_key(text.removesuffix("\n")))
    except ValueError:
        # Not chained: whatever stands in the file is nobody's business.
        cure = "restore keys/ from a backup; without one, the recovery key makes a new archive key"
        raise Damaged("key", "the archive key cannot be read", where=ARCHIVE_KEY, cure=cure) from None


def is_recovery_key_here(disk: Disk) -> bool:
    """Whether the recovery key still stands where a thief of the archive would find it."""
    return disk.find(RECOVERY_KEY) is not None


def key_name(name: str) -> str:
    """The name as a key may have it: no spaces, no plus signs."""
    return _NOT_IN_A_NAME.sub("-", name).strip("-") or "sonoteca"


def _new_key(name: str) -> note.SigningKey:
    return note.SigningKey(name=name, seed=secrets.token_bytes(note.KEY_BYTES))


def _recovery_text(disk: Disk, name: str) -> str:
    """The recovery key's file: the one that is there, or a new one."""
    if disk.find(RECOVERY_KEY) is None:
        key = note.format_signing_key(_new_key(f"{name}/recovery"))
        disk.write(RECOVERY_KEY, _RECOVERY_FILE.format(name=name, key=key).encode())
    return disk.read(RECOVERY_KEY, max_bytes=10_000).decode("utf-8", "replace")


def _recovery_key(text: str) -> note.SigningKey:
    try:
        return note.parse_signing_key(next(iter(_PRIVATE_LINE.findall(text)), ""))
    except ValueError:
        cure = "remove the file and run: sonoteca init"
        raise Damaged("key", "there is no key in it that can be read", where=RECOVERY_KEY, cure=cure) from None


_RECOVERY_FILE = """\
This is the recovery key of the archive {name}.

Move this file to another place now: print it, or keep it on a stick in a drawer, and delete it here.
Nothing needs it from day to day. If the archive's own key is lost or stolen, only this key can appoint a new one.
Whoever has it can do the same. If nobody has it, a lost archive key means a new archive.

{key}
"""
