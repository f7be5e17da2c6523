"""What stands outside a torrent is replaced, and nothing in it."""

import hashlib

import pytest

from sonoteca.formats import metainfo
from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, Member, Outside
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.outside import parts_of, rewritten, spliced

BEFORE = Outside(
    trackers=(("udp://a.example:1/",),), web_seeds=("http://old/seed/",), similar=("ab" * 20,), comment="x"
)
AFTER = Outside(trackers=(("udp://b.example:1/",), ("udp://c.example:1/",)), web_seeds=("https://new/seed/",))


def torrent(flavour: Flavour, outside: Outside) -> bytes:
    layers: dict[Digest, Layers] = {}
    members = []
    for name, raw in (("a/1", bytes(600_000)), ("a/2", b"x")):
        meter = FileMeter()
        meter.update(memoryview(raw))
        one = meter.finish().layers
        assert one is not None
        layers[one.digest] = one
        members.append(Member(path=name, digest=one.digest, bytes=len(raw)))
    return assemble("name", members, layers.__getitem__, flavour, outside).torrent


@pytest.mark.parametrize("flavour", list(Flavour))
@pytest.mark.parametrize("after", [AFTER, Outside()])
def test_it_is_as_if_it_had_been_assembled_so(flavour: Flavour, after: Outside) -> None:
    """Byte for byte: the infohash and the piece layers are what they were."""
    assert rewritten(torrent(flavour, BEFORE), after) == torrent(flavour, after)
    assert metainfo.parse(rewritten(torrent(flavour, BEFORE), after)).outside.web_seeds == after.web_seeds


@pytest.mark.parametrize("raw", [b"", b"de", b"i1e", b"d4:infoi1e", b"d1:a1:be"])
def test_what_is_no_torrent_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"at byte|no key"):
        rewritten(raw, AFTER)


@pytest.mark.parametrize("flavour", list(Flavour))
def test_its_parts_are_found_once_and_joined_for_everybody(flavour: Flavour) -> None:
    """Also when what stands outside has the form of a part."""
    before = Outside(comment="4:infod4:name1:xe12:piece layersde", web_seeds=("http://x/12:piece layersde/",))
    made = torrent(flavour, before)
    parts = parts_of(made)
    assert hashlib.sha1(made[slice(*parts.info)]).hexdigest() == metainfo.parse(made).hashes.v1 or flavour is Flavour.V2
    assert (parts.layers is None) == (flavour is Flavour.V1)
    for after in (AFTER, Outside(), before):
        assert spliced(made, parts, after) == torrent(flavour, after)
