"""Feeds and plans as strangers get them. That stock clients follow them: tests/clients/test_following.py."""

import io
import json
import re
import zipfile
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from sonoteca.formats.metainfo import parse
from sonoteca.model.copies import Audited, Outcome, Place
from sonoteca.ports.private import SqlitePrivate
from tests.scenarios.session import Session
from tests.tools import PROJECT
from tests.web.asking import Visitor
from tests.web.reading import Reading, offences
from tests.web.test_pages import track_of, twenty

ATOM = "{http://www.w3.org/2005/Atom}"


def torrents(visitor: Visitor) -> list[dict[str, Any]]:
    """The volumes of /torrents.json that are not obsolete."""
    found = json.loads(visitor.get("/torrents.json").body)
    assert found["schema"] == "sonoteca/torrents/1"
    return [one for one in found["torrents"] if not one["obsolete"]]


def items(visitor: Visitor, address: str) -> list[ElementTree.Element]:
    answer = visitor.get(address)
    assert answer.status == 200 and answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    rss = ElementTree.fromstring(answer.body)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    return rss.findall("channel/item")


def names(visitor: Visitor, address: str) -> set[str]:
    return {one.findtext("title") or "" for one in items(visitor, address)}


def test_torrents_json_says_what_the_torrents_say(visitor: Visitor, made: Path) -> None:
    found = torrents(visitor)
    assert {one["name"] for one in found} == {
        path.name.removesuffix(".torrent") for path in made.glob("torrents/*.torrent")
    }
    for one in found:
        raw = visitor.get(one["torrent"].removeprefix("http://localhost")).body
        there = parse(raw)
        files = [file for file in there.files if not file.is_pad]
        assert (one["infohash_v1"], one["infohash_v2"]) == (there.hashes.v1, there.hashes.v2)
        assert one["files"] == len(files) and one["bytes"] == sum(file.bytes for file in files)
        assert one["magnet"].startswith(f"magnet:?xt=urn:btih:{there.hashes.v1}&xt.2=urn:btmh:1220{there.hashes.v2}")
        assert one["copies"] == {"seen": 0, "proved": 0, "seen_at": "", "proved_at": ""}


def documented() -> set[str]:
    page = (PROJECT / "docs" / "formats" / "feeds.md").read_text()
    return set(re.findall(r"`(\w+)`", page))


def test_every_field_is_documented(visitor: Visitor) -> None:
    plan = json.loads(visitor.get("/plan.json?space=4TB&seed=x").body)
    found = {
        *plan,
        *plan["torrents"][0],
        *plan["torrents"][0]["copies"],
        *json.loads(visitor.get("/torrents.json").body),
    }
    assert found <= documented()


def test_a_feed_is_rss_with_torrents(visitor: Visitor) -> None:
    by_name = {one["name"]: one for one in torrents(visitor)}
    found = items(visitor, "/volumes.rss")
    assert {one.findtext("title") for one in found} == set(by_name)
    for one in found:
        enclosure = one.find("enclosure")
        told = by_name[one.findtext("title") or ""]
        assert enclosure is not None and enclosure.get("type") == "application/x-bittorrent"
        assert enclosure.get("url") == told["torrent"]
        assert int(enclosure.get("length") or 0) > 0
        assert one.findtext("guid") == f"urn:btih:{told['infohash_v1']}"
        assert parsedate_to_datetime(one.findtext("pubDate") or "").isoformat() == told["issued_at"].replace(
            "Z", "+00:00"
        )


def test_feeds_are_narrowed(visitor: Visitor) -> None:
    every = torrents(visitor)
    tiers = {one["tier"] for one in every}
    assert {"original", "access"} <= tiers
    for tier in tiers:
        assert names(visitor, f"/volumes.rss?tier={tier}") == {one["name"] for one in every if one["tier"] == tier}
    assert names(visitor, "/volumes.rss?collection=none-has-this-name") == set()
    assert names(visitor, f"/volumes.rss?collection={quote('No collection')}") == {one["name"] for one in every}
    assert names(visitor, "/volumes.rss?genre=ambient%27--") == set()
    assert names(visitor, "/volumes.rss?needs=copies") == {one["name"] for one in every}


