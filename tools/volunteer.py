#!/usr/bin/env python3
"""Volunteer: holds an archive's volumes with your qBittorrent, within your space; drops what is recalled or replaced.

    volunteer.py --plan 'https://archive.example/plan?space=4TB&seed=ab12' --folder /srv/sonoteca

Takes  the address of a plan (the page "I have 4 TB" leads to one), qBittorrent's web interface, a folder there.
Gives  one pass, told line by line; run it every few hours. The same pass again changes nothing.
Order  stop what is recalled → delete the files that its successor lacks → forget it, the other files stay → add the
       successor to the same folder, which finds them → add from the plan what fits. A kill between any two is mended
       by the next pass: nothing is forgotten before its files are dealt with.
Never  touches a torrent outside of its own category, nor one in it that this archive never published; never removes
       what is published because it is not in the plan; never deletes a file but those that qBittorrent names for a
       recalled or replaced torrent, of the size it names, where the successor does not have them; follows no symbolic
       link. Never takes a .torrent whose infohash is not the one that was promised.

Needs Python 3.11 alone; qBittorrent 4.4 or newer. docs/volunteering.md says more. GPL-3.0-or-later.
"""

import argparse
import hashlib
import http.cookiejar
import json
import os
import re
import stat
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60
MAX_FEED_BYTES, MAX_TORRENT_BYTES = 256 * 1024 * 1024, 10_000_000
BOUNDARY = "sonoteca-volunteer-boundary"
V1, V2 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")
SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?) ?([kKMGTP]i?B|B)")
UNFINISHED = ".!qB"  # what qBittorrent may hang on the name of a file that is not whole


class Trouble(Exception):
    """What ends the pass, in words for people."""


def parse_size(text: str) -> int:
    """Bytes of "4TB", "500 GB", "1.5TiB"."""
    found = SIZE.fullmatch(text)
    if found is None or found[2] == "kiB":
        raise Trouble(f"{text!r} is no size: a number and a unit are expected, like 500GB or 4TB")
    power = "BKMGTP".index(found[2][0].upper())
    return int(float(found[1]) * (1024 if "i" in found[2] else 1000) ** power)


@dataclass(frozen=True)
class Torrent:
    """A torrent of /torrents.json; `successor` is the v1 or v2 infohash of what is in its place, "" for none."""

    name: str
    v1: str
    v2: str
    url: str
    size: int
    is_obsolete: bool
    successor: str

    @property
    def hashes(self) -> frozenset[str]:
        """Every form in which a client may name it."""
        return frozenset(one for one in (self.v1, self.v2, self.v2[:40]) if one)


