"""What can be set and what can be said is written down: every setting in docs/settings.md, every command and option in
docs/commands.md, and nothing there that does not exist."""

import dataclasses
import importlib
import re
from collections.abc import Iterator

import click
import pytest

from tests.house.reading import is_written
from tests.tools import PROJECT


def find_page(name: str) -> str:
    path = PROJECT / "docs" / name
    assert path.is_file(), f"docs/{name} is missing"
    return path.read_text(encoding="utf-8")


def settings() -> list[str]:
    if not is_written("config"):
        pytest.skip("sonoteca.config is not written yet")
    kind = importlib.import_module("sonoteca.config").Settings
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return list(kind.model_fields)


def commands() -> dict[str, click.Command]:
    if not is_written("cli"):
        pytest.skip("sonoteca.cli is not written yet")
    main = importlib.import_module("sonoteca.cli").main
    assert isinstance(main, click.Group)
    return dict(walk_commands(main, "sonoteca"))


def walk_commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """("sonoteca rights grant", command) for each command that does something."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        # Asked for by name, as a person does: a command's module may be loaded only then.
        inner = command.get_command(context, word)
        if inner is not None and not inner.hidden:
            yield from walk_commands(inner, f"{name} {word}")


def test_every_setting_is_documented() -> None:
    page_words = set(re.findall(r"`(\w+)`", find_page("settings.md"))) if settings() else set()
    assert [name for name in settings() if name not in page_words] == []


def test_every_command_is_documented() -> None:
    found = commands()
    page = find_page("commands.md")
    assert [name for name in found if name not in page] == []


def test_every_option_is_documented() -> None:
    found = commands()
    page_words = set(re.findall(r"--[a-z][a-z-]*", find_page("commands.md")))
    used = {word for command in found.values() for one in command.params for word in one.opts if word.startswith("--")}
    assert sorted(used - page_words) == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    found = commands()
    named = re.findall(r"(?m)^#+ `(sonoteca(?: [a-z-]+)*)", find_page("commands.md"))
    groups = {name.rpartition(" ")[0] for name in found}
    assert [name for name in named if name not in found and name not in groups] == []


def test_every_command_explains_itself() -> None:
    assert [name for name, command in commands().items() if not (command.help or "").strip()] == []
