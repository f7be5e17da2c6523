"""qBittorrent without its window, asked through its WebUI (API 2.8)."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from tests.clients import web
from tests.clients.face import Client, Progress
from tests.clients.network import free_port
from tests.clients.programs import Program
from tests.clients.waiting import until

CONFIG = """[LegalNotice]
Accepted=true

[Application]
FileLogger\\Enabled=false

[BitTorrent]
Session\\AddTorrentPaused=false
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\BTProtocol=TCP
Session\\DefaultSavePath={folder}/unused
Session\\InterfaceAddress={address}
Session\\Port={port}
Session\\UseRandomPort=false
Session\\QueueingSystemEnabled=false
Session\\MultiConnectionsPerIp=true
Session\\ResumeDataStorageType=Legacy

[Network]
PortForwardingEnabled=false

[Preferences]
General\\Locale=en
Connection\\ResolvePeerCountries=false
WebUI\\Address={control[0]}
WebUI\\Port={control[1]}
WebUI\\LocalHostAuth=false
WebUI\\UseUPnP=false
"""
DONE = frozenset({"uploading", "stalledUP", "pausedUP", "queuedUP", "forcedUP"})
SETTLED_S = 3


ADD = "/api/v2/torrents/add"


def chosen(folder: Path) -> dict[str, str]:
    """How a download is added."""
    return {"savepath": str(folder), "autoTMM": "false", "contentLayout": "Original", "paused": "false"}


class QBittorrent(Client):
    """Opens v1, hybrid and v2."""

    NAME: ClassVar[str] = "qBittorrent"

    def _start(self) -> Program:
        place = self.place
        self._control = ("127.0.0.1", free_port("127.0.0.1"))
        config = place.folder / "qBittorrent" / "config" / "qBittorrent.conf"
        config.parent.mkdir(parents=True)
        values = {"folder": place.folder, "address": place.address, "control": self._control}
        config.write_text(CONFIG.format(port=free_port(place.address), **values))
        return Program([place.program or "qbittorrent-nox", f"--profile={place.folder}"], place.folder)

    def _answers(self) -> bool:
        return bool(web.ask(self._control, "/api/v2/app/version"))

    def _torrents(self) -> dict[str, dict[str, Any]]:
        return {one["hash"]: one for one in json.loads(web.ask(self._control, "/api/v2/torrents/info"))}

    def _add(self, torrent: Path, folder: Path) -> str:
        file = ("torrents", torrent.read_bytes())
        return self._sent(lambda: web.send_file(self._control, ADD, chosen(folder), file))

    def _add_link(self, link: str, folder: Path) -> str:
        return self._sent(lambda: web.send_form(self._control, ADD, {"urls": link, **chosen(folder)}))

    def _sent(self, send: Callable[[], bytes]) -> str:
        before = set(self._torrents())
        answer = send()
        assert answer == b"Ok.", answer
        return until(lambda: set(self._torrents()) - before, "qBittorrent to take it", told=self._program.tail).pop()

    def _progress(self, ident: str) -> Progress:
        one = self._torrents()[ident]
        is_done = one["state"] in DONE and one["amount_left"] == 0
        return Progress(is_done=is_done, payload_bytes=int(one["downloaded"]), told=json.dumps(one))

    def downloaded_bytes(self, ident: str) -> int:
        """Its counters are read once in 1.5 s: when it has seeded for 3 s, the reading is of after the end."""
        until(lambda: self._torrents()[ident]["seeding_time"] >= SETTLED_S, "qBittorrent to count")
        return super().downloaded_bytes(ident)

    def hashes(self, ident: str) -> tuple[str, str]:
        """v1 and v2, "" where it has none."""
        one = self._torrents()[ident]
        return one["infohash_v1"], one["infohash_v2"]

    def shown(self, ident: str) -> list[str]:
        """The files that a person sees in it."""
        return [one["name"] for one in json.loads(web.ask(self._control, f"/api/v2/torrents/files?hash={ident}"))]

    # ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, feed: str, folder: Path) -> None:
        """Subscribes, and downloads all that comes with it below the folder: what a person sets in four places."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {"rss_processing_enabled": True, "rss_auto_downloading_enabled": True, "rss_refresh_interval": 1440}
        self._say("app/setPreferences", {"json": json.dumps(wanted)})
        rule = {
            "enabled": True,
            "mustContain": "",
            "affectedFeeds": [feed],
            "savePath": str(folder),
            "addPaused": False,
        }
        self._say("rss/setRule", {"ruleName": feed, "ruleDef": json.dumps(rule)})
        self._say("rss/addFeed", {"url": feed, "path": "followed"})

    def refresh(self) -> None:
        """Looks at the feed now."""
        self._say("rss/refreshItem", {"itemPath": "followed"})

    def articles(self) -> list[dict[str, Any]]:
        """What it knows of the feed."""
        told = json.loads(web.ask(self._control, "/api/v2/rss/items?withData=true"))
        found: list[dict[str, Any]] = told.get("followed", {}).get("articles", [])
        return found

    def unfollow(self, feed: str) -> None:
        self._say("rss/removeItem", {"path": "followed"})
        self._say("rss/removeRule", {"ruleName": feed})

    def held(self) -> dict[str, str]:
        """Its own name of each torrent, by v1 infohash."""
        return {one["infohash_v1"]: ident for ident, one in self._torrents().items()}

    def category(self, ident: str) -> str:
        return str(self._torrents()[ident]["category"])

    def categorise(self, ident: str, category: str) -> None:
        with suppress(web.NotOk):  # it is there
            self._say("torrents/createCategory", {"category": category, "savePath": ""})
        self._say("torrents/setCategory", {"hashes": ident, "category": category})

    @property
    def control(self) -> str:
        """Where its web interface is."""
        return f"http://{self._control[0]}:{self._control[1]}"

    def _say(self, method: str, said: dict[str, str]) -> None:
        web.send_form(self._control, f"/api/v2/{method}", said)

    def remove(self, ident: str) -> None:
        web.send_form(self._control, "/api/v2/torrents/delete", {"hashes": ident, "deleteFiles": "false"})
        until(lambda: ident not in self._torrents(), "qBittorrent to forget", told=self._program.tail)
