"""What is in the repository speaks of the project alone: no registry's address, no machine's path; its papers are in
order, and what they point to is there."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

import sonoteca
from tests.tools import PROJECT

# Written apart, so that this file does not hold what it looks for.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "--(extra-)?index" + "-url "]
REGISTRIES += ['"resolved": *"' + "http", "^Index" + "-Url", "trusted" + "-host"]
MACHINES = ["/" + "work/", "/" + "root/", "/home/" + r"[a-z]", "/tmp/" + r"(probe|brief|h/)", "/Users/" + r"[a-z]"]
PAPERS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICE", "LICENSE", ".ci/run", "Makefile"]
PAPERS += ["docs/tour.md", "docs/threats.md", "docs/adr/template.md", "requirements/run.txt", "requirements/dev.txt"]


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git holds or would hold; everything but hidden folders where there is no git."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(listing, cwd=PROJECT, check=True, capture_output=True).stdout.decode().split("\0")
        found = [PROJECT / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        hidden = re.compile(r"/(\.(?!ci/)|dist/|__pycache__/)")
        found = [one for one in PROJECT.rglob("*") if not hidden.search("/" + one.relative_to(PROJECT).as_posix())]
    return tuple(sorted(one for one in found if one.is_file()))


def offences(patterns: list[str]) -> list[str]:
    wrong = re.compile("|".join(patterns), re.MULTILINE)
    found = []
    for file in tracked_files():
        text = file.read_bytes().decode("utf-8", "replace")
        for hit in wrong.finditer(text):
            found.append(f"{file.relative_to(PROJECT)}:{text.count(chr(10), 0, hit.start()) + 1} {hit[0]}")
    return found


def test_no_address_of_a_registry() -> None:
    assert offences(REGISTRIES) == []


def test_no_path_of_a_machine() -> None:
    assert offences(MACHINES) == []


def test_the_eye_sees_itself() -> None:
    assert tracked_files()
    assert offences(["def test_the_eye_" + "sees_itself"])


@pytest.mark.parametrize("name", PAPERS)
def test_papers_are_there(name: str) -> None:
    assert (PROJECT / name).stat().st_size > 0


def test_license_is_the_whole_gpl() -> None:
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text and "Version 3, 29 June 2007" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_one_version_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == sonoteca.__version__
    assert f"## {sonoteca.__version__}" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", sorted((PROJECT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_locked_package_is_pinned_and_hashed(lock: Path) -> None:
    text = re.sub(r"(?m)^\s*#.*\n", "", lock.read_text(encoding="utf-8")).replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip()]
    assert packages
    assert [line[:60] for line in packages if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    for names, lock in [(project["project"]["dependencies"], "run"), (project["dependency-groups"]["dev"], "dev")]:
        text = (PROJECT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        wanted = {re.split(r"[<>=\[ ]", name)[0].lower() for name in names if isinstance(name, str)}
        assert wanted <= set(re.findall(r"(?m)^([\w.-]+)==", text))


PAGES = sorted(one for one in tracked_files() if one.suffix == ".md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", text)
    absent = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert absent == []


def test_a_decision_has_a_number_of_its_own_and_stands_in_the_index() -> None:
    names = [page.name for page in PAGES if re.match(r"\d{4}-", page.name)]
    heads = [(PROJECT / "docs/adr" / name).read_text(encoding="utf-8").splitlines()[0] for name in names]
    titles = dict(re.findall(r"# (\d{4})\. (.+)", "\n".join(heads)))
    assert list(titles) == [name[:4] for name in names]  # a number that is given twice is missing once
    index = (PROJECT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$", index) == [
        (name[:4], titles[name[:4]], name) for name in names
    ]


def test_named_make_targets_exist() -> None:
    made = set(re.findall(r"(?m)^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8")))
    for page in PAGES:
        named = set(re.findall(r"(?m)(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8")))
        assert named <= made, page
