"""The unit for systemd: systemd itself takes it, and it lets the program do nothing but its work."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sonoteca.pipeline.supervisor import PATIENCE_S
from tests.tools import PROJECT

UNIT = PROJECT / "contrib" / "systemd" / "sonoteca.service"


class Repeated(dict[str, str]):
    """A setting may stand several times."""

    def __setitem__(self, key: str, value: str) -> None:
        if key in self and isinstance(value, list):
            value = [*self[key], *value]
        super().__setitem__(key, value)


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None, dict_type=Repeated)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(UNIT)
    return found


def test_systemd_takes_it(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here: the other tests of this file read the unit themselves")
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/sonoteca/bin/sonoteca", sys.executable))
    ran = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_it_runs_the_command_that_exists(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].split()[1:] == ["--archive", "/srv/sonoteca/archive", "up", "--json"]
    assert service["ExecReload"].split()[1:] == ["-HUP", "$MAINPID"]
    assert int(service["TimeoutStopSec"]) > 2 * PATIENCE_S
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_it_may_write_to_the_archive_alone(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", "/srv/sonoteca/archive")
    assert service["CapabilityBoundingSet"] == ""
    assert service["NoNewPrivileges"] == "yes"
    assert "root" not in service["User"]
    protections = [key for key in service if re.match("Protect|Private", key)]
    assert len(protections) >= 9


def test_what_the_walls_of_processes_need_is_allowed(unit: configparser.ConfigParser) -> None:
    """Landlock and user namespaces are how decoders and the seeder are shut in."""
    text = UNIT.read_text()
    assert "landlock_restrict_self" in text
    assert set(unit["Service"]["RestrictNamespaces"].split()) == {"user", "net"}
    assert re.search(r"(?m)^SystemCallFilter=.*\bunshare\b", text)
