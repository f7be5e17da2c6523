"""Doors that fail where a test wants them to: before a deed, after it, or in its middle.

    plan = Plan(at="disk.rename:store#1", way="after", how="crash")
    deposit(request, faulty_disk(disk, plan))

A deed has a name: the door, the method, the place it works on, and which one of that name it is. A run under `Plan()`,
which strikes nowhere, lists in `plan.seen` every deed there is: the failpoints of that run. `way` says what the world
looks like: "before" (failed, not landed), "after" (failed, but landed), "half" (of a deed on many things the first half
landed). `how` says how it shows: "raise" an error of the house, as a full or broken disk gives; "crash", after which
nothing that goes through this door or another one of the same plan does anything more, as after a power cut, but the
test lives on; "kill", SIGKILL to this process.
"""

import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeVar, cast

from sonoteca.model.errors import Unreachable
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk

T = TypeVar("T")
FREEING = (".remove", ".remove_tree", ".prune_empty", ".remove_original")
Way = Literal["before", "after", "half"]
How = Literal["raise", "crash", "kill"]
Label = Callable[[tuple[Any, ...]], str]

DISK_DEEDS = frozenset(
    [
        "make_folder",
        "write",
        "write_many",
        "replace",
        "copy_in",
        "seal",
        "rename",
        "rename_many",
        "remove",
        "remove_tree",
        "prune_empty",
    ]
)


class Crash(BaseException):
    """The process is dead. No Exception: nobody may handle it."""


@dataclass
class Plan:
    """Where, when and how to fail: at most once. Doors of one plan are counted together."""

    at: str = ""
    way: Way = "before"
    how: How = "raise"
    seen: list[str] = field(default_factory=list)
    halves: set[str] = field(default_factory=set)
    struck: bool = False
    sqlite_code: int = sqlite3.SQLITE_IOERR_FSYNC
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _here: threading.local = field(default_factory=threading.local)

    def name(self, label: str, can_be_halved: bool) -> str:
        """Counts a deed and gives its name; raises Crash when the process is dead."""
        with self._lock:
            if self.struck and self.how == "crash":
                raise Crash("dead already")
            self._counts[label] += 1
            name = f"{label}#{self._counts[label]}"
            self.seen.append(name)
            if can_be_halved:
                self.halves.add(name)
            return name

    @contextmanager
    def doing(self) -> Iterator[None]:
        """Around a deed that was counted."""
        self._here.deeds = getattr(self._here, "deeds", 0) + 1
        try:
            yield
        finally:
            self._here.deeds -= 1

    @property
    def is_doing(self) -> bool:
        """Whether this thread is in a deed that was counted."""
        return bool(getattr(self._here, "deeds", 0))

    def is_struck_by(self, name: str) -> bool:
        """Whether this is the deed that fails."""
        return not self.struck and name == self.at

    def strike(self, name: str) -> NoReturn:
        """Fails as planned."""
        self.struck = True
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "crash":
            raise Crash(name)
        raise Unreachable("fault", f"planned to fail {self.way}", where=name, cure="run again")

    @property
    def failpoints(self) -> list[tuple[str, Way]]:
        """Every way in which every deed of an undisturbed run can fail."""
        ways: tuple[Way, ...] = ("before", "after", "half")
        return [(name, way) for name in self.seen for way in ways if way != "half" or name in self.halves]


def frees(name: str) -> bool:
    """Whether a deed only takes something away."""
    return name.partition(":")[0].endswith(FREEING)


@dataclass
class FullDisk(Plan):
    """The disk has no more room from the deed of this number on: what needs some fails, what frees some does not.
    What begins with `spares` has room all the same: a row is smaller than a recording."""

    full_from: int = 0
    spares: str = "nothing"
    sqlite_code: int = sqlite3.SQLITE_FULL
    refused: int = 0

    def is_struck_by(self, name: str) -> bool:
        """Every deed from that one on, but for removals."""
        return len(self.seen) > self.full_from and not frees(name) and not name.startswith(self.spares)

    def strike(self, name: str) -> NoReturn:
        """As LocalDisk tells it."""
        self.refused += 1
        raise Unreachable("disk-full", "the disk is full", where=name, cure="make room on it, then run again")


def faulty(inner: T, deeds: Collection[str], plan: Plan, label: Label) -> T:
    """The door, whose `deeds` (names of methods) are counted by the plan. Everything else goes straight through."""
    public = [name for name in dir(inner) if not name.startswith("_")]
    unknown = set(deeds) - set(public)
    if unknown:
        raise ValueError(f"{type(inner).__name__} has no {sorted(unknown)}")
    members = {name: _counted(inner, name, plan, label) if name in deeds else _straight(inner, name) for name in public}
    return cast(T, type(f"Faulty{type(inner).__name__}", (), members)())


def _straight(inner: object, name: str) -> Any:
    member = getattr(inner, name)
    return staticmethod(member) if callable(member) else property(lambda _: getattr(inner, name))


def _counted(inner: Any, method: str, plan: Plan, label: Label) -> Any:
    deed = getattr(inner, method)

    def counted(*arguments: Any, **named: Any) -> Any:
        half = _half(inner, method, arguments)
        prefix, _, place = label((method, *arguments)).partition(":")
        name = plan.name(f"{prefix}.{method}:{place}", half is not None)
        with plan.doing():
            if not plan.is_struck_by(name):
                return deed(*arguments, **named)
            if plan.way == "half" and half is not None:
                half()
            elif plan.way == "after":
                deed(*arguments, **named)
        plan.strike(name)

    return staticmethod(counted)


def _half(inner: Any, method: str, arguments: tuple[Any, ...]) -> Callable[[], None] | None:
    """The first half of a deed on many things; None of a deed on one."""
    many = [at for at, argument in enumerate(arguments) if isinstance(argument, Mapping) and len(argument) > 1]
    if many:
        some = [_first_half(argument) if at in many else argument for at, argument in enumerate(arguments)]
        return lambda: getattr(inner, method)(*some)
    found = inner.find(arguments[0]) if method == "remove_tree" else None
    if found is not None and found.kind is Kind.FOLDER:
        below = [item.path for item in inner.walk(found.path) if item.kind is not Kind.FOLDER]
        if len(below) > 1:
            return lambda: [inner.remove(path) for path in below[: len(below) // 2]].clear()
    return None


def _first_half(many: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(list(many.items())[: len(many) // 2])


def disk_place(call: tuple[Any, ...]) -> str:
    """The part of the archive that a deed changes: of the last path it is given."""
    path = ""
    for argument in call[1:]:
        if isinstance(argument, str):
            path = argument
        elif isinstance(argument, Mapping) and argument:
            key, value = next(iter(argument.items()))
            path = value if isinstance(value, str) else key
    return path.partition("/")[0]


def _disk_label(call: tuple[Any, ...]) -> str:
    return f"disk:{disk_place(call)}"


def faulty_disk(inner: Disk, plan: Plan) -> Disk:
    """A disk under a plan. Its failpoints: "disk.replace:store#2"."""
    return faulty(inner, DISK_DEEDS, plan, _disk_label)