def fetch(url: str, max_bytes: int) -> bytes:
    """What an address gives; http and https only, at most so many bytes."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Trouble(f"{url} is no address of a website")
    request = urllib.request.Request(url, headers={"User-Agent": "sonoteca-volunteer"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            raw: bytes = answer.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise Trouble(f"{url} does not answer: {error}") from error
    if len(raw) > max_bytes:
        raise Trouble(f"{url} gives more than {max_bytes} bytes")
    return raw


def load(url: str, schema: str) -> dict[str, Any]:
    """A document of this schema."""
    try:
        found = json.loads(fetch(url, MAX_FEED_BYTES))
    except ValueError as error:
        raise Trouble(f"{url} gives no JSON: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != schema:
        raise Trouble(f"{url} gives no {schema}")
    return found


def torrent_of(said: Any) -> Torrent:
    """An entry, its fields checked."""
    v1, v2 = str(said["infohash_v1"]), str(said["infohash_v2"])
    if not (v1 or v2) or (v1 and not V1.fullmatch(v1)) or (v2 and not V2.fullmatch(v2)):
        raise ValueError("an infohash has another form")
    after = said.get("replaced_by") or {}
    return Torrent(
        name=str(said.get("name", "")),
        v1=v1,
        v2=v2,
        url=str(said.get("torrent", "")),
        size=max(0, int(said.get("bytes", 0))),
        is_obsolete=bool(said["obsolete"]),
        successor=str(after.get("infohash_v1") or after.get("infohash_v2") or ""),
    )


@dataclass(frozen=True)
class Archive:
    """What an archive publishes, by every form of infohash, and what was drawn."""

    known: dict[str, Torrent]
    drawn: list[Torrent]


def load_archive(plan: str, space: int) -> Archive:
    """All of it, or Trouble: half a list is none."""
    parts = urllib.parse.urlsplit(plan)
    path = re.sub(r"/plan(\.[a-z]+)?$", "", parts.path)
    if path == parts.path:
        raise Trouble(f"{plan} is no address of a plan: /plan?space=4TB&seed=… is expected")
    base = f"{parts.scheme}://{parts.netloc}{path}"
    query = urllib.parse.parse_qs(parts.query)
    if not ("seed" in query or "volumes" in query):
        raise Trouble(f"{plan} has no seed: open it once, the address that it leads to has one")
    asked = (
        parts.query if "volumes" in query else f"space={space}B&{urllib.parse.urlencode({'seed': query['seed'][0]})}"
    )
    try:
        known: dict[str, Torrent] = {}
        published = load(f"{base}/torrents.json", "sonoteca/torrents/1")["torrents"]
        # What is published now counts: what was recalled may have come back.
        for one in map(torrent_of, sorted(published, key=lambda one: not one["obsolete"])):
            known |= dict.fromkeys(one.hashes, one)
        drawn = [torrent_of(one) for one in load(f"{base}/plan.json?{asked}", "sonoteca/plan/1")["torrents"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Trouble(f"{base} gives what cannot be read: {error!r}") from error
    return Archive(known, drawn)


def bdecode(raw: bytes, at: int = 0, depth: int = 0) -> tuple[Any, int]:
    """(value, place after it); ValueError for what is no bencode."""
    kind = raw[at : at + 1]
    if depth > 100:
        raise ValueError("too deep")
    if kind == b"i":
        end = raw.index(b"e", at)
        return int(raw[at + 1 : end]), end + 1
    if kind in (b"l", b"d"):
        found, raws, at = [], [], at + 1
        while raw[at : at + 1] != b"e":
            start = at
            value, at = bdecode(raw, at, depth + 1)
            found.append(value)
            raws.append(raw[start:at])
        if kind == b"l":
            return found, at + 1
        pairs = dict(zip(found[::2], found[1::2], strict=True))
        if depth == 0:
            pairs[b"raw info"] = dict(zip(found[::2], raws[1::2], strict=True)).get(b"info")
        return pairs, at + 1
    colon = raw.index(b":", at)
    end = colon + 1 + int(raw[at:colon])
    if end > len(raw):
        raise ValueError("it ends too early")
    return raw[colon + 1 : end], end


def files_of(raw: bytes, torrent: Torrent) -> frozenset[str]:
    """The paths of its files, as qBittorrent names them; Trouble when it is not the torrent that was promised."""
    try:
        root, _ = bdecode(raw)
        inner, info = root[b"raw info"], root[b"info"]
        there = (hashlib.sha1(inner).hexdigest(), hashlib.sha256(inner).hexdigest())
        if any(wanted and wanted != found for wanted, found in zip((torrent.v1, torrent.v2), there, strict=True)):
            raise ValueError("another infohash")
        name = info[b"name"].decode("utf-8", "replace")
        if b"files" in info:
            paths = [b"/".join(one[b"path"]).decode("utf-8", "replace") for one in info[b"files"]]
            return frozenset(f"{name}/{path}" for path in paths)
        return frozenset({name})
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Trouble(f"the .torrent of {torrent.name} cannot be used: {error!r}") from error


class QBittorrent:
    """Its web interface (API 2.8 and newer), for the torrents of one category."""

    def __init__(self, address: str, category: str) -> None:
        self._address = address.rstrip("/") + "/api/v2/"
        self.category = category
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def log_in(self, user: str, password: str) -> None:
        """Only where it asks for it."""
        if password and self._send("auth/login", {"username": user, "password": password}).strip() not in (b"Ok.", b""):
            raise Trouble("qBittorrent does not take this name and password")

    def mine(self) -> list[dict[str, Any]]:
        """The torrents of the category."""
        query = urllib.parse.urlencode({"category": self.category})
        found: list[dict[str, Any]] = json.loads(self._send(f"torrents/info?{query}"))
        return [one for one in found if one["category"] == self.category]

    def every_hash(self) -> frozenset[str]:
        """Of all torrents, whosoever they are."""
        return frozenset(one["hash"] for one in json.loads(self._send("torrents/info")))

    def files(self, ident: str) -> list[tuple[str, int]]:
        """(path below the folder, bytes) of each file."""
        return [(one["name"], int(one["size"])) for one in json.loads(self._send(f"torrents/files?hash={ident}"))]

    def stop(self, ident: str) -> None:
        """Nothing of it is given any more."""
        try:
            self._send("torrents/stop", {"hashes": ident})
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            self._send("torrents/pause", {"hashes": ident})  # before qBittorrent 5

    def forget(self, ident: str, *, with_files: bool) -> None:
        """It is not in the list any more."""
        self._send("torrents/delete", {"hashes": ident, "deleteFiles": str(with_files).lower()})

    def recheck(self, torrent: Torrent) -> None:
        """One that was here already may have lost files."""
        self._send("torrents/recheck", {"hashes": "|".join(torrent.hashes)})

    def add(self, raw: bytes, folder: str) -> None:
        """Into the category; what is in the folder already is checked and kept."""
        said = {"category": self.category, "autoTMM": "false", "contentLayout": "Original"}
        if folder:
            said["savepath"] = folder
        part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
        head = "".join(f'{part}"{key}"\r\n\r\n{value}\r\n' for key, value in said.items())
        head += f'{part}"torrents"; filename="a.torrent"\r\nContent-Type: application/x-bittorrent\r\n\r\n'
        body = head.encode() + raw + f"\r\n--{BOUNDARY}--\r\n".encode()
        if b"Fails" in self._post("torrents/add", body, f"multipart/form-data; boundary={BOUNDARY}"):
            raise Trouble("qBittorrent does not take a .torrent")

    def _send(self, method: str, said: dict[str, str] | None = None) -> bytes:
        body = None if said is None else urllib.parse.urlencode(said).encode()
        return self._post(method, body, "application/x-www-form-urlencoded")

    def _post(self, method: str, body: bytes | None, kind: str) -> bytes:
        request = urllib.request.Request(self._address + method, data=body, headers={"Content-Type": kind})
        with self._opener.open(request, timeout=TIMEOUT_S) as answer:
            raw: bytes = answer.read(MAX_FEED_BYTES)
        return raw


def find_file(folder: str, path: str, size: int) -> str:
    """Where a file of a torrent lies, "" when it is not there as it should be: below the folder, of that size, and no
    name of its path a symbolic link."""
    names = path.split("/")
    if not os.path.isabs(folder) or any(name in ("", ".", "..") for name in names):
        return ""
    at = folder
    for name in names[:-1]:
        at = os.path.join(at, name)
        if not os.path.isdir(at) or os.path.islink(at):
            return ""
    at = os.path.join(at, names[-1])
    for there in (at, at + UNFINISHED):
        try:
            told = os.lstat(there)
        except OSError:
            continue
        if stat.S_ISREG(told.st_mode) and (told.st_size == size or there != at):
            return there
    return ""


def delete_files(folder: str, files: Iterable[tuple[str, int]]) -> None:
    """Deletes those that are there, and folders below the folder that are empty after it."""
    for path, size in files:
        there = find_file(folder, path, size)
        if there:
            os.unlink(there)
            while len(there := os.path.dirname(there)) > len(folder.rstrip("/")) and not os.listdir(there):
                os.rmdir(there)


class Pass:
    """One pass. With `dry` it tells what it would do and does nothing."""

    def __init__(self, archive: Archive, client: QBittorrent, space: int, folder: str, dry: bool) -> None:
        self._archive, self._client, self._space, self._folder, self._dry = archive, client, space, folder, dry
        self.troubles = 0

    def run(self) -> None:
        """Drops and replaces, then adds."""
        held: dict[str, int] = {}
        for one in self._client.mine():
            torrent = self._archive.known.get(one.get("infohash_v1") or "") or self._archive.known.get(one["hash"])
            if torrent is not None and torrent.is_obsolete:
                self._replace(one, torrent, held)
                continue
            held[one["hash"]] = int(one["size"])
            if torrent is None:
                self._say("leave", one["name"], "not of this archive")
        self._add_drawn(held)

    def _replace(self, one: dict[str, Any], torrent: Torrent, held: dict[str, int]) -> None:
        after = self._archive.known.get(torrent.successor)
        self._say("stop", one["name"], "recalled or replaced")
        if not self._dry:
            self._client.stop(one["hash"])
        try:
            raw = fetch(after.url, MAX_TORRENT_BYTES) if after else b""
            kept = files_of(raw, after) if after else frozenset()
        except Trouble as trouble:
            # It is stopped and still in the list: the next pass goes on from here.
            self._say("wait", one["name"], str(trouble))
            self.troubles += 1
            held[one["hash"]] = int(one["size"])
            return
        files = self._client.files(one["hash"])
        left = [(path, size) for path, size in files if path not in kept]
        is_here = any(find_file(one["save_path"], path, size) for path, size in files)
        self._drop(one, left, with_files=not after or (bool(left) and not is_here))
        if after:
            self._say("add", after.name, "in its place, to the same folder")
            held[after.v1 or after.v2[:40]] = after.size
            if not self._dry and after.hashes & self._client.every_hash():
                self._client.recheck(after)
            elif not self._dry:
                self._client.add(raw, one["save_path"])

    def _drop(self, one: dict[str, Any], left: list[tuple[str, int]], *, with_files: bool) -> None:
        self._say("drop", one["name"], "with all its files" if with_files else f"and {len(left)} files that left it")
        if self._dry:
            return
        if not with_files:
            delete_files(one["save_path"], left)
        self._client.forget(one["hash"], with_files=with_files)

    def _add_drawn(self, held: dict[str, int]) -> None:
        total = sum(held.values())
        here = self._client.every_hash() | frozenset(held)
        for torrent in self._archive.drawn:
            if torrent.hashes & here or total + torrent.size > self._space:
                continue
            try:
                raw = fetch(torrent.url, MAX_TORRENT_BYTES)
                files_of(raw, torrent)
            except Trouble as trouble:
                self._say("skip", torrent.name, str(trouble))
                self.troubles += 1
                continue
            self._say("add", torrent.name, f"{torrent.size} bytes")
            total += torrent.size
            if not self._dry:
                self._client.add(raw, self._folder)
        self._say("hold", f"{total} bytes", f"of {self._space}")

    def _say(self, word: str, what: str, why: str) -> None:
        shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in f"{what}: {why}")
        print(f"{'would ' if self._dry else ''}{word} {shown}")


def main(words: list[str] | None = None) -> int:
    """Exit code 0: done; 1: done but for what the lines say; 2: the words are wrong; 5: somebody does not answer."""
    parser = argparse.ArgumentParser(description="Hold an archive's volumes with qBittorrent, within your space.")
    parser.add_argument("--plan", required=True, metavar="URL", help="the address of your plan, with space and seed")
    parser.add_argument("--space", metavar="SIZE", help="how much to hold at most (default: what the address says)")
    parser.add_argument("--folder", default="", help="where to, on qBittorrent's machine (default: its own)")
    parser.add_argument("--qbittorrent", default="http://127.0.0.1:8080", metavar="URL", help="its web interface")
    parser.add_argument("--user", default="admin", help="the password comes from QBITTORRENT_PASSWORD")
    parser.add_argument("--category", default="sonoteca", help="the only category that is touched")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, do nothing")
    said = parser.parse_args(words)
    asked = said.space or urllib.parse.parse_qs(urllib.parse.urlsplit(said.plan).query).get("space", [""])[0]
    try:
        space = parse_size(asked)
        client = QBittorrent(said.qbittorrent, said.category)
        client.log_in(said.user, os.environ.get("QBITTORRENT_PASSWORD", ""))
        one = Pass(load_archive(said.plan, space), client, space, said.folder, said.dry_run)
        one.run()
    except Trouble as trouble:
        print(f"error  {trouble}", file=sys.stderr)
        return 5
    except (OSError, ValueError, KeyError) as error:
        print(f"error  qBittorrent at {said.qbittorrent}: {error}", file=sys.stderr)
        return 5
    return 1 if one.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
