"""Lines of checksum lists: the forms that programs write, one line at a time, because lists mix them.

Takes  the name of a list, or a line of one.
Gives  what the list is; the path, value and algorithm of the line, None when no form fits.
Never  says where a path leads: `inner_path` does, and gives None for what could leave the list's folder.

    md5sum, sha1sum … (GNU)   d41d8…427e  name · d41d8…427e *name · \\d41d8…427e  na\\nme
    BSD, OpenSSL              MD5 (name) = d41d8…427e
    BagIt (RFC 8493)          manifest-sha256.txt: e3b0c…b855  data/name%0Awith
    SFV                       name 89ABCDEF
    ffp (metaflac)            name.flac:d41d8…427e             MD5 of the samples: "audio-md5"
    st5, shntool              d41d8…427e  [shntool]  name.wav  the same
"""

import re
from dataclasses import dataclass
from enum import StrEnum

AUDIO_MD5 = "audio-md5"


class ListKind(StrEnum):
    """What a list is, by its name."""

    DIGESTS = "digests"
    SFV = "sfv"
    FFP = "ffp"
    ST5 = "st5"
    BAGIT = "bagit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumLine:
    """One file: `path` relative to the list's folder; `value` hexadecimal, lower case; `algorithm` as hashlib names
    it, or "crc32", or "audio-md5". `raw_path` is the path with its bytes as found, where the list was not in UTF-8."""

    path: str
    value: str
    algorithm: str
    raw_path: str = ""


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_BAG = re.compile(r"(?:tag)?manifest-(?P<algorithm>md5|sha1|sha224|sha256|sha384|sha512)\.txt|bagit\.txt")
_WORD = r"(?:sfv|ffp|st5|md5|sha(?:1|224|256|384|512)?|checksums?|(?:flac)?fingerprints?|shntool)"
_NAMED = re.compile(rf"(?:.*[^a-z0-9])?(?P<word>{_WORD})(?:sums?)?(?:\.(?:txt|lst|asc))?")
_KINDS = {"sfv": ListKind.SFV, "ffp": ListKind.FFP, "st5": ListKind.ST5, "shntool": ListKind.ST5}


def find_kind(path: str) -> ListKind | None:
    """What a file of this name lists (album.md5, SHA256SUMS, ffp.txt, manifest-sha512.txt, bagit.txt); None when it is
    no list."""
    name = _name(path)
    if _BAG.fullmatch(name):
        return ListKind.BAGIT
    found = _NAMED.fullmatch(name)
    if found is None:
        return None
    return ListKind.FFP if "fingerprint" in found["word"] else _KINDS.get(found["word"], ListKind.DIGESTS)


def bag_algorithm(path: str) -> str:
    """The algorithm that a BagIt manifest has in its name; "" for other files."""
    found = _BAG.fullmatch(_name(path))
    return (found["algorithm"] or "") if found else ""


def is_declaration(path: str) -> bool:
    """Whether this is the bagit.txt that makes its folder a bag."""
    return _name(path) == "bagit.txt"


def _name(path: str) -> str:
    return path.rpartition("/")[2].strip().lower()


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_LENGTHS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_HEX = r"[0-9A-Fa-f]"
_SHNTOOL = re.compile(rf"(?P<value>{_HEX}{{32}})[ \t]+\[shntool\][ \t]+(?P<path>.+)", re.DOTALL)
_BSD = re.compile(rf"(?P<algorithm>[A-Za-z0-9-]{{3,8}}) ?\((?P<path>.+)\) ?= ?(?P<value>{_HEX}+)", re.DOTALL)
_GNU = re.compile(rf"(?P<value>{_HEX}{{32,128}})(?: [ *]|[ \t]+\*?)(?P<path>.+)", re.DOTALL)
_FFP = re.compile(rf"(?P<path>.+):[ \t]?(?P<value>{_HEX}{{32}})", re.DOTALL)
_SFV = re.compile(rf"(?P<path>.*\S)[ \t]+(?P<value>{_HEX}{{8}})", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:[/\\].*", re.DOTALL)
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\\\": "\\"}


def read_line(kind: ListKind, line: str) -> ChecksumLine | None:
    """What a line says; None when no form fits. The path is as written, still to be judged."""
    is_escaped = line.startswith("\\")  # GNU coreutils: the name has a line break or a backslash
    text = line[1:] if is_escaped else line
    found, algorithm = _form_of(kind, text)
    if found is None or not algorithm:
        return None
    path = found["path"]
    if is_escaped:
        path = re.sub(r"\\[nr\\]", lambda escape: _ESCAPES[escape[0]], path)
    elif kind is ListKind.BAGIT:
        path = re.sub("%(0[aAdD]|25)", lambda code: chr(int(code[1], 16)), path)  # RFC 8493 §2.1.3
    else:
        path = path.replace("\\", "/")
    return ChecksumLine(path=path, value=found["value"].lower(), algorithm=algorithm)


def _form_of(kind: ListKind, text: str) -> tuple[re.Match[str] | None, str]:
    if found := _SHNTOOL.fullmatch(text):
        return found, AUDIO_MD5
    bare = text.rstrip()  # a name may end with a blank, a value does not
    if found := _BSD.fullmatch(bare):
        named = found["algorithm"].lower().replace("-", "")
        return found, named if _LENGTHS.get(len(found["value"])) == named else ""
    if found := _GNU.fullmatch(text):
        return found, _LENGTHS.get(len(found["value"]), "")
    if kind is ListKind.SFV and (found := _SFV.fullmatch(bare)):
        return found, "crc32"
    if found := _FFP.fullmatch(bare):
        return found, AUDIO_MD5
    return None, ""


def inner_path(path: str) -> str | None:
    """A path that stays below the folder of its list, without "./"; None when it could lead out, or nowhere."""
    if not path or path.startswith("/") or "\0" in path or _DRIVE.fullmatch(path):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "/".join(parts) if parts and ".." not in parts else None
