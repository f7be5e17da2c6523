"""Signed notes (C2SP signed-note): text, and below it lines that say which key signed it.

    example.org/archive
    1
    BQyR…=

    — example.org/archive x08go/ZJ…=

Takes  the bytes of a note, the texts of keys.   Gives  a Note and keys, or the same bytes back; who signed.
Never  trusts a text: `verify` does that, with keys that were known before.

A key is named by words and by the first four bytes of SHA-256(name, newline, algorithm, public key), so that signatures
of unknown keys can be passed over: a note may be signed by an old and a new key, by witnesses, by algorithms to come
(the byte in front of the public key says which; this module knows Ed25519). Key texts are those of Go's sumdb/note.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sonoteca.model.errors import Damaged

ED25519 = 1  # C2SP signed-note, signature types
KEY_BYTES = 32  # of an Ed25519 public key, and of the seed of a private one
MAX_BYTES = 1_000_000  # of a note; both limits are those of Go's sumdb/note
MAX_SIGNATURES = 100

_DASH = "\u2014 "
_SIGNING_WORDS = "PRIVATE+KEY+"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_TEXT = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key: `name` without spaces or plus, `public` 32 bytes (Ed25519)."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand in front of this key's signatures."""
        return _key_id(self.name, self.public)

    def is_signature(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key; its seed is never shown by repr."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(name=self.name, public=self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message (RFC 8032)."""
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature line: who, by name and key id (4 bytes), and the signature itself."""

    name: str
    key_id: bytes
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`text` ends with a line end and is what was signed, in UTF-8."""

    text: str
    signatures: tuple[Signature, ...]


# ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse(raw: bytes) -> Note:
    """The note; ValueError says what is wrong with its form. No signature has been verified then."""
    if len(raw) > MAX_BYTES:
        raise ValueError(f"a note has at most {MAX_BYTES} bytes")
    note = raw.decode("utf-8")
    # C2SP signed-note: the text may hold empty lines itself, the last one ends it.
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise ValueError("a note ends with an empty line and signature lines")
    found = Note(text=text + "\n", signatures=tuple(_read_signature(line) for line in lines[:-1].split("\n")))
    _verify_form(found)
    return found


def format(note: Note) -> bytes:
    """The bytes of the note; ValueError when a part of it cannot be said in one."""
    _verify_form(note)
    lines = [_DASH + one.name + " " + _base64(one.key_id + one.raw) + "\n" for one in note.signatures]
    return (note.text + "\n" + "".join(lines)).encode("utf-8")


def sign(text: str, key: SigningKey) -> Note:
    """The text with the signature of one key."""
    return Note(text=text, signatures=(signature_of(key.verifier_key, key.sign(text.encode("utf-8"))),))


def signature_of(key: VerifierKey, raw: bytes) -> Signature:
    """The signature line for what the key signed."""
    return Signature(name=key.name, key_id=key.key_id, raw=raw)


def verify(note: Note, keys: Sequence[VerifierKey], where: str = "") -> tuple[Signature, ...]:
    """The signatures by known keys, at least one; Damaged when there is none or one of them is wrong.

    Signatures of other keys are passed over, as the specification demands.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found = tuple(one for one in note.signatures if (one.name, one.key_id) in known)
    for one in found:
        if not known[one.name, one.key_id].is_signature(note.text.encode("utf-8"), one.raw):
            raise Damaged("signature", f"the signature of {one.name} is not of this text", where=where)
    if not found:
        raise Damaged("signature", "no known key has signed this", where=where)
    return found


def _read_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise ValueError("a signature line starts with a dash")
    name, _, text = line.removeprefix(_DASH).partition(" ")
    raw = _bytes(text)
    return Signature(name=name, key_id=raw[:4], raw=raw[4:])


def _verify_form(note: Note) -> None:
    if not note.text.endswith("\n") or _CONTROL.search(note.text):
        raise ValueError("the text of a note ends with a line end and has no control characters")
    if not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise ValueError(f"a note has 1 to {MAX_SIGNATURES} signatures")
    for one in note.signatures:
        _verify_name(one.name)
        if len(one.key_id) != 4 or not one.raw:
            raise ValueError("a signature has a key id of four bytes, and then the signature")


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that "name+keyid+base64" describes."""
    name, key_id, public = _read_key(text)
    if _key_id(name, public) != key_id:
        raise ValueError("the key's id is not that of its name and bytes")
    return VerifierKey(name=name, public=public)


def format_verifier_key(key: VerifierKey) -> str:
    """ "name+keyid+base64", what is published."""
    _verify_key(key.name, key.public)
    return f"{key.name}+{key.key_id.hex()}+{_base64(bytes([ED25519]) + key.public)}"


def parse_signing_key(text: str) -> SigningKey:
    """The key that "PRIVATE+KEY+name+keyid+base64" describes."""
    if not text.startswith(_SIGNING_WORDS):
        raise ValueError("this is not a private key")
    name, key_id, seed = _read_key(text.removeprefix(_SIGNING_WORDS))
    key = SigningKey(name=name, seed=seed)
    if key.verifier_key.key_id != key_id:
        raise ValueError("the key's id is not that of its name and bytes")
    return key


def format_signing_key(key: SigningKey) -> str:
    """ "PRIVATE+KEY+name+keyid+base64": a secret."""
    _verify_key(key.name, key.seed)
    return f"{_SIGNING_WORDS}{key.name}+{key.verifier_key.key_id.hex()}+{_base64(bytes([ED25519]) + key.seed)}"


def _read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id, and the key's bytes without the algorithm. Messages never repeat the text: it may be a secret."""
    found = _KEY_TEXT.fullmatch(text)
    if not found:
        raise ValueError("a key is written name+id+base64")
    raw = _bytes(found[3])
    if raw[:1] != bytes([ED25519]):
        raise ValueError("this key is for an algorithm that is not known here")
    _verify_key(found[1], raw[1:])
    return found[1], bytes.fromhex(found[2]), raw[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode("utf-8") + b"\n" + bytes([ED25519]) + public).digest()[:4]


def _verify_key(name: str, raw: bytes) -> None:
    _verify_name(name)
    if len(raw) != KEY_BYTES:
        raise ValueError(f"an Ed25519 key has {KEY_BYTES} bytes")


def _verify_name(name: str) -> None:
    # C2SP signed-note: not empty, no Unicode spaces, no plus.
    if not name or "+" in name or _CONTROL.search(name) or any(letter.isspace() for letter in name):
        raise ValueError("the name of a key is not empty and has neither spaces nor plus signs")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    """Only the canonical form: the same signature or key must not have two spellings."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("this is not base64") from error
    if _base64(raw) != text:
        raise ValueError("this base64 is not in its one canonical form")
    return raw
