"""A demo folder in memory: what was put down, by path."""

from typing import ClassVar

from sonoteca.model.errors import Conflict
from sonoteca.ports.demo_folder import verify_inside


class MemoryDemoFolder:
    """The double of DemoFolder. `files` holds what is there; a test may put something there first."""

    PLACES: ClassVar[tuple[str, ...]] = ("music",)

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def write(self, path: str, content: bytes) -> None:
        """The file is there with these bytes; Conflict "exists" when it has others."""
        verify_inside(path)
        if self.files.setdefault(path, content) != content:
            raise Conflict(
                "exists", "something else is there already", where=path, cure="give the demo an empty folder"
            )