@pytest.mark.parametrize(
    "address",
    [
        "/volumes.rss?needs=money",
        f"/volumes.rss?genre={'x' * 201}",
        "/plan.json?space=4",
        "/plan.rss?volumes=x",
        "/plan.txt",
    ],
)
def test_what_cannot_be_read_is_said_so(address: str, visitor: Visitor) -> None:
    assert visitor.get(address).status == 400


def test_feeds_are_asked_for_again_at_no_cost(visitor: Visitor) -> None:
    for address in ("/torrents.json", "/volumes.rss", "/volumes.rss?needs=copies", "/plan.rss?space=4TB&seed=x"):
        first = visitor.get(address)
        assert first.headers["cache-control"] == "no-cache"
        assert visitor.get(address, if_none_match=first.headers["etag"]).status == 304


def test_no_host_gets_what_another_asked_for(visitor: Visitor) -> None:
    """Whoever names a host gets its own name back, and nobody else does."""
    evil = visitor.get("/volumes.rss", host="evil.example")
    assert b"http://evil.example/volume/" in evil.body
    assert b"evil.example" not in visitor.get("/volumes.rss").body
    assert visitor.get("/volumes.rss", host="evil.example/<x>").status == 400
    assert visitor.get("/torrents.json", host="a b").status == 400


# ── plans ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_leads_to_an_address_of_its_own(visitor: Visitor) -> None:
    sent = [visitor.get("/plan?space=4&unit=TB").headers["location"] for _ in range(2)]
    assert sent[0] != sent[1]
    assert all(re.fullmatch(r"/plan\?space=4TB&seed=[0-9a-f]{8}", one) for one in sent)
    assert visitor.get("/plan?space=4,5&unit=TB").headers["location"].startswith("/plan?space=4.5TB&seed=")
    page = visitor.get(sent[0])
    assert page.status == 200 and offences(page.text) == []
    assert {one["name"] for one in torrents(visitor)} == {
        link.removeprefix("/volume/").removesuffix(".torrent")
        for link in Reading(page.text).links
        if link.endswith(".torrent")
    }


@pytest.mark.parametrize("query", ["", "?space=", "?space=lots&unit=TB", "?space=-4TB", "?volumes=<script>"])
def test_a_page_asks_again(query: str, visitor: Visitor) -> None:
    page = visitor.get(f"/plan{query}")
    assert page.status == (400 if query else 200)
    assert offences(page.text) == [] and "I have" in page.text and "<script>" not in page.text


def test_a_plan_in_every_form_is_the_same(visitor: Visitor) -> None:
    query = "space=4TB&seed=a+b"
    plan = json.loads(visitor.get(f"/plan.json?{query}").body)
    drawn = [one["name"] for one in plan["torrents"]]
    assert plan["schema"] == "sonoteca/plan/1" and plan["bytes"] == sum(one["bytes"] for one in plan["torrents"])
    assert visitor.get(f"/plan.txt?{query}").text.split() == [one["magnet"] for one in plan["torrents"]]
    assert names(visitor, f"/plan.rss?{query}") == set(drawn)
    with zipfile.ZipFile(io.BytesIO(visitor.get(f"/plan.zip?{query}").body)) as file:
        assert file.testzip() is None
        assert file.namelist() == [f"{name}.torrent" for name in drawn]
        for one in plan["torrents"]:
            assert parse(file.read(f"{one['name']}.torrent")).hashes.v1 == one["infohash_v1"]


def test_a_plan_fits_and_its_feed_keeps_what_was_drawn(visitor: Visitor) -> None:
    small = min(one["bytes"] for one in torrents(visitor))
    page = visitor.get(f"/plan?space={small}B&seed=x").text
    drawn = json.loads(visitor.get(f"/plan.json?space={small}B&seed=x").body)
    assert [one["bytes"] for one in drawn["torrents"]] == [small]
    feed = next(link for link in Reading(page).links if link.startswith("/plan.rss?volumes="))
    assert names(visitor, feed) == {one["name"] for one in drawn["torrents"]}
    assert visitor.get(feed.replace(".rss", "")).status == 200
    assert "No volume is as small" in visitor.get("/plan?space=1B&seed=x").text


