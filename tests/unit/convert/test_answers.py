"""What a limited process may say of an order, and what is not believed: each answer here is one that is right, with one
thing in it changed."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from sonoteca.convert.answers import parse_answer
from sonoteca.convert.render import render_plain
from sonoteca.formats.fingerprint import format
from sonoteca.formats.plain import to_plain
from sonoteca.model.sound import RenderOrder
from tests.unit.convert.orders import order_of, span


@pytest.fixture(scope="module")
def right(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RenderOrder, Any]:
    folder = tmp_path_factory.mktemp("folder")
    order = order_of(
        corpus / "formats" / "a.tta",
        span(0, 100_001, "a", ("opus", "flac")),
        span(100_001, None, "b"),
        span(99_000_000, None, "c"),
        folder=folder,
    )
    return order, json.loads(json.dumps(render_plain(to_plain(order))))


def test_what_is_right_is_believed(right: tuple[RenderOrder, Any]) -> None:
    order, value = right
    assert to_plain(parse_answer(value, order)) == value
    assert parse_answer({"spans": [], "refused": "no sound"}, order).refused == "no sound"


def put(*path: Any) -> Callable[[Any], None]:
    """put("a", 0, "b", value)"""

    def change(value: Any) -> None:
        *way, last, new = path
        for step in way:
            value = value[step]
        value[last] = new

    return change


SOUND = ("spans", 0, "sound")
FINDING = {"code": "Q001", "severity": "note", "where": "", "detail": "x"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("refused", "no"), "refused and answered"),
        (put("spans", []), "not one answer for each track"),
        (put(*SOUND, "track", "trk_z"), "another track"),
        (put(*SOUND, "fingerprint", "nonsense"), "a fingerprint"),
        (put(*SOUND, "fingerprint", "A" * 10_000), "a fingerprint"),
        (put(*SOUND, "fingerprint", format(numpy.zeros(20, numpy.uint32))), "a fingerprint"),
        (put(*SOUND, "start_sample", 1), "another track"),
        (put(*SOUND, "master", "masters/y"), "another master"),
        (put(*SOUND, "sample_rate_hz", 1), "another master"),
        (put("spans", 0, "names", ["a.flac", "a.opus"]), "not asked for"),
        (put("spans", 0, "names", ["../../etc/passwd"]), "not asked for"),
        (put("spans", 1, "names", ["a.opus"]), "not asked for"),
        (put(*SOUND, "asked", ["access"]), "deposited"),
        (put(*SOUND, "samples", 100_002), "more samples"),
        (put(*SOUND, "samples", -1), "more samples"),
        (put(*SOUND, "loudness", "integrated_lufs", float("nan")), "a level"),
        (put(*SOUND, "loudness", "true_peak_dbtp", float("inf")), "a level"),
        (put(*SOUND, "loss", {"packets": -1}), "a loss"),
        (put(*SOUND, "loss", {"seconds": float("inf")}), "a loss"),
        (put(*SOUND, "loss", {"first_error": "\x1b[2J"}), "a text"),
        (put(*SOUND, "recipe", "x" * 501), "a text"),
        (put(*SOUND, "pcm_md5", "../x"), "a sum"),
        (put(*SOUND, "waveform", "AAAA"), "another length"),
        (put(*SOUND, "waveform", "é"), "another length"),
        (put(*SOUND, "waveform", "A" * 2**20), "another length"),
        (put(*SOUND, "overview", "AAAA"), "another length"),
        (put(*SOUND, "extracts", [{"kind": "x", "path": "x", "digest": "x", "bytes": 1}]), "deposited"),
        (put("spans", 0, "extracts", [["outline", "AAAA"]]), "an extract .outline. that is none"),
        (put("spans", 0, "extracts", [["outline", ""]]), "of a wrong size"),
        (put("spans", 0, "extracts", [["outline", "?"]]), "of a wrong size"),
        (put("spans", 0, "extracts", [["outline", "A" * 2**20]]), "of a wrong size"),
        (put("spans", 0, "extracts", [["../x", "AAAA"]]), "an extract that nobody knows"),
        (put(*SOUND, "findings", [FINDING] * 101), "too many findings"),
        (put(*SOUND, "findings", [FINDING | {"code": "S001"}]), "a finding"),
        (put(*SOUND, "findings", [FINDING | {"code": "Q999"}]), "a finding"),
        (put(*SOUND, "findings", [FINDING | {"severity": "damage"}]), "a finding"),
        (put(*SOUND, "findings", [FINDING | {"where": "../x"}]), "a finding"),
        (put(*SOUND, "findings", [FINDING | {"detail": "\x1b]0;x\x07"}]), "a finding"),
        (put("cpu_s", [["decode", float("nan")]]), "a cost"),
        (put("cpu_s", [["x", 1.0]] * 65), "too many kinds"),
        (put("more", 1), "more"),
    ],
)
def test_what_cannot_be_is_not(right: tuple[RenderOrder, Any], change: Callable[[Any], None], words: str) -> None:
    order, value = copy.deepcopy(right)
    change(value)
    with pytest.raises(ValueError, match=words):
        parse_answer(value, order)
