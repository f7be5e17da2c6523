"""A track of another archive through the website: for who knows the word, in ranges, a few at once."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import anyio
import pytest
from starlette.applications import Starlette

from sonoteca.config import parse_settings
from sonoteca.model.errors import Refused
from sonoteca.model.stream import Wanted
from sonoteca.pipeline.archive import create
from sonoteca.ports.memory.stream import MemoryStreams
from sonoteca.ports.stream import StreamLimits
from sonoteca.web.app import close, create_app
from sonoteca.web.swarm_stream import Desk, address_of
from tests.web.asking import Answer, Visitor

LINK, PATH, WORD = "magnet:?xt=urn:btih:" + "a" * 40, "Foo & Bar/01 “Aria”.opus", "correct-horse-battery-staple"
CONTENT = bytes(range(256)) * 4000
WANTED = Wanted(link=LINK, path=PATH)


@pytest.fixture
def archive(tmp_path: Path) -> str:
    create(str(tmp_path / "archive"))
    return str(tmp_path / "archive")


@pytest.fixture
def streams() -> MemoryStreams:
    return MemoryStreams({(LINK, PATH): CONTENT, (LINK, "x.html"): b"<script>"}, StreamLimits(streams=2))


@pytest.fixture
def app(archive: str, streams: MemoryStreams) -> Iterator[Starlette]:
    made = create_app(archive, parse_settings(f'stream_token = "{WORD}"'.encode()))
    made.state.swarm_desk = Desk(streams, 2)
    yield made
    close(made)


def ask(app: Starlette, wanted: Wanted = WANTED, word: str = WORD, **headers: str) -> Answer:
    return Visitor(app).get(address_of("", wanted), authorization=f"Bearer {word}", **headers)


def test_a_track_is_heard(app: Starlette, streams: MemoryStreams) -> None:
    answer = ask(app)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["content-type"] == "audio/ogg; codecs=opus"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_in_ranges_and_as_one_stream(app: Starlette, streams: MemoryStreams) -> None:
    for start, end in ((0, 65_535), (900_000, 900_099), (5, 5)):
        answer = ask(app, range=f"bytes={start}-{end}")
        assert (answer.status, answer.body) == (206, CONTENT[start : end + 1])
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(CONTENT)}"
    assert streams.spent == 1


def test_only_the_head(app: Starlette) -> None:
    answer = Visitor(app).get(address_of("", WANTED), "HEAD", authorization=f"Bearer {WORD}")
    assert (answer.status, answer.wire, answer.headers["content-length"]) == (200, b"", str(len(CONTENT)))


def test_the_word_may_stand_in_the_address(app: Starlette) -> None:
    assert Visitor(app).get(f"{address_of('', WANTED)}&token={WORD}").status == 200


@pytest.mark.parametrize("word", ["", "wrong", WORD[:-1], WORD + "x", "\N{SNOWMAN}".encode().decode("latin-1")])
def test_who_does_not_know_the_word(word: str, app: Starlette, streams: MemoryStreams) -> None:
    assert ask(app, word=word).status == 404
    assert Visitor(app).get(address_of("", WANTED)).status == 404
    assert streams.spent == 0


@pytest.mark.parametrize("settings", [b"", b'stream_token = ""', b'stream_token = "short"'])
def test_without_a_word_there_is_nothing(settings: bytes, archive: str, streams: MemoryStreams) -> None:
    app = create_app(archive, parse_settings(settings))
    app.state.swarm_desk = Desk(streams, 2)
    for word in ("", "short"):
        assert ask(app, word=word).status == 404
    assert streams.spent == 0
    close(app)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (Wanted(link="", path=PATH), 400),
        (Wanted(link=LINK, path="x" * 5000), 400),
        (Wanted(link=LINK, path="nothing"), 403),
        (Wanted(link="magnet:?xt=urn:btih:" + "b" * 40, path=PATH), 503),
    ],
)
def test_what_cannot_be_heard(wanted: Wanted, status: int, app: Starlette) -> None:
    assert ask(app, wanted).status == status


def test_what_is_no_sound_is_never_a_page(app: Starlette) -> None:
    answer = ask(app, Wanted(link=LINK, path="x.html"))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_so_many_and_the_idle_make_room() -> None:
    files = {(LINK, name): b"x" for name in "abc"}
    streams = MemoryStreams(files, StreamLimits(streams=3))
    desk = Desk(streams, 2)
    first, second, third = (Wanted(link=LINK, path=name) for name in "abc")
    desk.take(first)
    desk.take(second)
    with pytest.raises(Refused, match="heard already"):
        desk.take(third)
    assert desk.take(first) is desk.take(first)
    desk.leave(second)
    assert streams.open_now == 2  # for a while: players come back
    desk.take(third)
    assert (streams.open_now, streams.spent) == (2, 3)
    for _ in range(3):
        desk.leave(first)
    desk.leave(third, is_broken=True)
    assert streams.open_now == 1
    desk.close()
    assert streams.open_now == 0


def test_a_swarm_that_dries_up_ends_the_answer_and_the_stream(app: Starlette, streams: MemoryStreams) -> None:
    desk: Desk = app.state.swarm_desk
    stream = desk.take(WANTED)
    desk.leave(WANTED)
    stream.close()  # as if the process had died
    answer = ask(app)
    assert (answer.status, answer.body) == (200, b"")  # shorter than its length: no client takes it for whole
    assert ask(app).body == CONTENT


def test_many_listeners_at_once_are_one_stream(app: Starlette, streams: MemoryStreams) -> None:
    visitor, found = Visitor(app), []

    async def hear() -> None:
        answer = await visitor.ask(address_of("", WANTED), "GET", {"authorization": f"Bearer {WORD}"})
        found.append(answer.body == CONTENT)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(hear)

    anyio.run(partial(all_of_them))
    assert found == [True] * 6
    assert streams.open_now == 1
