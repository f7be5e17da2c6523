"""One suite for the workshop and its double; then what only real processes can promise."""

import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoteca.model.errors import Unreachable
from sonoteca.ports.memory.workshop import Dying, MemoryWorkshop
from sonoteca.ports.workshop import Died, Done, Limits, Workshop
from sonoteca.ports.workshop_processes import ProcessWorkshop
from tests import tools
from tests.contract import workshop_tasks

TASKS = "tests.contract.workshop_tasks:"
LIMITS = Limits(wall_s=30, cpu_s=20)


def double() -> MemoryWorkshop:
    names = ("echo", "fail", "unplain", "ask_for_memory", "make")
    tasks = {TASKS + name: getattr(workshop_tasks, name) for name in names}

    def ask(size: int) -> int:
        if size > LIMITS.memory_bytes:
            raise MemoryError
        return size

    return MemoryWorkshop(tasks | {TASKS + "ask_for_memory": ask})


@pytest.fixture(params=["processes", "double"])
def workshop(request: pytest.FixtureRequest) -> Iterator[Workshop]:
    made: Workshop = ProcessWorkshop([]) if request.param == "processes" else double()
    yield made
    made.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[ProcessWorkshop]:
    made = ProcessWorkshop([str(tmp_path)])
    yield made
    made.close()


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_results_come_in_order(workshop: Workshop) -> None:
    calls = [(number, str(number)) for number in range(20)]
    assert list(workshop.run_each(TASKS + "echo", calls, LIMITS)) == [
        Done([number, str(number)]) for number in range(20)
    ]


def test_no_calls_no_results(workshop: Workshop) -> None:
    assert list(workshop.run_each(TASKS + "echo", [], LIMITS)) == []


@pytest.mark.parametrize("value", [None, True, 1.5, 2**60, "é\udcff\x00", [1, [2]], {"a": {"b": []}}])
def test_plain_values_come_back_as_they_were(workshop: Workshop, value: Any) -> None:
    assert list(workshop.run_each(TASKS + "echo", [(value,)], LIMITS)) == [Done([value])]


def test_a_tuple_comes_back_as_a_list(workshop: Workshop) -> None:
    assert list(workshop.run_each(TASKS + "echo", [((1, 2),)], LIMITS)) == [Done([[1, 2]])]


def test_a_task_that_raises_died_of_an_error_and_the_next_one_lives(workshop: Workshop) -> None:
    results = list(workshop.run_each(TASKS + "fail", [("one",), ("two",)], LIMITS))
    assert results == [Died("error", "ValueError: one"), Died("error", "ValueError: two")]


def test_too_much_memory_is_told(workshop: Workshop) -> None:
    first, second = workshop.run_each(TASKS + "ask_for_memory", [(LIMITS.memory_bytes * 2,), (5,)], LIMITS)
    assert isinstance(first, Died) and first.reason == "memory"
    assert second == Done(5)


def test_files_are_made_in_the_folder(workshop: Workshop, tmp_path: Path) -> None:
    limits = replace(LIMITS, folder=str(tmp_path), file_bytes=1000, calls_per_child=1)
    calls = [(str(tmp_path), name, 1000) for name in ("a", "b")]
    assert list(workshop.run_each(TASKS + "make", calls, limits)) == [Done(["a"]), Done(["a", "b"])]
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == {"a": 1000, "b": 1000}


def test_a_file_that_grows_too_large_is_told(workshop: Workshop, tmp_path: Path) -> None:
    limits = replace(LIMITS, folder=str(tmp_path), file_bytes=1000)
    (result,) = workshop.run_each(TASKS + "make", [(str(tmp_path), "a", 1001)], limits)
    assert result == Died("error", "OSError: [Errno 27] File too large")


def test_the_folder_must_be_there(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="could not be walled in"):
        list(workshop.run_each(TASKS + "echo", [()], replace(LIMITS, folder=str(tmp_path / "none"))))


def test_an_unknown_task_is_our_own_mistake(workshop: Workshop) -> None:
    with pytest.raises(RuntimeError, match="no_such_module"):
        list(workshop.run_each("no_such_module:echo", [()], LIMITS))


def test_closing_twice_is_closing_once(workshop: Workshop) -> None:
    list(workshop.run_each(TASKS + "echo", [()], LIMITS))
    workshop.close()
    workshop.close()


def test_the_double_dies_as_told() -> None:
    def die() -> None:
        raise Dying(Died("timeout", "slow"))

    assert list(MemoryWorkshop({"a:b": die}).run_each("a:b", [()], LIMITS)) == [Died("timeout", "slow")]


