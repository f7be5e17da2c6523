"""Chain: the rest of a chained Ogg file, where FFmpeg goes no further because the next link has another rate or other
channels.

Takes  an open master, and what its demuxer said when it ended.
Gives  the packets that follow, from a container of their own that begins at that link; None when nothing does.
Never  looks at a file before FFmpeg has said that it goes no further: then it walks over its pages once.
"""

from collections.abc import Iterator
from typing import Any

from sonoteca.convert.opening import Opened, Reading, open_part, stream_of
from sonoteca.formats.ogg_links import Link, find_links
from sonoteca.model.errors import Refused

NO_FURTHER = "Not yet implemented in FFmpeg, patches welcome"  # AVERROR_PATCHWELCOME


class Chain:
    """Of one master."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._links: list[Link] | None = None

    def rest(self, error: str) -> Iterator[Any] | None:
        """The packets from the next link that is of another form than the one where it stopped."""
        order = self._opened.order
        if error != NO_FURTHER or order.audio.container != "ogg":
            return None
        if self._links is None:
            with Reading(order.path) as file:
                self._links = list(find_links(file))
        here = self._links[:1]
        while self._links and self._links[0].form == here[0].form:
            del self._links[0]
        if not self._links:
            return None
        try:
            address = f"subfile,,start,{self._links[0].at},end,0,,:file:{order.path}"
            container = self._opened.parts.enter_context(open_part(order, lambda _: address))
            return iter(container.demux(stream_of(container, order.audio)))
        except Refused:
            return None
