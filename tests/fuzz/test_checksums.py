"""Invariant: any bytes under any name give a checksum list whose paths stay in its folder; comparing never fails."""

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.checksum_lines import AUDIO_MD5
from sonoteca.acquire.checksums import compare, parse_list, wanted_algorithms
from sonoteca.formats import json, plain
from sonoteca.formats.pieces import EXTRA_DIGESTS
from sonoteca.model.finding import FINDINGS

NAMES = st.sampled_from(
    ["x.md5", "CD1/x.sfv", "x.ffp", "a/b/x.st5", "manifest-md5.txt", "bagit.txt", "SHA256SUMS", "x.unknown"]
)
VALUES = st.sampled_from(
    [b"d41d8cd98f00b204e9800998ecf8427e", b"0" * 32, b"a" * 40, b"B" * 64, b"c" * 128, b"89ABCDEF", b"zz"]
)
PATHS = st.sampled_from(
    [
        b"a.flac",
        b"../up",
        b"/abs",
        b"C:\\x",
        b"a\\b.flac",
        b"\\n\\\\",
        b"data/%0A",
        b"\xff.wav",
        b"A.FLAC",
        b"./x//y",
        b"",
    ]
)
FORMS = st.sampled_from(
    [b"%v  %p", b"%v *%p", b"\\%v  %p", b"MD5 (%p) = %v", b"%p:%v", b"%p %v", b"%v  [shntool]  %p", b";%v %p"]
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    made = [
        draw(FORMS).replace(b"%v", draw(VALUES)).replace(b"%p", draw(st.one_of(PATHS, st.binary(max_size=8))))
        for _ in range(draw(st.integers(0, 12)))
    ]
    return draw(st.sampled_from([b"\n", b"\r\n", b"\r"])).join(made)


@given(NAMES, st.one_of(lines(), st.binary(max_size=300)))
def test_any_bytes(name: str, raw: bytes) -> None:
    found = parse_list(name, raw)
    for line in found.lines:
        for path in (line.path, line.raw_path) if line.raw_path else (line.path,):
            parts = path.split("/")
            assert path and not path.startswith("/") and "\0" not in path and path[1:3] != ":/"
            assert not {"", ".", ".."} & set(parts)
        assert line.value == line.value.lower() and int(line.value, 16) >= 0
    assert all(one.code in FINDINGS for one in found.findings)
    assert wanted_algorithms([found]) <= EXTRA_DIGESTS
    assert json.format(plain.to_plain(found))


@given(
    st.lists(st.tuples(NAMES, lines()), max_size=3),
    st.lists(st.sampled_from(["a.flac", "CD1/a.flac", "a/b.flac", "\udcff.wav", "x.md5"])),
)
def test_comparing(raws: list[tuple[str, bytes]], there: list[str]) -> None:
    lists = [parse_list(name, raw) for name, raw in raws]
    actual = {
        path: {"md5": "d41d8cd98f00b204e9800998ecf8427e", AUDIO_MD5: "0" * 32, "crc32": "89abcdef"} for path in there
    }
    found = compare(lists, actual)
    assert list(found) == sorted(found, key=lambda one: (one.where, one.code, one.detail))
    assert {one.where for one in found if one.code in ("K001", "K002", "K004", "K007")} <= set(actual)
    assert not {one.where for one in found if one.code == "K003"} & set(actual)
    assert json.format(plain.to_plain(found))