def test_the_command_line_draws_the_same(session: Session, own_visitor: Visitor, tmp_path: Path) -> None:
    size = max(one["bytes"] for one in torrents(own_visitor))
    for seed in ("x", "y"):
        told = session.ask("plan", "--space", f"{size}B", "--seed", seed, "--zip", str(tmp_path / "plan.zip"))
        page = json.loads(own_visitor.get(f"/plan.json?space={size}B&seed={seed}").body)
        assert [one["name"] for one in told["volumes"]] == [one["name"] for one in page["torrents"]] != []
        assert (told["bytes"], told["offered"]) == (page["bytes"], page["offered"])
        with zipfile.ZipFile(tmp_path / "plan.zip") as file:
            hashes = [parse(file.read(name)).hashes.v1 for name in file.namelist()]
        assert hashes == [one["infohash_v1"] for one in page["torrents"]]
    assert session.ask("plan", "--space", "1TB")["seed"] not in ("", "x")
    assert session.ask("plan", "--space", "lots", code=3)["error"]["code"] == "space"
    assert "No volume fits" in session.words("plan", "--space", "1B")


def test_what_is_withdrawn_leaves_feeds_and_plans_at_once(session: Session, own_visitor: Visitor) -> None:
    visitor = own_visitor
    addresses = ("/volumes.rss", "/plan.json?space=4TB&seed=x", "/plan.txt?space=4TB&seed=x")
    session.words("edit", f"urn:uuid:{twenty(visitor).removeprefix('/release/')}", "--set", "genres=Ambient; Dub")
    ambient = names(visitor, "/volumes.rss?genre=Dub")
    assert ambient == {one["name"] for one in torrents(visitor)}  # each has something of it
    assert names(visitor, "/volumes.rss?genre=Ambient") == ambient
    before = {one["infohash_v1"] for one in torrents(visitor)}
    for address in addresses:
        assert any(one in visitor.get(address).text for one in before)
    session.words("withdraw", twenty(visitor).removeprefix("/release/"), "--reason", "asked to")
    gone = before - {one["infohash_v1"] for one in torrents(visitor)}
    assert gone
    assert names(visitor, "/volumes.rss?genre=Ambient") == set()
    for address in addresses:
        assert not any(
            f'{one}"' in visitor.get(address).text or f":{one}&" in visitor.get(address).text for one in gone
        )
    with zipfile.ZipFile(io.BytesIO(visitor.get("/plan.zip?space=4TB&seed=x").body)) as file:
        assert not gone & {parse(file.read(name)).hashes.v1 for name in file.namelist()}


def test_what_is_recalled_is_told_and_what_comes_back_is_not(session: Session, own_visitor: Visitor) -> None:
    visitor = own_visitor
    release = twenty(visitor).removeprefix("/release/")
    first = {one["name"]: one for one in torrents(visitor)}
    assert json.loads(visitor.get("/recalls.json").body)["recalls"] == []
    etag = visitor.get("/recalls.json").headers["etag"]
    session.words("withdraw", release, "--reason", "asked to")
    second = {one["name"]: one for one in torrents(visitor)}
    recalls = json.loads(visitor.get("/recalls.json", if_none_match=etag).body)
    assert recalls["schema"] == "sonoteca/recalls/1"
    hashes = ("infohash_v1", "infohash_v2")
    assert {one["infohash_v1"]: one["replaced_by"] for one in recalls["recalls"]} == {
        first[name]["infohash_v1"]: {key: second[name][key] for key in hashes} for name in first
    }
    # No name in the feed that is passed on: the infohash alone.
    assert not any(name in visitor.get(address).text for name in first for address in ("/recalls.json", "/recalls.rss"))
    assert {one.findtext("title") for one in items(visitor, "/recalls.rss")} == {
        f"Drop {one['infohash_v1']}" for one in first.values()
    }
    gone = [one for one in json.loads(visitor.get("/torrents.json").body)["torrents"] if one["obsolete"]]
    assert {(one["name"], one["infohash_v2"], one["recalled"]) for one in gone} == {
        (name, one["infohash_v2"], True) for name, one in first.items()
    }
    assert all({*one} <= documented() for one in [*gone, *recalls["recalls"]])
    assert not any({"magnet", "torrent", "bytes"} & {*one} for one in gone)
    session.words("reinstate", release)
    assert {one["infohash_v1"] for one in torrents(visitor)} == {one["infohash_v1"] for one in first.values()}
    recalled = {one["infohash_v1"] for one in json.loads(visitor.get("/recalls.json").body)["recalls"]}
    assert not recalled & {one["infohash_v1"] for one in first.values()}


