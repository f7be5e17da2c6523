"""The five errors, by blame.

    SonotecaError
    ├── Refused      policy or form says no; the same input will be refused again      exit 3   HTTP 403 (451 by order)
    ├── Damaged      bytes are not what was promised                                   exit 4   HTTP 422
    ├── Unreachable  something outside did not answer, or has no room; retry may help  exit 5   HTTP 503
    ├── Conflict     someone else moved first, or holds the lock                       exit 6   HTTP 409
    └── Uncertain    cannot know whether it landed: stop and read again                exit 7   HTTP 500

Each carries what happened, where, and the cure: the three lines that the command line prints. `code` is a stable
word for programs. Our own mistakes stay ValueError and RuntimeError.
"""

from typing import ClassVar


class SonotecaError(Exception):
    """What happened, where, what to do: never raised itself."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, what: str, *, where: str = "", cure: str = "") -> None:
        super().__init__(code, what, where, cure)
        self.code = code
        self.what = what
        self.where = where
        self.cure = cure

    def __str__(self) -> str:
        return " · ".join(part for part in (self.what, self.where, self.cure) if part)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel between processes: keyword-only fields need their own way to be rebuilt.
        return _rebuild, (type(self), self.code, self.what, self.where, self.cure)


def _rebuild(kind: type[SonotecaError], code: str, what: str, where: str, cure: str) -> SonotecaError:
    return kind(code, what, where=where, cure=cure)


class Refused(SonotecaError):
    """Policy or form says no."""

    exit_code = 3
    http_status = 403


class Damaged(SonotecaError):
    """The bytes are not what was promised."""

    exit_code = 4
    http_status = 422


class Unreachable(SonotecaError):
    """Something outside did not answer or has no room; trying again may help."""

    exit_code = 5
    http_status = 503


class Conflict(SonotecaError):
    """Someone else moved first, or holds the lock."""

    exit_code = 6
    http_status = 409


class Uncertain(SonotecaError):
    """It cannot be known whether the deed landed."""

    exit_code = 7
    http_status = 500
