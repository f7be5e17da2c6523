"""Watch: whether another process has changed a database since it was last asked; microseconds, no look at the rows.

Takes  the path of a SQLite file that the asking process itself never writes.
Gives  a number that is another one after every commit (SQLite's data_version, which is told to one connection only, so
       this one is kept open and used for nothing else).
Never  waits: where the file cannot be read just now the number is one that was never given before, so whoever keeps
       answers by it asks again.
"""

import sqlite3
from itertools import count
from typing import ClassVar
from urllib.parse import quote

OPEN = "file:{}?mode=rw"


class Watch:
    """On the file `path`; one thread."""

    # The memory that SQLite shares between readers.
    PLACES: ClassVar[tuple[str, ...]] = ("catalogue.sqlite", "private.sqlite")

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._never_given = count(-1, -1)

    def version(self) -> int:
        """The number now."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            self.close()
            return next(self._never_given)

    def close(self) -> None:
        """Lets go of the file; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            OPEN.format(quote(self._path)), uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only=ON").close()
        return connection
