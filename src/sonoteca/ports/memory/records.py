"""Double of the records: a list for each kind and subject, attachments by digest."""

import hashlib
from collections.abc import Iterator

from sonoteca.model.errors import Damaged
from sonoteca.model.finding import Finding
from sonoteca.model.ids import Digest
from sonoteca.model.record import Record, RecordKind
from sonoteca.ports.clock import Entropy
from sonoteca.ports.records import folder_of, numbered, verify_body


class MemoryRecords:
    """Records that go when the process goes."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._folders: dict[str, list[Record]] = {}
        self._attached: dict[Digest, bytes] = {}

    def append(self, kind: RecordKind, subject: str, body: str, made_at: str) -> Record:
        """See Records.append."""
        verify_body(body)
        last = self.last(kind, subject)
        if last is not None and last.body == body:
            return last
        draft = Record(kind=kind, id="", subject=subject, made_at=made_at, salt="", body=body)
        record = numbered(draft, last, self._entropy)
        self._folders.setdefault(folder_of(kind, subject), []).append(record)
        return record

    def last(self, kind: RecordKind, subject: str) -> Record | None:
        """See Records.last."""
        return next(reversed(self.of(kind, subject)), None)

    def of(self, kind: RecordKind, subject: str) -> tuple[Record, ...]:
        """See Records.of."""
        return tuple(self._folders.get(folder_of(kind, subject), ()))

    def all(self, kind: RecordKind) -> Iterator[Record]:
        """See Records.all."""
        for folder in sorted(self._folders):
            yield from (record for record in self._folders[folder] if record.kind is kind)

    def attach(self, content: bytes, suffix: str) -> Digest:
        """See Records.attach; the suffix plays no part."""
        digest = Digest(hashlib.sha256(content).hexdigest())
        self._attached[digest] = content
        return digest

    def attachment(self, digest: Digest) -> bytes:
        """See Records.attachment."""
        if digest not in self._attached:
            raise Damaged("attachment", "this letter or page is missing", where=digest)
        return self._attached[digest]

    def verify(self) -> Iterator[Finding]:
        """See Records.verify: nothing here can be damaged."""
        return iter(())
