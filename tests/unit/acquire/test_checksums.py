"""Checksum lists: read as the programs that write them write them, compared with what is there."""

import hashlib
import os
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from sonoteca.acquire.checksum_lines import ChecksumLine, ListKind, find_kind, inner_path
from sonoteca.acquire.checksums import ChecksumList, compare, is_list, parse_list, wanted_algorithms
from sonoteca.acquire.roles import role_of
from sonoteca.model.finding import FINDINGS
from sonoteca.model.source import Role

ONE = hashlib.md5(b"one").hexdigest()
TWO = hashlib.md5(b"two").hexdigest()
SHA1 = hashlib.sha1(b"one").hexdigest()
SHA256 = hashlib.sha256(b"one").hexdigest()


def read(name: str, text: str) -> ChecksumList:
    return parse_list(name, text.encode())


def paths(found: ChecksumList) -> list[str]:
    return [line.path for line in found.lines]


def codes(found: ChecksumList) -> list[str]:
    return [one.code for one in found.findings]


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = {
    ListKind.DIGESTS: """album.md5 ALBUM.MD5 x.sha1 x.sha256 x.sha512 x.sha MD5SUMS SHA256SUMS SHA256SUMS.txt md5
        sha256sum.txt md5.txt bb1999-05-04.md5.txt my-checksums.txt checksum.txt""",
    ListKind.SFV: "x.sfv X.SFV",
    ListKind.FFP: "x.ffp ffp.txt bb1999-05-04.ffp.txt x-ffp.txt flacfingerprint.txt fingerprints.txt",
    ListKind.ST5: "x.st5 x.st5.txt shntool.txt",
    ListKind.BAGIT: "manifest-md5.txt manifest-sha512.txt tagmanifest-sha256.txt bagit.txt",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_kind(kind: ListKind, name: str) -> None:
    assert find_kind(f"CD1/{name}") is kind
    assert role_of(name) == (Role.DOCUMENT, "")


@pytest.mark.parametrize(
    "name", ["info.txt", "md5.flac", "manifest.txt", "notmd5", "x.md5.bak", "readme", "a md5 story.txt", "amd5.txt"]
)
def test_what_is_no_list(name: str) -> None:
    assert not is_list(name)


# ── lines, as programs write them ────────────────────────────────────────────────────────────────────────────────────

ODD = [
    "plain.flac",
    "two  blanks.flac",
    " lead.flac",
    "trail.flac ",
    "back\\slash.flac",
    "line\nbreak.flac",
    "ret\rurn.flac",
    "é.flac",
    "*star.flac",
    "a:b.flac",
]


@pytest.mark.parametrize("program", ["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum"])
@pytest.mark.parametrize("option", ["--text", "--binary", "--tag"])
def test_coreutils(program: str, option: str, tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    for name in ODD:
        (tmp_path / name).write_bytes(name.encode())
    command = [require_tool(program), option, "--", *ODD]
    raw = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env={"LC_ALL": "C.UTF-8"}).stdout
    found = parse_list("a.md5", raw)
    algorithm = program.removesuffix("sum")
    assert found.findings == ()
    assert [(line.path, line.algorithm) for line in found.lines] == [(name, algorithm) for name in ODD]
    assert [line.value for line in found.lines] == [hashlib.new(algorithm, name.encode()).hexdigest() for name in ODD]


def test_openssl(require_tool: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "a b.flac").write_bytes(b"one")
    command = [require_tool("openssl"), "dgst", "-sha1", "a b.flac"]
    raw = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert parse_list("x.sha1", raw).lines == (ChecksumLine(path="a b.flac", value=SHA1, algorithm="sha1"),)


def test_bagit(tmp_path: Path) -> None:
    for name in ("a.flac", "CD1/100%.flac", "line\nbreak.flac"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    bagit.make_bag(str(tmp_path), checksums=["md5", "sha512"])
    actual = {}
    lists = []
    for place in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        name, raw = place.relative_to(tmp_path).as_posix(), place.read_bytes()
        actual[name] = {one: hashlib.new(one, raw).hexdigest() for one in ("md5", "sha512")}
        if is_list(name):
            lists.append(parse_list(name, raw))
    assert sorted(one.name for one in lists) == [
        *("bagit.txt", "manifest-md5.txt", "manifest-sha512.txt", "tagmanifest-md5.txt", "tagmanifest-sha512.txt")
    ]
    assert {path for one in lists for path in paths(one)} == set(actual) - {
        "tagmanifest-md5.txt",
        "tagmanifest-sha512.txt",
    }
    assert wanted_algorithms(lists) == {"md5", "sha512"}
    assert {one.code for one in compare(lists, actual)} == {"K001"}
    actual["data/CD1/stowaway.txt"] = {}
    assert [one.where for one in compare(lists, actual) if one.code != "K001"] == ["data/CD1/stowaway.txt"]


def test_sfv() -> None:
    crc = f"{zlib.crc32(b'one'):08X}"
    found = read(
        "x.sfv", f"; Generated by WIN-SFV32 v1.1a\r\n;\r\n01 - A b.flac {crc}\r\nCD2\\x.flac   {crc.lower()}\r\n"
    )
    assert [(line.path, line.value, line.algorithm) for line in found.lines] == [
        ("01 - A b.flac", crc.lower(), "crc32"),
        ("CD2/x.flac", crc.lower(), "crc32"),
    ]
    assert codes(found) == []


def test_ffp_and_st5() -> None:
    found = read("x.ffp", f"; flac fingerprints\n01 a.flac:{ONE}\nC: my song.flac:{TWO}\n")
    assert [(line.path, line.value, line.algorithm) for line in found.lines] == [
        ("01 a.flac", ONE, "audio-md5"),
        ("C: my song.flac", TWO, "audio-md5"),
    ]
    found = read("x.st5", f"{ONE}  [shntool]  01 a.wav\n{TWO.upper()} [shntool] d1/b.shn\n")
    assert [(line.path, line.value, line.algorithm) for line in found.lines] == [
        ("01 a.wav", ONE, "audio-md5"),
        ("d1/b.shn", TWO, "audio-md5"),
    ]
    # People name files after what they think is in them: each line says what it is.
    assert read("x.md5", f"a.flac:{ONE}\n{ONE}  [shntool]  b.wav\n{TWO} *c.flac").algorithm == ""


@pytest.mark.parametrize(
    "raw",
    [
        f"{ONE} *CD1\\01 é.flac\r\n".encode("utf-8-sig"),
        f"{ONE} *CD1\\01 é.flac\r\n".encode("utf-16"),
        f"{ONE}\tCD1/01 é.flac".encode(),
        f"\n\n# made by hand\n   {ONE.upper()}  ./CD1//01 é.flac\n\x1a".encode(),
    ],
)
def test_other_systems(raw: bytes) -> None:
    found = parse_list("x.md5", raw)
    assert [(line.path, line.value) for line in found.lines] == [("CD1/01 é.flac", ONE)]
    assert codes(found) == []


def test_a_name_in_another_encoding_is_kept_both_ways() -> None:
    (line,) = parse_list("x.md5", f"{ONE} *Группа.flac\r\n".encode("cp1251")).lines
    assert line.path == "Группа.flac"
    assert os.fsencode(line.raw_path) == "Группа.flac".encode("cp1251")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "C:\\x", "c:/x", "\\\\host\\share", "..", "./", "a\0b"]
)
def test_no_path_leaves_the_folder_of_the_list(path: str) -> None:
    found = read("CD1/x.md5", f"{ONE} *{path}")
    assert found.lines == ()
    assert codes(found) == ["K006"]
    assert inner_path(path.replace("\\", "/")) is None