def test_a_value_that_is_not_plain_is_an_error_in_the_process(processes: ProcessWorkshop) -> None:
    (result,) = processes.run_each(TASKS + "unplain", [()], LIMITS)
    assert isinstance(result, Died) and result.reason == "error" and "JSON" in result.detail


# ── children that die ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_signal_kills_one_call_only(processes: ProcessWorkshop, number: signal.Signals) -> None:
    (result,) = processes.run_each(TASKS + "end_by", [(int(number),)], LIMITS)
    assert result == Died("killed", f"it was ended by {number.name}")
    assert list(processes.run_each(TASKS + "echo", [(1,)], LIMITS)) == [Done([1])]


def test_the_clock_kills_a_sleeper(processes: ProcessWorkshop) -> None:
    (result,) = processes.run_each(TASKS + "sleep", [()], Limits(wall_s=0.2))
    assert isinstance(result, Died) and result.reason == "timeout"


@pytest.mark.parametrize("calls_per_child", [1, 100])
def test_processor_time_kills_a_spinner(processes: ProcessWorkshop, calls_per_child: int) -> None:
    limits = Limits(wall_s=60, cpu_s=0, calls_per_child=calls_per_child)
    (result,) = processes.run_each(TASKS + "spin", [()], limits)
    assert result == Died("timeout", "it used more processor time than it may")


def test_leaving_without_an_answer_is_an_error(processes: ProcessWorkshop) -> None:
    (result,) = processes.run_each(TASKS + "leave", [(3,)], LIMITS)
    assert result == Died("error", "it ended by itself (exit code 3)")


@pytest.mark.parametrize("name", ["answer_nonsense", "answer_deep", "answer_endless"])
def test_a_child_that_was_taken_over_can_only_talk_nonsense(processes: ProcessWorkshop, name: str) -> None:
    (result,) = processes.run_each(TASKS + name, [()], LIMITS)
    assert isinstance(result, Died) and result.reason == "error" and "nonsense" in result.detail


# ── children that serve ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_serves_several_calls_and_is_then_replaced(processes: ProcessWorkshop) -> None:
    results = list(processes.run_each(TASKS + "count", [()] * 7, Limits(calls_per_child=3)))
    assert results == [Done(count) for count in (1, 2, 3, 1, 2, 3, 1)]
    assert processes.usage.children == 3


def test_each_batch_has_children_of_its_own(processes: ProcessWorkshop) -> None:
    assert [list(processes.run_each(TASKS + "count", [()], LIMITS)) for _ in range(2)] == [[Done(1)], [Done(1)]]


def test_nothing_is_started_before_it_is_needed_nor_left_when_nobody_asks(processes: ProcessWorkshop) -> None:
    results = processes.run_each(TASKS + "tell_then_hold", [(False,), (True,)], LIMITS)
    assert processes.usage.children == 0
    answer = next(results)
    assert isinstance(answer, Done)
    with pidfd(answer.value[0]) as child:
        results.close()  # type: ignore[attr-defined]
        assert has_ended(child)


def test_threads_share_one_workshop(processes: ProcessWorkshop) -> None:
    found: dict[int, list[Any]] = {}

    def ask(number: int) -> None:
        found[number] = list(processes.run_each(TASKS + "echo", [(number, call) for call in range(20)], LIMITS))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [Done([number, call]) for call in range(20)] for number in range(4)}


def test_a_steward_that_was_killed_is_replaced(processes: ProcessWorkshop) -> None:
    results = processes.run_each(TASKS + "tell_then_hold", [(False,), (False,)], LIMITS)
    answer = next(results)
    assert isinstance(answer, Done)
    with pidfd(answer.value[0]) as child, pidfd(answer.value[1]) as steward:
        signal.pidfd_send_signal(steward.fileno(), signal.SIGKILL)
        assert has_ended(steward) and has_ended(child)
    with pytest.raises(Exception, match="has ended"):
        list(results)
    assert list(processes.run_each(TASKS + "echo", [(1,)], LIMITS)) == [Done([1])]


def test_a_killed_steward_is_no_verdict_on_what_its_children_looked_at(processes: ProcessWorkshop) -> None:
    """Each batch ends with an error that may be tried again, and nobody kills by the numbers of the dead."""
    batches = [processes.run_each(TASKS + "tell_then_hold", [(False,), (False,)], LIMITS) for _ in range(2)]
    answers = [next(batch) for batch in batches]
    pids = {pid for answer in answers if isinstance(answer, Done) for pid in answer.value}
    assert len(pids) == 3
    with ExitStack() as stack:
        ends = [stack.enter_context(pidfd(pid)) for pid in pids]
        steward = answers[0].value[1] if isinstance(answers[0], Done) else 0
        os.kill(steward, signal.SIGKILL)
        assert all(has_ended(end) for end in ends)
    for batch in batches:
        with pytest.raises(Unreachable, match="has ended"):
            list(batch)
    assert list(processes.run_each(TASKS + "echo", [(1,)], LIMITS)) == [Done([1])]


