"""The tender keeps a (double of a) client equal to torrents/, whatever lies there."""

import dataclasses
import os
from pathlib import Path

import pytest

from sonoteca.formats import json
from sonoteca.model.errors import Uncertain
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus
from sonoteca.ports.memory.clock import FixedClock
from sonoteca.ports.memory.swarm import MemorySwarm
from sonoteca.swarm.seeds import format_seed
from sonoteca.swarm.shards import Share
from sonoteca.swarm.telling import plain_status
from sonoteca.swarm.tend import NO_LIMITS, Limits, Tender
from sonoteca.swarm.turns import estimated_bytes
from tests.swarms import make_archive, write


class Bench:
    """An archive's folder, a tender and the double behind it."""

    def __init__(self, root: Path) -> None:
        self.root = make_archive(root)
        self.swarm = MemorySwarm()
        self.clock = FixedClock()
        self.tender = Tender(os.fspath(root), self.swarm, self.clock, NO_LIMITS)

    def seed(self, name: str, digit: str = "", text: str = "content", until: str = "") -> Seed:
        """One file, its torrent and its seed file."""
        seed = Seed(
            name=name,
            torrent=f"torrents/{name}.torrent",
            hashes=InfoHashes(v1=(digit or name[-1]) * 40),
            files=(f"store/{name}",),
            until=until,
        )
        write(self.root / f"store/{name}", text.encode())
        told = {"hashes": dataclasses.asdict(seed.hashes), "sizes": [len(text)]}
        write(self.root / seed.torrent, json.format(told))
        self.order(seed)
        return seed

    def order(self, seed: Seed) -> None:
        write(self.root / f"torrents/{seed.name}.half", format_seed(seed))
        (self.root / f"torrents/{seed.name}.half").rename(self.root / f"torrents/{seed.name}.seed.json")

    def settle(self, *, again: bool = False) -> list[tuple[str, str]]:
        """Looks, works until there is nothing to do; gives what the client was told."""
        self.swarm.deeds.clear()
        self.tender.look(again=again)
        while self.tender.step():
            pass
        assert self.tender.is_settled()
        return list(self.swarm.deeds)

    def states(self) -> dict[str, str]:
        return {one.name: one.error or one.state for one in self.tender.status()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "archive")


def test_what_lies_there_is_seeded_once(bench: Bench) -> None:
    bench.seed("vol1")
    bench.seed("vol2")
    assert bench.settle() == [("add", "vol1"), ("add", "vol2")]
    assert bench.settle(again=True) == []
    assert bench.states() == {"vol1": "seeding", "vol2": "seeding"}


def test_what_is_gone_is_removed_before_the_new_comes(bench: Bench) -> None:
    bench.seed("vol1")
    bench.settle()
    (bench.root / "torrents/vol1.seed.json").unlink()
    bench.seed("vol0")
    assert bench.settle() == [("remove", "vol1"), ("add", "vol0")]


def test_a_recall_takes_out_what_has_to_go_and_adds_nothing(bench: Bench) -> None:
    bench.seed("vol1")
    bench.seed("vol2")
    bench.settle()
    for name in ("vol1", "vol2"):
        (bench.root / f"torrents/{name}.seed.json").unlink()
    bench.seed("vol3")
    bench.swarm.deeds.clear()
    bench.tender.recall()
    assert bench.swarm.deeds == [("remove", "vol1"), ("remove", "vol2")]
    assert bench.states() == {"vol3": "adding"}


def test_what_is_ordered_until_a_time_goes_by_itself(bench: Bench) -> None:
    bench.seed("vol1", until="2026-11-23T10:01:00Z")
    bench.seed("vol2", until="2026-11-23T10:02:00Z")
    bench.seed("vol3")
    bench.seed("vol4", until="2026-11-23T10:00:00Z")
    assert bench.settle() == [("add", "vol1"), ("add", "vol2"), ("add", "vol3")]
    bench.clock.move_on(59)
    assert bench.settle() == []
    bench.clock.move_on(1)
    assert bench.settle() == [("remove", "vol1")]
    bench.clock.move_on(60)
    assert bench.settle() == [("remove", "vol2")]
    assert bench.states() == {"vol3": "seeding"}


def test_a_successor_under_the_same_name_comes_after_the_old_is_gone(bench: Bench) -> None:
    bench.seed("vol1")
    bench.settle()
    bench.seed("vol1", "2", "another")
    assert bench.settle() == [("remove", "vol1"), ("add", "vol1")]


