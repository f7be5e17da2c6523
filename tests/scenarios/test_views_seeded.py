"""A view in the swarm: a stock client takes it from the seeder, and what is withdrawn is served by nobody at once."""

from pathlib import Path
from typing import Any

from sonoteca.formats import metainfo
from sonoteca.model.torrent import Flavour
from sonoteca.ports.inbox import Inbox
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.swarm.seeds import parse_seed
from sonoteca.torrents.requests import Wish, format_wish, name_of
from tests.scenarios.session import Session
from tests.scenarios.test_views import session, shelf, track_id, volume_of
from tests.swarms import Client, Volume, seeding

__all__ = ["session", "shelf"]  # fixtures


def hashes(told: dict[str, Any]) -> dict[str, str]:
    """What is seeded, by name; a flavour has a swarm of its own."""
    assert {one["state"] for one in told["torrents"]} <= {"seeding"}
    return {one["v1"] or one["v2"]: one["name"] for one in told["torrents"]}


def as_volume(session: Session, name: str) -> Volume:
    """A torrent of the archive as a client takes it: with what its files should be."""
    raw = (session.folder / f"torrents/{name}.torrent").read_bytes()
    seed = parse_seed((session.folder / f"torrents/{name}.seed.json").read_bytes())
    files = [one for one in metainfo.parse(raw).files if not one.is_pad]
    places = zip(files, seed.files, strict=True)
    contents = {f"{seed.name}/{one.path}": (session.folder / place).read_bytes() for one, place in places}
    return Volume(torrent=raw, seed=seed, contents=contents)


def test_a_view_and_a_flavour_in_the_swarm(session: Session, tmp_path: Path) -> None:
    view = session.ask("volumes", "make", "--where", "artist=Bert")
    volume = volume_of(session)["name"]
    wish = Wish(name=volume, flavour=Flavour.V1)
    Inbox(LocalDisk(str(session.folder))).put(name_of(volume, Flavour.V1), format_wish(wish))
    session.words("run")
    with seeding(session.folder) as seeder:
        before = hashes(seeder.ask("sync"))
        assert before[view["v1"]] == view["name"]
        assert list(before.values()).count(volume) == 2
        for name in (view["name"], f"{volume}.v1"):
            one = as_volume(session, name)
            assert Client(tmp_path / name).fetch(one, seeder.port) == one.contents
        session.words("withdraw", track_id(session, "bert three song 1"), "--reason", "asked to")
        after = hashes(seeder.ask("status"))
        assert view["v1"] not in after
        assert {name for one, name in before.items() if one not in after} >= {view["name"], volume}
        assert list(after.values()).count(volume) == 2
        one = as_volume(session, view["name"])
        assert len(one.contents) == 2
        assert Client(tmp_path / "after").fetch(one, seeder.port) == one.contents
        session.words("volumes", "drop", view["name"])
        assert view["name"] not in hashes(seeder.ask("status")).values()