def test_nobody_outlives_a_coordinator_that_was_killed() -> None:
    script = (
        "from sonoteca.ports.workshop import Limits\n"
        "from sonoteca.ports.workshop_processes import ProcessWorkshop\n"
        f"results = ProcessWorkshop([]).run_each({TASKS + 'tell_then_hold'!r}, [(False,), (True,)], Limits())\n"
        "print(*next(results).value, flush=True)\n"
        "next(results)\n"
    )
    path = os.pathsep.join([str(tools.PROJECT / "src"), str(tools.PROJECT)])
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as coordinator:
        assert coordinator.stdout is not None
        child, steward = map(int, coordinator.stdout.readline().split())
        with pidfd(child) as one, pidfd(steward) as other:
            coordinator.kill()
            assert has_ended(one) and has_ended(other)


# ── walls ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_can_read_what_it_was_given(processes: ProcessWorkshop, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("given")
    assert list(processes.run_each(TASKS + "read", [(str(tmp_path / "in.txt"),)], LIMITS)) == [Done("given")]


def test_a_child_can_do_nothing_else(processes: ProcessWorkshop, tmp_path: Path) -> None:
    if not processes.is_confined:
        tools.missing("needs a kernel with Landlock")
    inside = tmp_path / "in.txt"
    inside.write_text("given")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (result,) = processes.run_each(TASKS + "try_escapes", [("/etc/passwd", str(inside), port)], LIMITS)
    assert isinstance(result, Done)
    assert {deed: answer for deed, answer in result.value.items() if answer == "done"} == {}
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def test_no_socket_without_a_namespace_either() -> None:
    """The filter by itself, in a process that has everything else: many containers allow no namespace."""
    deeds = (
        "socket.socket, (), socket.socket, (2, 2), socket.socket, (1,), socket.socket, (16, 3), socket.socketpair, ()"
    )
    deeds += ", os.execv, ('/bin/true', ['true'])"
    program = f"""
import os, socket
from sonoteca.ports.workshop_calls import refuse_calls
from sonoteca.ports.workshop_walls import forgo_privileges
forgo_privileges()
print(refuse_calls())
deeds = [{deeds}]
for deed, arguments in zip(deeds[::2], deeds[1::2]):
    try:
        deed(*arguments)
        print("done")
    except OSError as error:
        print(error.errno)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    if said[0] == "False":
        tools.missing("needs a kernel with seccomp, on an architecture whose numbers are known")
    assert said == ["True", *[str(errno.EACCES)] * 6]


def test_a_child_writes_in_its_folder_and_nowhere_else(processes: ProcessWorkshop, tmp_path: Path) -> None:
    if not processes.is_confined:
        tools.missing("needs a kernel with Landlock")
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("theirs")
    limits = replace(LIMITS, folder=str(folder), file_bytes=1000)
    (result,) = processes.run_each(TASKS + "try_around", [(str(folder), str(outside))], limits)
    assert isinstance(result, Done)
    done = {deed for deed, answer in result.value.items() if answer == "done"}
    assert done == {"make a file", "write, shorten and remove it"}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "outside"]


def test_a_child_without_a_folder_writes_nothing(processes: ProcessWorkshop, tmp_path: Path) -> None:
    (result,) = processes.run_each(TASKS + "make", [(str(tmp_path), "a", 1)], replace(LIMITS, file_bytes=1000))
    assert isinstance(result, Died) and result.reason == "error"


def test_a_child_inherits_nothing(processes: ProcessWorkshop) -> None:
    os.environ["SONOTECA_TEST_SECRET"] = "1"
    try:
        (result,) = processes.run_each(TASKS + "facts", [()], LIMITS)
    finally:
        del os.environ["SONOTECA_TEST_SECRET"]
    assert result == Done(
        {
            "environment": {},
            "descriptors": [0, 1, 2, 3],
            "limits": [LIMITS.memory_bytes, 0, 0],
            "no_new_privileges": 1,
            "death_signal": signal.SIGKILL,
        }
    )


# ── watching processes without waiting longer than needed ────────────────────────────────────────────────────────────


def pidfd(number: int) -> Any:
    return os.fdopen(os.pidfd_open(number), "rb", buffering=0)


def has_ended(process: Any) -> bool:
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(30_000))