def test_a_torrent_that_changed_is_read_again(bench: Bench) -> None:
    seed = bench.seed("vol1")
    bench.settle()
    raw = (bench.root / seed.torrent).read_bytes()
    (bench.root / "new").write_bytes(raw)
    (bench.root / "new").rename(bench.root / seed.torrent)
    assert bench.settle() == [("remove", "vol1"), ("add", "vol1")]


@pytest.mark.parametrize("raw", [b"", b"{}", b"garbage", b"x" * 100_000])
def test_a_bad_seed_file_is_told_and_stops_nobody(bench: Bench, raw: bytes) -> None:
    write(bench.root / "torrents/bad.seed.json", raw)
    bench.seed("vol1")
    assert bench.settle() == [("add", "vol1")]
    assert bench.states()["bad"].startswith("the seed file cannot be read")


def test_a_seed_file_that_turns_bad_takes_its_torrent_out(bench: Bench) -> None:
    bench.seed("vol1")
    bench.settle()
    (bench.root / "torrents/vol1.seed.json").unlink()
    write(bench.root / "torrents/vol1.seed.json", b"{}")
    assert bench.settle() == [("remove", "vol1")]


def test_links_folders_and_pipes_are_no_seed_files(bench: Bench) -> None:
    bench.seed("vol1")
    (bench.root / "torrents/link.seed.json").symlink_to("vol1.seed.json")
    (bench.root / "torrents/folder.seed.json").mkdir()
    os.mkfifo(bench.root / "torrents/pipe.seed.json")
    assert bench.settle() == [("add", "vol1")]
    assert bench.states() == {"vol1": "seeding"}


def test_a_torrent_that_is_not_there_is_told_and_taken_up_when_it_comes(bench: Bench) -> None:
    seed = bench.seed("vol1")
    (bench.root / seed.torrent).rename(bench.root / "kept")
    assert bench.settle() == []
    assert "No such file" in bench.states()["vol1"]
    (bench.root / "kept").rename(bench.root / seed.torrent)
    assert bench.settle() == [("add", "vol1")]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_torrent_that_is_no_file_is_told(bench: Bench, kind: str) -> None:
    seed = bench.seed("vol1")
    path = bench.root / seed.torrent
    path.rename(path.with_suffix(".kept"))
    if kind == "link":
        path.symlink_to(path.with_suffix(".kept"))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert bench.settle() == []
    assert bench.states()["vol1"] != "seeding"


def test_a_missing_file_is_told_and_tried_again_when_asked(bench: Bench) -> None:
    seed = bench.seed("vol1")
    (bench.root / seed.files[0]).unlink()
    assert bench.settle() == []
    assert bench.states()["vol1"].startswith("a file is missing")
    write(bench.root / seed.files[0], b"content")
    assert bench.settle() == []  # each second is too often for many files
    assert bench.settle(again=True) == [("add", "vol1")]


def test_what_is_in_error_is_added_anew_when_its_files_changed(bench: Bench) -> None:
    seed = bench.seed("vol1")
    bench.settle()
    bench.swarm.spoilt.add("vol1")
    assert bench.settle(again=True) == []
    assert bench.states() == {"vol1": "a piece is wrong"}
    write(bench.root / "store/mended", b"content")
    (bench.root / "store/mended").rename(bench.root / seed.files[0])
    assert bench.settle(again=True) == [("remove", "vol1"), ("add", "vol1")]
    assert bench.settle(again=True) == []


def test_a_file_that_went_while_it_was_seeded_is_told_by_its_name(bench: Bench) -> None:
    seed = bench.seed("vol1")
    bench.settle()
    bench.swarm.spoilt.add("vol1")
    (bench.root / seed.files[0]).unlink()
    assert bench.settle(again=True) == [("remove", "vol1")]
    assert bench.states()["vol1"].startswith("a file is missing")


def test_a_seed_file_that_is_changed_where_it_lies_is_found_when_asked(bench: Bench) -> None:
    bench.seed("vol1")
    bench.settle()
    write(bench.root / "torrents/vol1.seed.json", b"{}")
    assert bench.settle(again=True) == [("remove", "vol1")]