def test_what_is_empty_has_no_name(session: Session, own_visitor: Visitor) -> None:
    """A volume is named after its collection: whoever holds it is told, everybody else learns nothing."""
    before = {one["infohash_v1"]: one["name"] for one in torrents(own_visitor)}
    releases = sorted(set(re.findall(r"/release/([0-9a-f-]{36})", own_visitor.get("/search?show=releases").text)))
    session.words("withdraw", *releases, "--reason", "asked to")
    told = own_visitor.get("/torrents.json").text
    gone = {one["infohash_v1"]: one for one in json.loads(told)["torrents"]}
    assert gone.keys() == before.keys()
    assert all(one["obsolete"] and one["recalled"] and one["name"] == "" for one in gone.values())
    assert not any(name in told for name in before.values())


def test_views_stand_apart_and_lose_what_is_withdrawn(session: Session, own_visitor: Visitor) -> None:
    visitor, before = own_visitor, torrents(own_visitor)

    def views() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(visitor.get("/torrents.json").body)["views"]
        return found

    assert views() == []
    made = session.ask("volumes", "make", "--where", "artist=Maker", "--title", "All of Maker")
    (told,) = views()
    there = parse(visitor.get(told["torrent"].removeprefix("http://localhost")).body)
    files = [file for file in there.files if not file.is_pad]
    assert (told["infohash_v1"], told["infohash_v2"]) == (there.hashes.v1, there.hashes.v2)
    assert (told["files"], told["bytes"]) == (len(files), sum(file.bytes for file in files))
    assert (told["view"], told["name"], told["title"], told["obsolete"]) == (True, made["name"], "All of Maker", False)
    assert told["magnet"].startswith(f"magnet:?xt=urn:btih:{there.hashes.v1}&xt.2=urn:btmh:1220{there.hashes.v2}")
    assert {*told} <= documented()
    assert torrents(visitor) == before
    session.words("withdraw", track_of(visitor).removeprefix("/track/"), "--reason", "asked to")
    now, former = views()
    assert (now["revision"], now["files"]) == (2, told["files"] - 2)
    assert (former["view"], former["obsolete"], former["recalled"]) == (True, True, True)
    assert (former["infohash_v1"], former["replaced_by"]["infohash_v1"]) == (told["infohash_v1"], now["infohash_v1"])
    session.words("withdraw", twenty(visitor).removeprefix("/release/"), "--reason", "asked to")
    assert views() == []
    assert made["name"] not in visitor.get("/torrents.json").text
    assert now["infohash_v1"] in visitor.get("/recalls.json").text


def test_a_proof_is_told_at_once_and_counts(session: Session, own_visitor: Visitor) -> None:
    visitor = own_visitor
    first = torrents(visitor)[0]
    proved = Audited(
        at="2126-11-29T10:00:00Z",
        volume=first["name"],
        volume_hash=first["infohash_v1"],
        swarm_hash=first["infohash_v1"],
        place=Place.PEER,
        host="198.51.100.7",
        address="198.51.100.7:6881",
        outcome=Outcome.PROVED,
    )
    private = SqlitePrivate(str(session.folder))
    private.save([proved])
    private.close()
    copies = {one["name"]: one["copies"] for one in torrents(visitor)}
    assert copies[first["name"]] == {"seen": 0, "proved": 1, "seen_at": "", "proved_at": "2126-11-29T10:00:00Z"}
    assert all(copies[name]["proved"] == 0 for name in copies if name != first["name"])
    told = next(one for one in items(visitor, "/volumes.rss") if one.findtext("title") == first["name"])
    assert "copies: 0 seen, 1 proved" in (told.findtext("description") or "")
