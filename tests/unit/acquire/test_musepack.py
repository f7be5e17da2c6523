"""Musepack SV8: a file of mpcenc, whose length FFmpeg rounds down to a second and two thirds."""

import base64
from pathlib import Path

import pytest

from sonoteca.acquire.probe import probe
from tests.unit.acquire.test_tags_around import ape, id3, id3v1
from tests.unit.convert.orders import codes, sound_of

# Two seconds of a tone at 44.1 kHz, 88,200 samples by mpcdec, by "mpcenc --quality 0" (MPC encoder 1.30).
TONE = base64.b64decode("""
TVBDS1NIDv//IJAIhbEIAAUbUkcMAQAAAAAAAAAARUkHUQEeAVNPCIlaAAAAQVCIDUMHpUNAZX/6g9iDaEQcJyQljiwFKoVShYFHsJ/C1gDBACRM
IhEdHUdwmBYFhEdJiYKAkXloLx2mgKAoCpUQkJGMAMEAJjtEwLAsIjpMTEheDQWBeO00BQFQWKiEJgaMAMEAJjtEwLCI6OgcFC8GgaCwLx2mgKAq
VFQTA0DRgIBACY7RMCwiOjoUBIvBoGgsaR2mhqUlJUEwNGAGCAEgTHaJiQ8PDoUBIvBoLAuaR2mhqVFRCQkYwAwQAkTjtExIdHQoFCQvBoLAuaR2
goCpUVAiExgBgGCAEicdoFhEdHQoCQJF4WCwLmkdoKAqVFQTA0YAYBggJgXHaJDw8OhQEi8GgsC4LmkHaayBgaEOAZlQLFDSYkDFRABx2hEIjpMT
EheDQWBc0BSO0FQVKiEhIxgBggBImBcdoRAodJgoCReWhY3NAUjtBUFiohCYGjA0OASJgXHaEQKHSYKAkXloLmgKApHaUlJUEwNGAGCAEgSJhGO0
eHh0KAkXg0FgXNAUBSO0pKgRCYGjA0EBATAsIx2jw6BwUBIvLQsbmgKArA7cCqAIoOGDAhMMyCYgqCPgKoHGDQhQO2BEYbIKAjwKoAig4YNCEwzI
JiCoI47SoqCYGjADBAICAmBYRjtHR0KAkXg0FgXBc0BUFY7SoqCYGjADBACRMCwLHo7R0mJiQvBoLAuaAoCoLR2lRCLAaMDQQEBMCwiOx2joUChI
Xg0FgXNDUpKY7SoJgaBowEAgBImJDw9HaOhQEi8GgsFjc0BQFSqB2qBxg0IUCIw2IKAjwKoAig4YMCEwzgdpBMQVBHwVQDjBoQoERhmQUEFgR8BI
7SEhIxgBggBImBYRAodjtJiYkLwaCwLmgKAqVFUdpCLDAwNBAQEwLCI6Ox2kwUBIvLSsFzQFAVKiqO0hCYGjA0BImBYFhEdJo7QoCReDQWBc0BQF
AVKiGO0JgaMAMEAJEwLCI8PDsdoUBIvBoLAuaAoCpUVAjA7RgwITDMgmIKgj4CoBxg0IUCIwzIKQdokNdEAeNgCiqAaCBrogDxko7QmBowNDgEiY
FhEdHQpHaCQJF4WCwLmhqUlJUE47QNA0YCAQAkTEhEdHQpHaSF4NBYFzQFAVKSkqCcdpGMAMEAJEwLCI6OgcFI7S8GgaCwLmhqCoKlRCLR2jADAM
EAJExIeHh0KAlHaXg0DQWBc0NSkpKgmBsdowAwQCAgJgWER0mJiSB2gqgHGDghQIjDMgoILAj4CKDxg0ITgdoZGGxBUEeBVAEUHBAwIjDMgoIKgj
8dpeDQWBc0BQFSoqBEJjEdowAwQAkTAsIjo6FASBKO0vLQsbmgKAqVFQTA0YjtGBoCRMTEh4eHQoCRfHaXloLmgKAoCpUQkJGMBBUIFFI6pAYIAS
JgWBY8OgcFASL47QaCwLmgKAqCxUQhMDRiO0BggBImBYRHR0DgoXg1HaWhY3NAUBUqKgmBoGjEdo0EBATAsIjo6FASLwajtCwWBc0NSkpKgmBowA
0doQCAEiYkPDw6FASLwajtCwWBc0NTYqKgmBowA0doQAkCRMIhEdJiYkLwajtCwLguaAqCpUQiwsMANHaEAJExIIhEdJgoCReWx2hYFzQ1KSkqCY
GjADANDsagXosQQMBR5TUC//wFNUBgES0FNFAw==
""")


@pytest.mark.parametrize(("front", "behind"), [(b"", b""), (b"", ape("a") + id3v1("b")), (id3("a"), b"")])
def test_every_sample_is_counted(front: bytes, behind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mpc"
    path.write_bytes(front + TONE + behind)
    report = probe(str(path), "x.mpc")
    assert report.audio is not None
    assert (report.audio.codec, report.audio.samples, report.audio.sample_rate_hz) == ("musepack8", 88_200, 44_100)
    assert report.findings == ()
    assert dict(report.understood).get("title") == (("a",) if front or behind else None)


def test_what_is_decoded_agrees(tmp_path: Path) -> None:
    path = tmp_path / "x.mpc"
    path.write_bytes(TONE)
    sound = sound_of(path)
    assert 88_200 <= sound.samples < 88_200 + 2 * 1152  # FFmpeg gives whole frames
    assert codes(sound).keys() <= {"Q018"}


@pytest.mark.parametrize("left", [20, 100, 600, 1250])
def test_what_is_cut_off_is_told(left: int, tmp_path: Path) -> None:
    path = tmp_path / "x.mpc"
    path.write_bytes(TONE[:left])
    assert "A101" in {one.code for one in probe(str(path), "x.mpc").findings}