def test_of_two_names_for_one_torrent_one_is_seeded_and_the_other_told(bench: Bench) -> None:
    bench.seed("vol1", "7")
    bench.seed("vol2", "7")
    assert bench.settle() == [("add", "vol1")]
    assert bench.states() == {"vol1": "seeding", "vol2": "the same torrent as vol1.seed.json"}
    (bench.root / "torrents/vol1.seed.json").unlink()
    assert bench.settle() == [("remove", "vol1"), ("add", "vol2")]


def test_one_that_failed_gives_way_to_another_with_its_hash(bench: Bench) -> None:
    broken = bench.seed("vol1", "7")
    (bench.root / broken.files[0]).unlink()
    bench.seed("vol2", "7")
    assert bench.settle() == [("add", "vol2")]
    assert bench.settle(again=True) == []


def test_a_removal_that_cannot_be_known_is_not_passed_over(bench: Bench) -> None:
    bench.seed("vol1")
    bench.settle()
    bench.swarm.stuck.add("vol1")
    (bench.root / "torrents/vol1.seed.json").unlink()
    with pytest.raises(Uncertain):
        bench.settle()


def test_what_waits_is_told_as_being_opened(bench: Bench) -> None:
    bench.seed("vol1")
    bench.tender.look()
    assert bench.states() == {"vol1": "adding"}
    assert not bench.tender.is_settled()


# ── in turn ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def size_of(bench: Bench, name: str) -> int:
    torrent, order = (bench.root / f"torrents/{name}{ending}" for ending in (".torrent", ".seed.json"))
    return estimated_bytes(torrent.stat().st_size, order.stat().st_size)


@pytest.fixture
def narrow(bench: Bench) -> Bench:
    """Three torrents, and memory for two."""
    for name in ("vol1", "vol2", "vol3"):
        bench.seed(name)
    limits = Limits(memory_bytes=2 * size_of(bench, "vol1") + 10)
    bench.tender = Tender(os.fspath(bench.root), bench.swarm, bench.clock, limits)
    bench.settle()
    return bench


def test_what_does_not_fit_rests_and_is_told(narrow: Bench) -> None:
    assert narrow.states() == {"vol1": "seeding", "vol2": "seeding", "vol3": "resting"}
    assert narrow.tender.counts() == {"seeding": 2, "adding": 0, "resting": 1, "failed": 0}
    assert not narrow.tender.take_turns()


def test_what_is_asked_for_is_opened_and_another_rests(narrow: Bench) -> None:
    assert (narrow.tender.wake("1" * 40), narrow.tender.wake("3" * 40)) == (False, True)
    assert narrow.tender.take_turns()
    assert narrow.swarm.deeds == [("add", "vol1"), ("add", "vol2"), ("remove", "vol1"), ("add", "vol3")]
    assert narrow.states() == {"vol1": "resting", "vol2": "seeding", "vol3": "seeding"}


def test_what_is_withdrawn_while_it_rests_never_comes(narrow: Bench) -> None:
    narrow.tender.wake("3" * 40)
    (narrow.root / "torrents/vol3.seed.json").unlink()
    narrow.tender.recall()
    assert not narrow.tender.take_turns()
    assert narrow.states() == {"vol1": "seeding", "vol2": "seeding"}


def test_room_that_becomes_free_is_used(narrow: Bench) -> None:
    (narrow.root / "torrents/vol1.seed.json").unlink()
    assert narrow.settle() == [("remove", "vol1")]
    assert narrow.tender.take_turns()
    assert narrow.states() == {"vol2": "seeding", "vol3": "seeding"}


def test_a_share_is_all_that_is_tended(bench: Bench) -> None:
    shares = [Share(shard=number, shards=3) for number in range(3)]
    for digit in "0123456":
        bench.seed(f"vol{digit}", digit)
    write(bench.root / "torrents/bad.seed.json", b"{}")
    found = []
    for share in shares:
        tender = Tender(os.fspath(bench.root), MemorySwarm(), bench.clock, Limits(share=share))
        tender.look()
        while tender.step():
            pass
        found.append({one.name for one in tender.status()})
    assert sorted(name for names in found for name in names) == ["bad", *(f"vol{digit}" for digit in "0123456")]


def test_the_status_as_it_is_told() -> None:
    told = SeedStatus(name="vol1", hashes=InfoHashes(v1="a" * 40), state="seeding")
    assert plain_status(told) == {
        "name": "vol1",
        "v1": "a" * 40,
        "v2": "",
        "state": "seeding",
        "peers": 0,
        "uploaded_bytes": 0,
        "downloaded_bytes": 0,
        "error": "",
        "damaged": [],
        "announced": [],
    }
