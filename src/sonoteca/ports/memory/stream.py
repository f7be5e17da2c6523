"""Double of the streams: files by link and path."""

from collections.abc import Mapping

from sonoteca.model.errors import Unreachable
from sonoteca.model.stream import Wanted
from sonoteca.ports.stream import MAX_READ_BYTES, StreamLimits, told_error, too_many


class MemoryStreams:
    """What is at a link; `spent` is how many streams were opened, `open_now` how many are."""

    def __init__(self, files: Mapping[tuple[str, str], bytes], limits: StreamLimits | None = None) -> None:
        self._files = dict(files)
        self._limits = limits or StreamLimits()
        self.spent = self.open_now = 0

    def open(self, wanted: Wanted) -> "MemoryStream":
        """See Streams.open."""
        if self.open_now >= self._limits.streams:
            raise too_many(self._limits)
        content = self._files.get((wanted.link, wanted.path))
        if content is None:
            if wanted.link in {link for link, _ in self._files}:
                raise told_error("refused", "stream-path", "no file of this path")
            raise told_error("unreachable", "no-peers", "the torrent did not come in time")
        self.spent += 1
        self.open_now += 1
        return MemoryStream(self, wanted.path, content)

    def close(self) -> None:
        """See Streams.close."""


class MemoryStream:
    """One of them."""

    def __init__(self, owner: MemoryStreams, path: str, content: bytes) -> None:
        self.path = path
        self._owner = owner
        self._content = content
        self._is_open = True

    @property
    def size(self) -> int:
        """See Stream.size."""
        return len(self._content)

    def read(self, start: int, count: int) -> bytes:
        """See Stream.read."""
        if not self._is_open:
            raise Unreachable("stream-ended", "it was closed", where="the swarm")
        return self._content[start : start + min(count, MAX_READ_BYTES)]

    def close(self) -> None:
        """See Stream.close."""
        self._owner.open_now -= self._is_open
        self._is_open = False
