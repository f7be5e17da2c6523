"""The supervisor: parts that die come again, those that are replaced overlap, none is left behind."""

import os
import signal

import pytest

from sonoteca.pipeline.supervisor import LONGEST_PAUSE_S, parse_line, pause_s
from tests.running.programs import is_gone, supervised, told, until

TERM, INT, HUP, KILL = signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL
WAITS = "import signal; print('here', flush=True); signal.pause()"
LISTENS = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print('{"event": "listening", "of": %d}' % os.getpid(), flush=True)
while True:
    signal.pause()
"""
DEAF = """
import signal
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print('here', flush=True)
while True:
    signal.pause()
"""
STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
print('here', flush=True)
while True:
    signal.pause()
"""


def test_what_runs_is_told_and_ends_with_it() -> None:
    with told(supervised(("one", WAITS, TERM, False), ("two", LISTENS, TERM, True))) as up:
        up.event("up", "ready")
        up.event("one", "said")
        assert {line.get("event") for line in up.lines if line["part"] == "two"} == {"started", "listening"}
        assert up.end() == 0
        assert {line["part"]: line["code"] for line in up.lines if line["event"] == "ended"} == {"one": -15, "two": 0}
    assert all(is_gone(pid) for pid in up.pids)


def test_a_part_that_dies_comes_again_and_the_others_go_on() -> None:
    with told(supervised(("one", WAITS, TERM, False), ("two", WAITS, INT, False))) as up:
        first = up.event("one", "started")["pid"]
        up.event("two", "said")
        os.kill(first, KILL)
        assert up.event("one", "died")["code"] == -9
        again = up.event("one", "started")["pid"]
        assert again != first
        assert [line["part"] for line in up.lines if line["event"] == "died"] == ["one"]
        assert up.end() == 0


def test_one_that_ends_at_once_is_tried_more_and_more_seldom() -> None:
    with told(supervised(("one", "raise SystemExit(5)", TERM, False))) as up:
        pauses = [up.event("one", "died")["again_in_s"] for _ in range(3)]
        assert pauses == [0.5, 1.0, 2.0]
        assert up.end() == 0


@pytest.mark.parametrize(
    ("failures", "code", "pause"), [(1, 1, 0.5), (2, 1, 1.0), (7, -9, 32.0), (8, 5, 60.0), (999, 5, 60.0), (1, 3, 60.0)]
)
def test_pauses(failures: int, code: int, pause: float) -> None:
    assert pause_s(failures, code) == pause <= LONGEST_PAUSE_S


def test_a_successor_is_there_before_the_forerunner_goes() -> None:
    with told(supervised(("web", LISTENS, TERM, True))) as up:
        old = up.event("web", "listening")["of"]
        up.send(HUP)
        new = up.event("web", "reloading")["pid"]
        assert up.event("web", "listening")["of"] == new
        ended = up.event("web", "ended")
        assert (ended["pid"], ended["code"]) == (old, 0)
        assert not is_gone(new)
        assert up.end() == 0
    assert is_gone(new)


def test_a_successor_that_does_not_come_up_changes_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    once = tmp_path_factory.mktemp("once") / "mark"
    code = f"import os\nif os.path.exists({str(once)!r}): raise SystemExit(3)\nos.mkdir({str(once)!r})\n{LISTENS}"
    with told(supervised(("web", code, TERM, True))) as up:
        old = up.event("web", "listening")["of"]
        up.send(HUP)
        assert up.event("web", "not-reloaded")["code"] == 3
        assert not is_gone(old)
        assert up.end() == 0


def test_who_does_not_end_is_asked_again() -> None:
    with told(supervised(("one", STUBBORN, TERM, False), patience_s=0.2)) as up:
        up.event("one", "said")
        assert up.end() == 0


def test_who_never_ends_is_killed() -> None:
    with told(supervised(("one", DEAF, TERM, False), patience_s=0.2)) as up:
        up.event("one", "said")
        assert up.end() == 1
        assert [line["event"] for line in up.lines][-2:] == ["killed", "ended"]
    assert all(is_gone(pid) for pid in up.pids)


def test_killed_it_leaves_nothing_behind() -> None:
    with told(supervised(("one", DEAF, TERM, False), ("two", LISTENS, TERM, True))) as up:
        up.event("up", "ready")
        assert up.end(KILL) == -9
        for pid in up.pids:
            until(lambda pid=pid: is_gone(pid), f"{pid} outlived its parent")


def test_last_words_are_heard() -> None:
    with told(supervised(("one", "import sys; sys.exit('why ' * 3000)", TERM, False))) as up:
        said = up.event("one", "said")
        assert said["text"] == ("why " * 3000)
        up.event("one", "died")
        up.end()


def test_lines_of_parts() -> None:
    assert parse_line('{"event": "request", "ms": 1}') == {"event": "request", "ms": 1}
    assert parse_line("[1]") == {"event": "said", "text": "[1]"}
    assert parse_line('{"a":') == {"event": "said", "text": '{"a":'}
    assert parse_line("[" * 50_000)["event"] == "said"


def test_a_part_cannot_speak_for_another() -> None:
    with told(supervised(("one", 'print(\'{"part": "up", "event": "mine"}\')', TERM, False))) as up:
        assert up.event("one", "mine")
        up.end()
