"""What kills the limited process that decodes: once, and another one renders it; twice, and it is kept and not
published; and what is no fault of the recording's is never told of it. The rest goes on in each case."""

import errno
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoteca.formats import plain
from sonoteca.model.sound import RenderOrder
from sonoteca.pipeline import publish
from sonoteca.pipeline.publish import Published
from sonoteca.ports.memory.workshop import Dying
from sonoteca.ports.workshop import Died
from tests.faults import acts
from tests.faults.acts import AMBER, FERN, Shelf, opened
from tests.faults.faulty import Plan
from tests.faults.scenes import Act, Scene, differences, eventual

pytestmark = pytest.mark.faults

BOTH: Shelf = {**AMBER, **FERN}
KILLED = Died("killed", "it was ended by SIGKILL")
VICTIM = "masters/02 Two.flac"


def error(number: int) -> Died:
    """As the workshop tells an error of the system that the task met."""
    return Died("error", f"OSError: [Errno {number}] {os.strerror(number)}")


class Decoder:
    """The double, which dies of one recording so many times; half a file is left each time."""

    def __init__(self, death: Died, times: int) -> None:
        self.calls = Counter[str]()
        self._death, self._times = death, times

    def __call__(self, order: Any) -> Any:
        asked = plain.from_plain(RenderOrder, order)
        self.calls[asked.master] += 1
        if asked.master == VICTIM and self.calls[VICTIM] <= self._times:
            Path(asked.folder, asked.spans[0].wanted[0].name).write_bytes(b"half")
            raise Dying(self._death)
        return acts.render(order)


def scene_of(folder: Path) -> Scene:
    """Two releases that wait for publication."""
    return Scene(Act((), acts.publish_all, BOTH, ((acts.add_trusted, BOTH), (acts.run, BOTH))), folder)


def published(scene: Scene, decode: Callable[[Any], Any]) -> list[str]:
    """How each release came out."""
    with opened(scene.root, Plan(), decode=decode) as archive:
        came = list(publish.publish(archive, 1, lambda seconds, name: None))
    return sorted(one.word for one in came if isinstance(one, Published))


@pytest.mark.parametrize("death", [KILLED, error(errno.EFBIG), Died("timeout", "slow"), Died("memory", "much")])
def test_one_that_died_is_replaced(folder: Path, death: Died) -> None:
    scene, decoder = scene_of(folder), Decoder(death, 1)
    scene.set_up()
    assert published(scene, decoder) == ["rendered", "rendered"]
    assert decoder.calls[VICTIM] == 2
    assert differences(scene.end(), scene.wanted) == []


@pytest.mark.parametrize("death", [KILLED, error(errno.EFBIG), Died("timeout", "slow"), Died("memory", "much")])
def test_what_kills_two_is_kept_and_not_published(folder: Path, death: Died) -> None:
    scene, decoder = scene_of(folder), Decoder(death, 9)
    scene.set_up()
    assert published(scene, decoder) == ["rendered", "rendered"]
    assert decoder.calls[VICTIM] == 2
    members = "".join(scene.end()["rows"]["members"])
    assert "One" in members and "Six" in members and "Two" not in members
    assert any("Q902" in path.read_text() for path in (scene.root / "store").rglob("sound/*.json"))
    assert scene.findings() == []
    # It is not tried again, and nothing is published of it by any later run.
    assert published(scene, decoder) == []
    scene.play(Plan(), acts.make_again)
    assert published(scene, decoder) == []
    assert decoder.calls[VICTIM] == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_what_the_machine_did_waits_and_is_tried_again(folder: Path, number: int) -> None:
    """Though there is room now: it may have been short for a moment, or the process may lie."""
    scene, decoder = scene_of(folder), Decoder(error(number), 2)
    scene.set_up()
    assert published(scene, decoder) == ["failed", "rendered"]
    assert scene.end()["quarantine"] == []
    assert published(scene, decoder) == ["rendered"]
    assert differences(eventual(scene.end()), eventual(scene.wanted)) == []
