"""The ledger broken off at every deed on the disk: not done, done and not told, or half done; then the same call again.

Afterwards nothing tells an undisturbed run from a disturbed one: the same files, byte by byte. In between the log is
that of the old checkpoint or that of the new one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

import pytest

from sonoteca.ledger import Ledger, recovery_entry
from sonoteca.model.errors import SonotecaError, Uncertain, Unreachable
from sonoteca.model.finding import Severity
from sonoteca.model.source import Kind
from sonoteca.ports.disk import HALF
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.ports.memory.keys import SeededSigner

pytestmark = pytest.mark.faults

SIGNER = SeededSigner()
FIRST = recovery_entry("key", "2026-11-23T10:00:00Z")
NOT_LANDED, LANDED, HALF_LANDED = MODES = ("not landed", "landed", "half landed")


class BreakingDisk(MemoryDisk):
    """Breaks at the deed of a given number, counted from 1; at none when the number is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.break_at = 0
        self.mode = NOT_LANDED
        self.deeds = 0
        self.met: Counter[str] = Counter()

    def arm(self, number: int, mode: str) -> None:
        self.break_at, self.mode, self.deeds = number, mode, 0

    def _deed(self, name: str, whole: Callable[[], None], half: Callable[[], object]) -> None:
        self.met[name] += 1
        self.deeds += 1
        if self.deeds != self.break_at:
            whole()
            return
        if self.mode == HALF_LANDED:
            half()
        elif self.mode == LANDED:
            whole()
            raise Uncertain("not-durable", "broken off after it was done")
        raise Unreachable("disk-failed", "broken off before it was done")

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """Half: as a power cut leaves it, some files there, one of them cut off."""
        some = dict(sorted(contents.items())[: len(contents) // 2 + 1])
        last = max(some, default="")
        cut = some | ({last: some[last][: len(some[last]) // 2]} if last else {})
        above = super().write_many
        self._deed("write_many", lambda: above(contents), lambda: above(cut))

    def replace(self, path: str, content: bytes) -> None:
        """Half: the new bytes under another name."""
        above, (folder, _, name) = super().replace, path.rpartition("/")
        self._deed("replace", lambda: above(path, content), lambda: above(f"{folder}/{HALF}{name}", content[:5]))

    def remove(self, path: str) -> None:
        above = super().remove
        self._deed("remove", lambda: above(path), lambda: None)

    def remove_tree(self, path: str) -> None:
        """Half: some of it is gone."""
        above, one, names = super().remove_tree, super().remove, self.list(path)
        self._deed("remove_tree", lambda: above(path), lambda: [one(f"{path}/{name}") for name in names[:1]])


def entries_of(start: int, end: int, name: str = "e") -> list[bytes]:
    return [FIRST if number == 0 else f"{name}{number}".encode() for number in range(start, end)]


def files_of(disk: MemoryDisk) -> dict[str, bytes]:
    """All but what `replace` leaves half done: the disk sweeps that at the next start."""
    return {
        item.path: disk.read(item.path)
        for item in disk.walk("ledger")
        if item.kind is Kind.FILE and HALF not in item.path
    }


def started(size: int) -> BreakingDisk:
    """A log that grew in three steps, so that it has partial tiles of earlier checkpoints."""
    disk = BreakingDisk()
    ledger = Ledger(disk, SIGNER)
    for end in sorted({min(1, size), size // 2, size} - {0}):
        ledger.append_once(entries_of(0, end))
    return disk


def undisturbed(size: int, entries: Sequence[bytes]) -> tuple[dict[str, bytes], int]:
    """The files of a run without trouble, and how many deeds it took."""
    disk = started(size)
    disk.arm(0, NOT_LANDED)
    Ledger(disk, SIGNER).append_once(entries)
    return files_of(disk), disk.deeds


def verify_between(disk: MemoryDisk, before: int, after: int) -> None:
    """Old or new, and nothing that is signed is damaged."""
    ledger = Ledger(disk, SIGNER)
    assert ledger.size in (before, min(1, after), after)
    if ledger.size:
        list(ledger.entries(0, ledger.size))
        assert [one for one in ledger.verify() if one.severity is Severity.DAMAGE] == []


STEPS = [(0, 1), (0, 3), (1, 2), (5, 9), (250, 256), (250, 257), (254, 900), (256, 257), (511, 513), (600, 601)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "end"), STEPS)
def test_broken_off_at_every_deed(size: int, end: int, mode: str) -> None:
    entries = entries_of(size, end)
    expected, deeds = undisturbed(size, entries)
    for number in range(1, deeds + 1):
        disk = started(size)
        disk.arm(number, mode)
        with pytest.raises(SonotecaError):
            Ledger(disk, SIGNER).append_once(entries)
        verify_between(disk, size, end)
        disk.arm(0, mode)
        Ledger(disk, SIGNER).append_once(entries)
        assert files_of(disk) == expected, number
        assert [one for one in Ledger(disk, SIGNER).verify() if HALF not in one.where] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "end"), [(0, 3), (5, 9), (254, 520)])
def test_broken_off_and_broken_off_again(size: int, end: int, mode: str) -> None:
    """While it mends what the first trouble left, the second comes."""
    entries = entries_of(size, end)
    expected, deeds = undisturbed(size, entries)
    for first in range(1, deeds + 1):
        for second in breaking_points(size, entries, first, mode):
            disk = started(size)
            for number in (first, second):
                disk.arm(number, mode)
                with pytest.raises(SonotecaError):
                    Ledger(disk, SIGNER).append_once(entries)
                verify_between(disk, size, end)
            disk.arm(0, mode)
            Ledger(disk, SIGNER).append_once(entries)
            assert files_of(disk) == expected, (first, second)


def breaking_points(size: int, entries: Sequence[bytes], first: int, mode: str) -> Iterator[int]:
    disk = started(size)
    disk.arm(first, mode)
    with pytest.raises(SonotecaError):
        Ledger(disk, SIGNER).append_once(entries)
    disk.arm(0, mode)
    Ledger(disk, SIGNER).append_once(entries)
    yield from range(1, disk.deeds + 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "end"), [(5, 9), (250, 300), (254, 900)])
def test_the_outbox_grew_meanwhile(size: int, end: int, mode: str) -> None:
    _, deeds = undisturbed(size, entries_of(size, end))
    for number in range(1, deeds + 1):
        disk = started(size)
        disk.arm(number, mode)
        with pytest.raises(SonotecaError):
            Ledger(disk, SIGNER).append_once(entries_of(size, end))
        disk.arm(0, mode)
        ledger = Ledger(disk, SIGNER)
        ledger.append_once(entries_of(size, end + 7))
        assert list(ledger.entries(0, ledger.size)) == entries_of(0, end + 7)
        assert [one for one in ledger.verify() if HALF not in one.where] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("size", "end"), [(5, 9), (250, 300), (254, 900)])
def test_the_outbox_was_lost_meanwhile(size: int, end: int, mode: str) -> None:
    """Other entries come than those that were broken off: what was left of them contradicts nothing."""
    _, deeds = undisturbed(size, entries_of(size, end))
    for number in range(1, deeds + 1):
        disk = started(size)
        disk.arm(number, mode)
        with pytest.raises(SonotecaError):
            Ledger(disk, SIGNER).append_once(entries_of(size, end))
        disk.arm(0, mode)
        ledger = Ledger(disk, SIGNER)
        landed = list(ledger.entries(0, ledger.size))
        ledger.append_once([b"other 1", b"other 2"])
        assert list(ledger.entries(0, ledger.size)) == [*landed, b"other 1", b"other 2"]
        damage = [one for one in ledger.verify() if one.severity is Severity.DAMAGE]
        assert damage == []


def test_every_deed_is_met() -> None:
    """What an append can consist of has occurred in these steps, so it was broken off above."""
    met: Counter[str] = Counter()
    for size, end in STEPS:
        disk = started(size)
        disk.arm(2, HALF_LANDED)
        with suppress(SonotecaError):
            Ledger(disk, SIGNER).append_once(entries_of(size, end))
        Ledger(disk, SIGNER).append_once(entries_of(size, end))
        met += disk.met
    assert set(met) == {"write_many", "replace", "remove", "remove_tree"}
