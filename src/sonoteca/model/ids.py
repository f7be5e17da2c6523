"""Identity: names that follow from bytes, so that every archive gives the same thing the same name.

    Digest       sha256 of bytes, 64 lower-case hexadecimal digits
    RecordingId  rec_ + base32 of 160 bits of H(digest of the primary master)
    TrackId      trk_ + base32 of 160 bits of H(RecordingId, start sample, end sample)
    ReleaseId    urn:uuid: of a name-based UUID (RFC 9562, version 8) over H(sorted master digests + source key)

H is sha256 over a domain word, a NUL, and the parts, each with its length, so that no two lists of parts collide.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable
from typing import NewType

Digest = NewType("Digest", str)
RecordingId = NewType("RecordingId", str)
TrackId = NewType("TrackId", str)
ReleaseId = NewType("ReleaseId", str)

DIGEST_FORM = re.compile(r"[0-9a-f]{64}")
RECORDING_FORM = re.compile(r"rec_[a-z2-7]{32}")
TRACK_FORM = re.compile(r"trk_[a-z2-7]{32}")
RELEASE_FORM = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def _hash(domain: str, parts: Iterable[str]) -> bytes:
    state = hashlib.sha256(f"sonoteca {domain} 1\0".encode())
    for part in parts:
        raw = part.encode("utf-8", "surrogateescape")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.digest()


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw[:20]).decode("ascii").lower()


def recording_id(master: Digest) -> RecordingId:
    """The recording that has this primary master."""
    return RecordingId("rec_" + _base32(_hash("recording", (master,))))


def track_id(recording: RecordingId, start_sample: int = 0, end_sample: int | None = None) -> TrackId:
    """The span of a recording; end None means "to its end", so a whole file is (0, None)."""
    end = "" if end_sample is None else str(end_sample)
    return TrackId("trk_" + _base32(_hash("track", (recording, str(start_sample), end))))


def release_id(masters: Iterable[Digest], source_key: str) -> ReleaseId:
    """The name a release is given once, when it is first kept; it stays when the release changes later."""
    raw = bytearray(_hash("release", (*sorted(set(masters)), source_key))[:16])
    raw[6] = raw[6] & 0x0F | 0x80  # RFC 9562 §5.8: version 8
    raw[8] = raw[8] & 0x3F | 0x80  # RFC 9562 §4.1: variant 10
    return ReleaseId(f"urn:uuid:{uuid.UUID(bytes=bytes(raw))}")


def is_digest(text: str) -> bool:
    """Whether the text has a digest's form."""
    return DIGEST_FORM.fullmatch(text) is not None
