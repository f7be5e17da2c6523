"""The bench of torrents: each group is a module of its name, and no name of a group means two things."""

from sonoteca.bench import torrents
from sonoteca.cli.bench import GROUPS


def test_a_group_is_a_module_of_its_name() -> None:
    for name, figures in torrents.GROUPS.items():
        assert figures.__module__ == f"sonoteca.bench.torrents_{name}"


def test_the_name_of_a_group_belongs_to_one_bench() -> None:
    names = [name for groups in GROUPS.values() for name in groups]
    assert len(names) == len(set(names))
