"""Asked: what visitors put together and the coordinator has not looked at yet; the web seed gives it meanwhile.

Takes  the archive's disk; the name of a view and a path.
Gives  the place that it means, None when nobody asked for such a view.
Never  says whether it may leave.
"""

from sonoteca.model.torrent import Flavour, Slot
from sonoteca.ports.disk import Disk
from sonoteca.ports.inbox import Inbox
from sonoteca.torrents import requests
from sonoteca.torrents.views import VISITORS
from sonoteca.web.kept import Kept

KEPT_SLOTS = 40_000

Places = dict[str, Slot]


class Asked:
    """The views in one inbox, by name: a name stands for the same files for ever."""

    def __init__(self, disk: Disk, archive: str) -> None:
        self._inbox = Inbox(disk)
        self._archive = archive
        self._known: Kept[str, Places] = Kept(KEPT_SLOTS)

    def find_slot(self, name: str, path: str) -> Slot | None:
        """The place."""
        if not VISITORS.fullmatch(name):
            return None
        found = self._known.find(name)
        if found is None:
            found = self._read(name)
            if found:
                self._known.put(name, found, len(found))
        return found.get(path) or found.get(_bare(path))

    def _read(self, name: str) -> Places:
        for flavour in Flavour:
            raw = self._inbox.find(requests.name_of(name, flavour))
            try:
                view = requests.parse_wish(raw, self._archive).view if raw is not None else None
            except ValueError:
                continue
            if view is not None:
                # libtorrent drops joiners from names before it asks for them.
                return {_bare(slot.path): slot for slot in view.slots} | {slot.path: slot for slot in view.slots}
        return {}


def _bare(path: str) -> str:
    return path.replace("\u200c", "").replace("\u200d", "")
