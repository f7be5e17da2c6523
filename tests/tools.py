"""What a test may need from the machine: it is there, or the test is skipped with the reason. Under
SONOTECA_REQUIRE_ALL=1 (as .ci/run sets it) the test fails instead, so that a green run there has run everything."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("SONOTECA_REQUIRE_ALL") == "1"


def missing(reason: str) -> NoReturn:
    """Ends the test: a skip with this reason, or a failure where everything is required."""
    if REQUIRE_ALL:
        pytest.fail(f"{reason} (SONOTECA_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(reason)


def require_tool(name: str) -> str:
    """The path of a program; ends the test when there is none."""
    # sbin is not on an ordinary user's path, mkfs is there.
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))
    return path or missing(f"needs the program {name!r}")


def find_corpus() -> Path:
    """SONOTECA_CORPUS, or shared/corpus beside the project; ends the test when it is not there."""
    folder = Path(os.environ.get("SONOTECA_CORPUS") or PROJECT.parent / "shared" / "corpus").absolute()
    if not (folder / "index.csv").is_file():
        missing("needs the corpus: set SONOTECA_CORPUS to the folder that has index.csv")
    return folder
