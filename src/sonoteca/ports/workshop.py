"""Workshop: where code that cannot be trusted with strange bytes handles them, in processes that can do nothing else.

Takes  the name of a task ("module:function"), calls for it (their arguments), and limits.
Gives  one Result a call, in the order of the calls, as they come: Done with the value, or Died with the reason.
Never  imports the task's module here: the coordinator stays small, and no parser of audio or pictures runs in it.
       Never believes a child: values cross as JSON, so a child that was broken into can lie but run nothing here.

Arguments and values are therefore plain: None, bool, int, float, str (any, lone surrogates too), list, dict with text
keys. A tuple arrives as a list. A nobler value is coded by its owner (formats/plain.py) on both sides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

Why = Literal["timeout", "memory", "killed", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use. `memory_bytes` is address space, so resident memory stays below it; `cpu_s` and
    `wall_s` are for one call; a child is replaced after `calls_per_child` calls, so what a parser leaks or keeps ends
    with it.

    `folder` is the one place where children may write: a folder that is there, by its full path, in which they make
    files of at most `file_bytes` each, and take away what they made. "" for nowhere. All calls of a batch share it, so
    what must not meet has a batch each."""

    memory_bytes: int = 1 << 30
    cpu_s: int = 30
    wall_s: float = 60.0
    open_files: int = 32
    calls_per_child: int = 100
    folder: str = ""
    file_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The task came back; `value` is plain."""

    value: Any


@dataclass(frozen=True, slots=True)
class Died:
    """The child did not survive the call. timeout: too long (clock or CPU). memory: asked for more than it may have.
    killed: by a signal (a crash, or the system). error: the task raised (writing more than `file_bytes` is an OSError
    there), or answered nonsense. `detail` in plain words."""

    reason: Why
    detail: str


Result = Done | Died


class Workshop(Protocol):
    """Runs tasks apart. Several threads may call `run_each` at once; each call has children of its own."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def run_each(self, task: str, calls: Sequence[Sequence[Any]], limits: Limits) -> Iterator[Result]:
        """The result of each call, in order, streamed. RuntimeError when the task cannot be loaded or no child can be
        walled in (a `folder` that is not there); Unreachable "workshop-gone" when the system ended what makes the
        children."""

    def close(self) -> None:
        """Ends what still runs. Nothing happens the second time."""
