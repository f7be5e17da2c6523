"""What of the settings concerns the seeder, and what is said about who can find it."""

import pytest

from sonoteca.config import Settings
from sonoteca.model.errors import Refused
from sonoteca.pipeline.reach import reachable_by, warnings
from sonoteca.pipeline.seeding import seeder_settings
from sonoteca.ports.swarm import SwarmSettings


def test_as_it_comes_it_is_quiet_and_of_this_machine() -> None:
    chosen = seeder_settings(Settings())
    assert chosen == SwarmSettings(listen=("127.0.0.1:6881",))
    assert chosen.is_quiet
    assert reachable_by(Settings()) == ()
    first, second = warnings(Settings())
    assert "only this machine" in first and "nobody is told" in second


def test_everything_that_is_set_is_handed_down() -> None:
    settings = Settings(
        seed_listen="0.0.0.0:6881, [2001:db8::1]:51413",
        seed_dht=True,
        seed_lsd=True,
        seed_trackers=("udp://tracker.example:6969/announce", "https://[2001:db8::2]/a?b=c"),
        seed_address="archive.example:6881",
        seed_upload_bytes_s=1000,
        seed_connections=7,
    )
    assert seeder_settings(settings) == SwarmSettings(
        listen=("0.0.0.0:6881", "[2001:db8::1]:51413"),
        dht=True,
        lsd=True,
        trackers=settings.seed_trackers,
        upload_bytes_s=1000,
        connections=7,
    )
    assert len(reachable_by(settings)) == 4
    assert warnings(settings) == ()


@pytest.mark.parametrize("listen", ["127.0.0.2:1", "[::1]:6881", "127.0.0.1:6881,[::1]:6881"])
def test_a_door_to_this_machine_alone_is_told(listen: str) -> None:
    assert len(warnings(Settings(seed_listen=listen, seed_dht=True))) == 1


def test_a_door_that_nobody_knows_of_is_told() -> None:
    assert len(warnings(Settings(seed_listen="0.0.0.0:6881"))) == 1


@pytest.mark.parametrize(
    "listen",
    [
        *("", ",", "6881", ":6881", "localhost:6881", "eth0:6881", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3:1"),
        *("256.1.1.1:1", "1.2.3.4:1s", "1.2.3.4:1,", "1.2.3.4:1 2", "::1:6881", "[::1]", "[::1:6881", "[1.2.3.4]:1"),
        "[::g]:1",
    ],
)
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(Refused, match="seed_listen"):
        seeder_settings(Settings(seed_listen=listen))


@pytest.mark.parametrize(
    "tracker",
    [
        *("", "tracker.example", "ftp://t.example/", "file:///etc/passwd", "udp://t.example/announce", "udp://:80"),
        *("http://", "http:///announce", "http://t:/a", "http://t:99999/", "http://[::1/"),
        *("http://t.example/a b", "http://t.example/ä"),
    ],
)
def test_what_is_no_tracker_is_refused(tracker: str) -> None:
    with pytest.raises(Refused, match="seed_trackers"):
        seeder_settings(Settings(seed_trackers=(tracker,)))
