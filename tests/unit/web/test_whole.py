"""Answers from memory go in blocks, and not too many large ones at once."""

from functools import partial
from typing import Any

import anyio
import pytest
from starlette.types import Message

from sonoteca.model.errors import Unreachable
from sonoteca.web.bodies import BLOCK_BYTES
from sonoteca.web.sending import MAX_LOAD_BYTES, Load, Whole


class Taker:
    """Takes an answer; `meanwhile` is done at its first block."""

    def __init__(self, meanwhile: Any = None) -> None:
        self.taken: list[Message] = []
        self._meanwhile = meanwhile

    async def send(self, message: Message) -> None:
        self.taken.append(message)
        if len(self.taken) == 2 and self._meanwhile is not None:
            await self._meanwhile()

    async def ask(self, answer: Whole) -> list[bytes]:
        await answer({"type": "http"}, partial(anyio.sleep, 0), self.send)  # type: ignore[arg-type]
        assert [one["type"] for one in self.taken] == ["http.response.start"] + ["http.response.body"] * (
            len(self.taken) - 1
        )
        assert [one["more_body"] for one in self.taken[1:]] == [True] * (len(self.taken) - 2) + [False]
        return [one["body"] for one in self.taken[1:]]


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 1_000_003])
def test_blocks_are_the_whole(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    load = Load()
    blocks = anyio.run(Taker().ask, Whole(content, load))
    assert b"".join(blocks) == content
    assert len(blocks) == max(1, -(-size // BLOCK_BYTES))
    assert load.bytes == 0


def test_what_is_too_much_is_refused_before_it_begins() -> None:
    load, content = Load(), bytes(MAX_LOAD_BYTES // 2 + 1)
    said: list[str] = []

    async def another() -> None:
        assert load.bytes == len(content)
        taker = Taker()
        with pytest.raises(Unreachable) as told:
            await taker.ask(Whole(content, load))
        said.append(told.value.code)
        assert taker.taken == []
        assert len(await Taker().ask(Whole(b"small", load))) == 1
        assert len(await Taker().ask(Whole(content))) > 1  # everybody's: it is there once

    anyio.run(Taker(another).ask, Whole(content, load))
    assert said == ["busy"]
    assert load.bytes == 0


def test_who_goes_away_weighs_nothing() -> None:
    load = Load()

    async def leave() -> None:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        anyio.run(Taker(leave).ask, Whole(bytes(BLOCK_BYTES + 1), load))
    assert load.bytes == 0
