"""The floors as pyproject.toml states them: every module stands on one, and the pure modules are there to be judged."""

import tomllib
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.house.reading import ROOMS, is_written, sources
from tests.tools import PROJECT

PURE = (
    "acquire.folders",
    "acquire.identify",
    "acquire.checksums",
    "acquire.cue",
    "preserve.versions",
    "rights.rules",
    "rights.licences",
    "catalogue.entries",
    "formats",
    "model",
)

EFFECTS = frozenset(
    ("asyncio", "logging", "os", "pathlib", "random", "shutil", "socket", "sqlite3", "subprocess", "threading", "time")
)


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict[str, Any]]:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    return {contract["type"]: contract for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_every_module_stands_on_a_floor(contracts: dict[str, dict[str, Any]]) -> None:
    floors = [name.strip(" ()") for layer in contracts["layers"]["layers"] for name in layer.split("|")]
    assert contracts["layers"]["exhaustive"]
    assert {source.room for source in sources()} - {""} <= set(floors)
    assert set(ROOMS) < set(floors)


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_are_held_pure(module: str, contracts: dict[str, dict[str, Any]]) -> None:
    held = contracts["forbidden"]["source_modules"]
    assert any(fnmatchcase(f"sonoteca.{module}", pattern) for pattern in held)


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_are_there(module: str) -> None:
    """The contract's wildcards match nothing when a module is renamed: then this says so."""
    if not is_written("cli"):
        pytest.skip("the rooms are being built, the command line that joins them is not written yet")
    assert is_written(module), f"sonoteca.{module} decides and is held pure by pyproject.toml; where is it?"


def test_the_pure_contract_forbids_effects(contracts: dict[str, dict[str, Any]]) -> None:
    forbidden = set(contracts["forbidden"]["forbidden_modules"])
    assert forbidden >= EFFECTS
    assert "sonoteca.ports" in forbidden
