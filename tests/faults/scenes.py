"""A scene: an act with everything before it done, played any number of times from there, whole or broken off; what is
compared afterwards; and the questions that are asked of every scene.
"""

import os
import random
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocfl.validator import Validator

from sonoteca.model.errors import SonotecaError
from sonoteca.pipeline.verify import Checks, verify
from tests.faults import acts
from tests.faults.acts import Deed, Shelf, lay_out, new_archive, opened
from tests.faults.faulty import Crash, FullDisk, How, Plan, Way, frees
from tests.faults.snapshot import snapshot


@dataclass(frozen=True)
class Act:
    """The steps that it has; the deed; the shelf as it is then; deeds done before, each on a shelf."""

    steps: tuple[str, ...]
    deed: Deed
    shelf: Shelf
    before: tuple[tuple[Deed, Shelf], ...] = ()
    later_s: int = 0
    goes_on: bool = False  # with some releases when others fail or are not meant yet: they are issued apart


# ── playing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Scene:
    """An act with everything before it done, to be played any number of times from there."""

    def __init__(self, act: Act, folder: Path) -> None:
        self.act, self.root, self.shelf = act, folder / "archive", folder / "shelf"
        self._before = folder / "before"
        new_archive(self._before)
        for deed, shelf in act.before:
            lay_out(shelf, self.shelf)
            with opened(self._before, Plan()) as archive:
                deed(archive, self.shelf)
        self.set_up()
        self.undisturbed = Plan()
        self.play(self.undisturbed)
        self.wanted = self.end()

    def set_up(self) -> None:
        """As it is before the act."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self._before, self.root)
        lay_out(self.act.shelf, self.shelf)

    def play(self, plan: Plan, deed: Deed | None = None) -> None:
        """The act, or another deed in its place."""
        with opened(self.root, plan, self.act.later_s) as archive:
            (deed or self.act.deed)(archive, self.shelf)

    def play_into(self, plan: Plan) -> None:
        """The act, which fails as planned: as the house tells errors, or not at all because nobody lives to tell."""
        try:
            self.play(plan)
        except Crash:
            assert plan.how == "crash"
        except SonotecaError:
            assert plan.how == "raise"

    def end(self) -> dict[str, Any]:
        """How it looks."""
        return {**snapshot(self.root), "shelf": sorted(str(path) for path in self.shelf.rglob("*") if path.is_file())}

    def findings(self) -> list[str]:
        """What `verify` and ocfl-py have to say."""
        with opened(self.root, Plan()) as archive:
            found = [f"{one.code} {one.where}" for one in verify(archive, Checks(jobs=1), acts.no_progress)]
        for mark in (self.root / "store").rglob("0=ocfl_object_1.1"):
            validator = Validator()
            if not validator.validate_object(str(mark.parent)):
                found.append(validator.status_str())
        return found


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """What differs, in few words."""
    return [f"{key}: {difference(found[key], wanted[key])}" for key in wanted if found[key] != wanted[key]]


def difference(found: Any, wanted: Any) -> str:
    """What is too much and what is missing."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = [key for key in {**wanted, **found} if found.get(key) != wanted.get(key)]
        return "; ".join(f"{key} {difference(found.get(key), wanted.get(key))}" for key in keys[:3])
    if isinstance(wanted, list) and isinstance(found, list):
        more, less = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
        return f"{more.total()} too much {list(more)!r:.200}, {less.total()} missing {list(less)!r:.200}"
    return f"{found!r:.100} instead of {wanted!r:.100}"


def some(failpoints: list[tuple[str, Way]], most: int, chance: random.Random) -> list[tuple[str, Way]]:
    """So many of them, or all when there are fewer."""
    return chance.sample(failpoints, min(most, len(failpoints)))


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def eventual(end: dict[str, Any]) -> dict[str, Any]:
    """How it looks, but for the number of revisions that it took: what of one release is ready (or has to go) does not
    wait for another."""
    rows = {table: [row for row in found if "'volumes'" not in row] for table, found in end["rows"].items()}
    files = {path: digest for path, digest in end["files"].items() if not path.startswith("records/volumes/")}
    entries = [entry for entry in end["entries"] if '"volumes"' not in entry]
    return {**end, "rows": {**rows, "volumes": len(rows["volumes"])}, "files": files, "entries": entries}


