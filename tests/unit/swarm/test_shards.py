"""Shards: each torrent in exactly one, found by its infohash; several answers are one."""

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.torrent import InfoHashes
from sonoteca.swarm.metrics import METRICS, format_metrics
from sonoteca.swarm.shards import ALL, Share, merged_status, peer_address, shard_of, summed

digits = st.text("0123456789abcdef", min_size=40, max_size=40)
hashes = st.builds(lambda v1, v2: InfoHashes(v1=v1, v2=v2 + v1[:24]), digits, digits)


@given(hashes, st.integers(1, 64))
def test_each_is_in_one_shard(found: InfoHashes, shards: int) -> None:
    having = [shard for shard in range(shards) if Share(shard=shard, shards=shards).has(found)]
    assert having == [shard_of(found, shards)]
    assert ALL.has(found)


@given(hashes, st.integers(1, 64))
def test_a_v2_torrent_is_found_by_the_hash_that_peers_know(found: InfoHashes, shards: int) -> None:
    assert shard_of(InfoHashes(v2=found.v2), shards) == shard_of(InfoHashes(v1=found.v2[:40]), shards)


def test_a_magnet_names_the_port_of_the_shard() -> None:
    found = InfoHashes(v1="00000005" + "0" * 32)
    assert peer_address("archive.example:6881", found, 4) == "archive.example:6882"
    assert peer_address("[2001:db8::1]:6881", found, 4) == "[2001:db8::1]:6882"
    assert peer_address("archive.example:6881", found, 1) == "archive.example:6881"
    assert (peer_address("", found, 4), peer_address("nonsense", found, 4)) == ("", "nonsense")


def status(name: str, seeding: int) -> dict[str, object]:
    sums = dict.fromkeys(("adding", "resting", "failed", "peers", "uploaded_bytes", "downloaded_bytes"), 1)
    return {
        **sums,
        "pid": 1,
        "walls": True,
        "addresses": [f"127.0.0.1:{seeding}"],
        "torrents": [{"name": name}],
        "seeding": seeding,
        "announces_waiting": 0,
        "announce_round_s": float(seeding),
        "upload_limit_bytes_s": 10,
    }


def test_several_answers_are_one() -> None:
    told = merged_status([status("b", 2), status("a", 3)])
    assert [one["name"] for one in told["torrents"]] == ["a", "b"]
    assert (told["seeding"], told["peers"], told["addresses"]) == (5, 2, ["127.0.0.1:2", "127.0.0.1:3"])
    assert (told["announce_round_s"], told["upload_limit_bytes_s"], len(told["shards"])) == (3.0, 20, 2)
    assert merged_status([])["seeding"] == 0


def test_numbers_are_added_up_and_told_as_prometheus_reads_them() -> None:
    numbers = summed([{"up": 1, "peers": 2}, {"up": 1, "peers": 3, "unknown": 1}])
    assert numbers == {"up": 2, "peers": 5, "unknown": 1}
    assert format_metrics(numbers) == (
        "# HELP sonoteca_seeder_up Seeder processes that answered.\n"
        "# TYPE sonoteca_seeder_up gauge\n"
        "sonoteca_seeder_up 2\n"
        "# HELP sonoteca_seeder_peers Peers that are connected.\n"
        "# TYPE sonoteca_seeder_peers gauge\n"
        "sonoteca_seeder_peers 5\n"
    )
    assert all(kind in ("gauge", "counter") and what.endswith(".") for kind, what in METRICS.values())