def test_what_cannot_be_read_is_counted() -> None:
    found = read(
        "x.md5", f"hello\n{ONE}\n{ONE[:-1]}  a\n{'z' * 32}  a\nSHA1 (a) = {ONE}\nFOO (a) = {ONE}\n" + "?\n" * 100
    )
    assert found.lines == ()
    assert codes(found) == ["K005"]
    assert found.findings[0].detail.startswith("106: hello · ")
    assert codes(parse_list("x.md5", b" " * (4 * 1024 * 1024 + 1))) == ["K005"]
    assert codes(read("x.md5", f"{ONE}  {'x' * 10_000}")) == ["K005"]
    assert codes(read("manifest-sha256.txt", f"{ONE}  data/a")) == ["K005"]
    assert codes(read("bagit.txt", "hello")) == ["K005"]
    assert codes(read("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")) == []


def test_a_list_that_contradicts_itself() -> None:
    found = read("x.md5", f"{ONE}  a.flac\n{TWO}  a.flac\n{ONE}  b.flac\n{ONE}  b.flac\n{SHA1}  a.flac")
    assert [(one.code, one.detail) for one in found.findings] == [("K008", "a.flac")]


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def said(lists: list[ChecksumList], actual: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    found = compare(lists, actual)
    assert all(one.code in FINDINGS for one in found)
    return [(one.where, one.code) for one in found]


def test_agree_differ_missing_unlisted() -> None:
    lists = [read("CD1/x.md5", f"{ONE} *a.flac\n{TWO} *b.flac\n{TWO} *gone.flac\n{TWO} *sub/c.flac")]
    one = {"md5": ONE, "sha256": SHA256}
    actual = {
        "CD1/a.flac": one,
        "CD1/b.flac": one,
        "CD1/d.flac": one,
        "CD1/sub/c.flac": {},
        "CD1/x.md5": one,
        "CD1/i.txt": one,
        "a.flac": one,
    }
    assert said(lists, actual) == [
        ("CD1/a.flac", "K001"),
        ("CD1/b.flac", "K002"),
        ("CD1/d.flac", "K004"),
        ("CD1/gone.flac", "K003"),
        ("CD1/sub/c.flac", "K007"),
    ]
    (_, differs, *_) = compare(lists, actual)
    assert differs.detail == f"CD1/x.md5 (md5) has {TWO}, the file {ONE}"


def test_several_lists_agree_in_one_note() -> None:
    lists = [read("x.md5", f"{ONE} *a.flac"), read("x.ffp", f"a.flac:{TWO}"), read("x.sha1", f"{SHA1}  a.flac")]
    (note,) = compare(lists, {"a.flac": {"md5": ONE, "audio-md5": TWO, "sha1": SHA1.upper()}})
    assert (note.code, note.where, note.detail) == ("K001", "a.flac", "x.md5 (md5), x.ffp (audio-md5), x.sha1 (sha1)")


def test_files_are_found_under_their_old_names() -> None:
    ok = {"md5": ONE, "audio-md5": ONE}
    assert said([read("x.md5", f"{ONE} *A.FLAC")], {"a.flac": ok}) == [("a.flac", "K001")]
    assert said([read("x.md5", f"{ONE} *Cafe\u0301.flac")], {"Caf\u00e9.flac": ok}) == [("Caf\u00e9.flac", "K001")]
    assert said([read("x.md5", f"{ONE}  a.flac  ")], {"a.flac": ok}) == [("a.flac", "K001")]
    assert said([read("x.st5", f"{ONE}  [shntool]  a.wav")], {"a.flac": ok, "a.mp3": {}}) == [("a.flac", "K001")]
    assert said([read("x.md5", f"{ONE} *a.wav")], {"a.flac": ok}) == [("a.wav", "K003")]
    # Where two could be meant, neither is.
    assert said([read("x.md5", f"{ONE} *a.FLAC")], {"a.flac": ok, "A.flac": ok})[0] == ("a.FLAC", "K003")
    raw = parse_list("x.md5", f"{ONE} *Группа.flac".encode("cp1251"))
    for name in ("Группа.flac", os.fsdecode("Группа.flac".encode("cp1251"))):
        assert said([raw], {name: ok}) == [(name, "K001")]


def test_no_md5_is_no_disagreement() -> None:
    assert said([read("x.ffp", "a.flac:" + "0" * 32)], {"a.flac": {"audio-md5": ONE}}) == [("a.flac", "K007")]
    assert said([read("x.sfv", "a.flac 00000000")], {"a.flac": {"crc32": "00000000"}}) == [("a.flac", "K001")]


def test_what_is_wrong_with_a_list_is_said_too() -> None:
    assert said([read("x.md5", f"?\n{ONE} *../a\n{ONE} *a\n{TWO} *a")], {}) == [
        ("a", "K003"),
        ("a", "K003"),
        ("x.md5", "K005"),
        ("x.md5", "K006"),
        ("x.md5", "K008"),
    ]


def test_wanted_algorithms() -> None:
    lists = [
        read("x.md5", f"{ONE} *a\n{SHA256} *a\n{hashlib.sha384(b'').hexdigest()} *a"),
        read("x.sfv", "a 01234567"),
        read("x.ffp", f"a.flac:{ONE}"),
    ]
    assert wanted_algorithms(lists) == {"md5", "crc32"}
    assert wanted_algorithms([]) == frozenset()
