"""The workshop's double: tasks are callables handed over by name and run here, in this process, without any wall.

What crosses is made plain as in the real one, so a test sees the same values. A task that raises Dying dies as told.
Limits bind nothing here; but a folder that is not there, and a file that grew too large, are told as by the real one.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from sonoteca.ports.workshop import Died, Done, Limits, Result


class Dying(BaseException):
    """Raised by a test's task: the call ends with this death."""

    def __init__(self, death: Died) -> None:
        super().__init__(death.detail)
        self.death = death


class MemoryWorkshop:
    """Runs the task of this name from `tasks`."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tasks: Mapping[str, Callable[..., Any]]) -> None:
        self._tasks = dict(tasks)

    def run_each(self, task: str, calls: Sequence[Sequence[Any]], limits: Limits) -> Iterator[Result]:
        """See Workshop."""
        if task not in self._tasks:
            raise RuntimeError(f"the task {task} cannot be loaded: this double has {sorted(self._tasks)}")
        if limits.folder and not os.path.isdir(limits.folder):
            raise RuntimeError(f"a limited process could not be walled in: no folder {limits.folder}")
        for call in calls:
            result = self._call(self._tasks[task], json.loads(json.dumps(list(call))))
            yield _too_large(limits) or result

    def close(self) -> None:
        """See Workshop."""

    def _call(self, task: Callable[..., Any], arguments: list[Any]) -> Result:
        # A thread, because its future keeps whatever the task raised.
        with ThreadPoolExecutor(max_workers=1) as pool:
            future = pool.submit(task, *arguments)
            error = future.exception()
        if isinstance(error, Dying):
            return error.death
        if isinstance(error, MemoryError):
            return Died("memory", "it asked for more memory than it may have")
        if error is not None:
            return Died("error", f"{type(error).__name__}: {error}"[:1000])
        return Done(json.loads(json.dumps(future.result())))


def _too_large(limits: Limits) -> Died | None:
    if not limits.folder:
        return None
    with os.scandir(limits.folder) as found:
        large = any(one.stat(follow_symlinks=False).st_size > limits.file_bytes for one in found if one.is_file())
    return Died("error", f"OSError: [Errno {errno.EFBIG}] {os.strerror(errno.EFBIG)}") if large else None
