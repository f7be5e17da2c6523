"""Listen: a whole file heard and nothing made of it; the same as what the room finds, and never an exception."""

from pathlib import Path

import pytest

from sonoteca.convert.listen import listen, listen_plain
from sonoteca.formats.plain import from_plain, to_plain
from sonoteca.model.sound import Heard
from tests.unit.convert.orders import order_of, sound_of


@pytest.mark.parametrize("name", ["formats/a.tta", "formats/a_notags.mp3", "formats/a_51.flac"])
def test_as_the_room_hears_it(corpus: Path, name: str) -> None:
    heard, sound = listen(order_of(corpus / name)), sound_of(corpus / name)
    assert (heard.fingerprint, heard.pcm_md5) == (sound.fingerprint, sound.pcm_md5)
    assert heard.seconds == pytest.approx(sound.samples / sound.sample_rate_hz, abs=0.001)
    assert heard.fingerprint and not heard.refused


def test_what_cannot_be_heard_is_told(corpus: Path) -> None:
    order = order_of(corpus / "formats" / "a.tta")
    for said in ({"path": "/nonexistent"}, {"path": str(corpus / "index.csv")}):
        value = listen_plain({**to_plain(order), **said})
        assert from_plain(Heard, value).refused
