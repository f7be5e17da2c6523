"""Only ports write, each port says where, and the eye that looks for it sees what it should and no more."""

import pytest

from tests.house import writing
from tests.house.reading import parse_source, sources


def test_only_ports_write() -> None:
    offences = [found for source in sources() for found in writing.writes_outside_ports(source)]
    assert not offences, "\n" + "\n".join(offences)


def test_every_port_declares_its_places() -> None:
    offences = [found for source in sources() for found in writing.doors_without_places(source)]
    assert not offences, "\n" + "\n".join(offences)


WRITING = [
    "open('a', 'w')",
    "open('a', mode='rb+')",
    "open('a', chosen)",
    "open('a', *rest, mode='x')",
    "import io\nio.open('a', 'ab')",
    "import os\nos.rename('a', 'b')",
    "import os as system\nsystem.makedirs('a')",
    "from os import unlink as rm\nrm('a')",
    "import os\nos.open('a', os.O_WRONLY | os.O_CREAT)",
    "import os\nos.open('a', flags)",
    "from os import open as o, O_RDWR\no('a', O_RDWR)",
    "import ctypes\nctypes.CDLL(None)",
    "import shutil\nshutil.copyfile('a', 'b')",
    "from shutil import rmtree\nrmtree('a')",
    "import tempfile\ntempfile.TemporaryDirectory()",
    "from tempfile import mkstemp\nmkstemp()",
    "import sqlite3\nsqlite3.connect('a')",
    "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a')",
    "anything.write_text('a')",
    "anything.symlink_to('a')",
    "anything.open('wb')",
    "from pathlib import Path\ndef f(here: Path):\n    here.open('a')",
    "import tarfile\ntarfile.open('a', 'w:gz')",
    "import av\nav.open('a', mode='w')",
    "from pathlib import Path\nPath('a').unlink()",
    "from pathlib import Path\n(Path('a') / 'b').parent.mkdir()",
    "from pathlib import Path\ndef f(here: Path | None):\n    here.rename('b')",
    "from pathlib import Path\ndef f(a):\n    there = Path(a) / 'b'\n    there.with_suffix('.c').replace('b')",
    "import pathlib\nfor one in pathlib.Path.cwd().rglob('*'):\n    one.rmdir()",
    "from pathlib import Path\nclass A:\n    root: Path\n    def f(self):\n        (self.root / 'a').mkdir()",
]

READING = [
    "open('a')",
    "open('a', 'rb', buffering=0)",
    "import os\nos.open('a', os.O_RDONLY | os.O_NOFOLLOW)",
    "import os\nos.stat('a'); os.listdir('a'); os.path.join('a', 'b')",
    "text.replace('a', 'w')",
    "disk.rename('a', 'b')",
    "disk.open('a')",
    "disk.remove('store/w')",
    "doors.disk.mkdir('a')",
    "from pathlib import Path\nPath('a').read_text()",
    "from pathlib import Path\nPath('a').open('rb')",
    "from pathlib import Path\ndef f(here: Path):\n    here.name.replace('a', 'b')",
    "from pathlib import Path\ndef f(a: Path): ...\ndef g(a: str):\n    a.replace('b', 'c')",
    "import av\nav.open('wave', format='wav')",
    "from sonoteca.ports.disk import open\ndisk.open('x.txt')",
]


@pytest.mark.parametrize("text", WRITING)
def test_writing_is_seen(text: str) -> None:
    assert list(writing.writes_outside_ports(parse_source(text)))
    assert list(writing.writes_outside_ports(parse_source(text, "src/sonoteca/ports/example.py"))) == []


@pytest.mark.parametrize("text", READING)
def test_reading_is_left_alone(text: str) -> None:
    assert list(writing.writes_outside_ports(parse_source(text))) == []


DOOR = "import os\nclass Door:\n    {places}\n    def remove(self, path):\n        os.unlink(path)\n"


@pytest.mark.parametrize(
    ("places", "keeps"),
    [
        ("PLACES = ('store', 'quarantine')", True),
        ("PLACES: ClassVar[tuple[str, ...]] = ('store',)", True),
        ("PLACES = ()", False),
        ("PLACES = 'store'", False),
        ("PLACES: tuple[str, ...]", False),
        ("pass", False),
    ],
)
def test_a_door_names_its_places(places: str, keeps: bool) -> None:
    found = list(writing.doors_without_places(parse_source(DOOR.format(places=places), "src/sonoteca/ports/door.py")))
    assert (found == []) is keeps


def test_a_door_that_asks_the_kernel_needs_no_places() -> None:
    text = "import ctypes\nLIBC = ctypes.CDLL(None)\nclass Walls: ...\n"
    assert list(writing.doors_without_places(parse_source(text, "src/sonoteca/ports/walls.py"))) == []


def test_a_door_that_writes_in_functions_names_its_places_in_a_class() -> None:
    text = "import os\ndef remove(path):\n    os.unlink(path)\nclass Door:\n    {}\n"
    path = "src/sonoteca/ports/door.py"
    assert list(writing.doors_without_places(parse_source(text.format("pass"), path)))
    assert list(writing.doors_without_places(parse_source(text.format("PLACES = ('store',)"), path))) == []
