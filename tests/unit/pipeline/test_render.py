"""Render: how much room an order wants before it is begun."""

import pytest

from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import RenderOrder, Span, Tier, Wanted
from sonoteca.pipeline.render import wanted_bytes

AUDIO = AudioFacts(
    container="wav",
    codec="pcm_s24le",
    duration_s=100.0,
    samples=9_600_000,
    sample_rate_hz=96_000,
    channels=2,
    bits=24,
    lossless=True,
    exact=True,
)
PCM = 9_600_000 * 2 * 3


@pytest.mark.parametrize(
    ("tiers", "least", "most"),
    [((), 0, 0), ((Tier.ACCESS,), 1_200_000, 2_000_000), ((Tier.ACCESS, Tier.ARCHIVE), PCM, PCM + 2_000_000)],
)
def test_room_is_wanted_for_everything_that_will_be_written(tiers: tuple[Tier, ...], least: int, most: int) -> None:
    track = track_id(recording_id(Digest("ab" * 32)))
    wanted = tuple(Wanted(recipe=str(tier), tier=tier, name=f"{track}.{tier}") for tier in tiers)
    span = Span(track=track, wanted=wanted)
    order = RenderOrder(path="/m", folder="/f", master="masters/m", audio=AUDIO, spans=(span,), max_seconds=1e6)
    assert least <= wanted_bytes(order) <= most