def fails_and_is_done_again(scene: Scene, how: How, most: int = 0) -> None:
    """Each deed fails in each way (`most`: so many of them, by chance), then the act is done again. Of crashes, those
    before a deed are left out: they leave the world as those after the deed before."""
    seen = eventual if scene.act.goes_on else dict
    wanted = {(at, way) for at, way in scene.undisturbed.failpoints if (how, way) != ("crash", "before")}
    if most:
        wanted = set(some(sorted(wanted), most, random.Random(f"{sorted(wanted)}")))
    hit: set[tuple[str, str]] = set()
    broken = {}
    for at, way in sorted(wanted):
        scene.set_up()
        plan = Plan(at=at, way=way, how=how)
        scene.play_into(plan)
        hit.update([(at, way)] if plan.struck else [])
        scene.play(Plan())
        if told := differences(seen(scene.end()), seen(scene.wanted)):
            broken[at, way] = told
    assert broken == {}
    assert hit == wanted
    assert most or {at for at, _ in hit} == set(scene.undisturbed.seen)


def has_these_steps_and_no_others(scene: Scene) -> None:
    """The steps of the act's list, and nothing beside counted deeds."""
    assert {step.partition("#")[0] for step in scene.undisturbed.seen} == set(scene.act.steps)
    assert scene.findings() == []
    scene.set_up()
    plan = Plan()
    with WATCH.over(plan) as beside:
        scene.play(plan)
    assert beside == []
    assert plan.seen and scene.end() == scene.wanted


def done_twice_is_done_once(scene: Scene) -> None:
    """And leaves nothing more."""
    scene.play(Plan())
    assert differences(scene.end(), scene.wanted) == []


def crashes_while_going_on(scene: Scene, folder: Path, chance: random.Random, most: int = 3) -> None:
    """One after the other until nothing is left to break off: each crash one deed further than the recovery before."""
    seen = eventual if scene.act.goes_on else dict
    for at, way in some(scene.undisturbed.failpoints, most, chance):
        scene.set_up()
        scene.play_into(Plan(at=at, way=way, how="crash"))
        for _ in range(6):
            before = folder / "crashed"
            shutil.copytree(scene.root, before)
            shelf = folder / "crashed shelf"
            shutil.copytree(scene.shelf, shelf)
            scout = Plan()
            scene.play(scout)
            for left, kept in ((scene.root, before), (scene.shelf, shelf)):
                shutil.rmtree(left)
                kept.rename(left)
            second, second_way = chance.choice(scout.failpoints)
            scene.play_into(Plan(at=second, way=second_way, how="crash"))
        scene.play(Plan())
        assert differences(seen(scene.end()), seen(scene.wanted)) == [], (at, way)


def is_whole_after_another(scene: Scene, others: tuple[Deed, ...], chance: random.Random, most: int = 8) -> None:
    """Not the same again but another command that writes. What it finds half done it ends: nothing looks damaged."""
    for at, way in some(scene.undisturbed.failpoints, most, chance):
        scene.set_up()
        scene.play_into(Plan(at=at, way=way, how="crash"))
        other = chance.choice(others)
        scene.play(Plan(), other)
        assert scene.findings() == [], (at, way, other)


def has_no_room(scene: Scene, every: int = 1) -> None:
    """From each deed on (or every so many). The act stops and says that the disk is full, and does so again while it
    is; with room it ends as if it had been there all the time."""
    seen = eventual if scene.act.goes_on else dict
    wanting = [number for number, step in enumerate(scene.undisturbed.seen) if not frees(step)][::every]
    stopped = 0
    for number in wanting:
        scene.set_up()
        for again in range(2 if number % 3 == 0 else 1):
            plan = FullDisk(full_from=number, spares="nothing" if (number + again) % 2 else "database")
            try:
                scene.play(plan)
            except SonotecaError as error:
                assert error.code == "disk-full"
                stopped += 1
            else:
                assert plan.refused == 0
        scene.play(Plan())
        assert differences(seen(scene.end()), seen(scene.wanted)) == [], scene.undisturbed.seen[number]
    assert stopped >= len(wanting) // 2


# ── what changes files, as the interpreter tells ─────────────────────────────────────────────────────────────────────

CHANGES = frozenset(
    ["os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown"]
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """An audit hook, which Python keeps until the process ends: it looks only while it is asked to."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._found: list[str] = []
        self._is_set = False

    def over(self, plan: Plan) -> "Watch":
        """While the block runs, every change of files outside of the plan's deeds is listed."""
        self._plan, self._found = plan, []
        return self

    def __enter__(self) -> list[str]:
        if not self._is_set:
            sys.addaudithook(self._see)
            self._is_set = True
        return self._found

    def __exit__(self, *_: object) -> None:
        self._plan = None

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        is_open = event == "open" and len(arguments) > 2 and int(arguments[2] or 0) & WRITING
        if not (is_open or event in CHANGES) or self._plan is None or self._plan.is_doing:
            return
        # The lock says who has it. SQLite's files are not the interpreter's: they change with a commit. What the
        # decoder's double writes is written by another process.
        if acts.doer() not in ("archive.coordinator", "test"):
            self._found.append(f"{event} {arguments!r} by {acts.doer()}")


WATCH = Watch()
