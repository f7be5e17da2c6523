"""Orders for the tests of rendering, with the facts that the probe finds."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sonoteca.acquire.probe import probe
from sonoteca.convert.render import render
from sonoteca.model.ids import TrackId
from sonoteca.model.sound import RenderAnswer, RenderOrder, Sound, Span, Tier, Wanted


def span(start: int = 0, end: int | None = None, name: str = "whole", files: Sequence[str] = ()) -> Span:
    """A track; `files` are endings of what is wanted of it."""
    wanted = tuple(Wanted(recipe="r-1", tier=Tier.ACCESS, name=f"{name}.{ending}", serial="ab") for ending in files)
    return Span(track=TrackId(f"trk_{name}"), start_sample=start, end_sample=end, wanted=wanted)


def order_of(
    path: Path, *spans: Span, folder: Path | None = None, max_seconds: float = 3600.0, **facts: Any
) -> RenderOrder:
    """An order for a file; `facts` are said otherwise than the probe did."""
    audio = probe(str(path), path.name).audio
    assert audio is not None
    return RenderOrder(
        path=str(path),
        folder=str(folder or "/nonexistent"),
        master="masters/x",
        audio=dataclasses.replace(audio, **facts),
        spans=spans or (span(),),
        max_seconds=max_seconds,
    )


def answer_of(path: Path, *spans: Span, **said: Any) -> RenderAnswer:
    """What comes of it, in this process."""
    return render(order_of(path, *spans, **said))


def sound_of(path: Path, **said: Any) -> Sound:
    """The Sound of the whole file."""
    answer = answer_of(path, **said)
    assert answer.refused == ""
    (rendered,) = answer.spans
    return rendered.sound


def codes(sound: Sound) -> dict[str, str]:
    """Findings by code."""
    return {found.code: found.detail for found in sound.findings}
