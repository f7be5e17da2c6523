"""Containers: what the bytes of a file are, and whether its parts are as long and as whole as they say. Decodes
nothing.

Takes  the file as Bytes (its size, and reads at a place).
Gives  a Shape: the kind, what its own headers say of length and rate, where its tags lie, and findings.
Never  believes a size: every read is bounded, every walk has an end, and each header is compared with the file that
       is there.

A decoder is no judge of this: FFmpeg exits without an error for 84 of 110 damaged files. Whether sound is missing,
doubled, hidden behind junk or cut off is seen in the structure, at a fraction of the cost of decoding.

One module a family: containers_chunks (RIFF, AIFF, Wave64, CAF, DSD, AU), containers_flac, containers_ogg,
containers_mpeg, containers_boxes (MP4), containers_blocks (WavPack, ASF), containers_musepack.
"""

import re
from dataclasses import dataclass

from sonoteca.formats.sound_tags import Block
from sonoteca.model.finding import Finding

HEAD_BYTES = 4096
# Up to here, what does not belong is a flaw and no reason to warn anybody.
SMALL_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`prefix`, then the file from `start` to `end` (None: its end)."""

    start: int = 0
    end: int | None = None
    prefix: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """CRC-16 (polynomial 0x8005, reflected) over `size` bytes from `at`."""

    at: int
    size: int
    crc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the structure says. Zeros and "" where it says nothing.

    kind       "riff", "flac", "ogg", … as in KINDS
    variant    which sort of the kind, for its PRONOM id ("pcm", "extensible", "bext-1", "opus", "aac")
    samples    per channel, counted from the structure; `exact` when they were counted and not only declared
    is_empty   it is whole and says itself that there is no sound in it
    is_stub    it says that there is sound, and not a byte of it is there
    view       the part of the file that a decoder is shown: sound, and no tags or pictures that it could choke on
    misread    why FFmpeg, which opens it, would make another sound of it
    seal       a checksum over encoded sound that the file carries (LAME)
    blocks     where tags and pictures lie, in file order
    """

    kind: str = ""
    variant: str = ""
    samples: int = 0
    exact: bool = False
    rate: int = 0
    bits: int = 0
    audio_md5: str = ""
    is_empty: bool = False
    is_stub: bool = False
    view: View = View()
    misread: str = ""
    seal: Seal | None = None
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()


# ── what a file is, by its first bytes ───────────────────────────────────────────────────────────────────────────────

# kind: (place, bytes); the first that fits. Kinds that are recordings, for FFmpeg to confirm.
SOUND: tuple[tuple[str, int, bytes], ...] = (
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("rf64", 0, b"RF64"),
    ("rf64", 0, b"BW64"),
    ("w64", 0, b"riff\x2e\x91\xcf\x11"),
    ("dsdiff", 0, b"FRM8"),
    ("dsf", 0, b"DSD \x1c"),
    ("wavpack", 0, b"wvpk"),
    ("ape", 0, b"MAC "),
    ("mpc", 0, b"MP+"),
    ("mpc", 0, b"MPCK"),
    ("tta", 0, b"TTA"),
    ("tak", 0, b"tBaK"),
    ("shn", 0, b"ajkg"),
    ("asf", 0, bytes.fromhex("3026b2758e66cf11")),
    ("au", 0, b".snd"),
    ("caf", 0, b"caff"),
    *(("mp4", 4, name) for name in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
    ("matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("amr", 0, b"#!AMR"),
    ("ac3", 0, b"\x0b\x77"),
    ("dts", 0, b"\x7f\xfe\x80\x01"),
    ("real", 0, b".RMF"),
    ("real", 0, b".ra\xfd"),
    ("voc", 0, b"Creative Voice File"),
    *(("ircam", 0, bytes((0x64, 0xA3, machine, 0))) for machine in range(1, 5)),
    *(("ircam", 0, bytes((0, machine, 0xA3, 0x64))) for machine in range(1, 5)),
)
# Of files that begin with a size: the word at 8 decides.
SIZED: dict[bytes, dict[bytes, str]] = {
    b"RIFF": {b"WAVE": "riff", b"RMID": "midi", b"WEBP": "picture", b"AVI ": "avi"},
    b"RIFX": {b"WAVE": "rifx"},
    b"FORM": {b"AIFF": "aiff", b"AIFC": "aiff", b"8SVX": "iff", b"16SV": "iff", b"ILBM": "picture", b"XDIR": "midi"},
}
# kind: (place, bytes). What is no recording, and is named so that people understand the refusal.
OTHER: tuple[tuple[str, int, bytes], ...] = (
    ("midi", 0, b"MThd"),
    ("module", 0, b"Extended Module: "),
    ("module", 0, b"IMPM"),
    ("module", 44, b"SCRM"),
    *(
        ("module", 1080, mark)
        for mark in (b"M.K.", b"M!K!", b"FLT4", b"FLT8", b"4CHN", b"6CHN", b"8CHN", b"CD81", b"OKTA")
    ),
    ("picture", 0, b"\x89PNG"),
    ("picture", 0, b"\xff\xd8\xff"),
    ("picture", 0, b"GIF8"),
    ("picture", 0, b"II*\0"),
    ("picture", 0, b"MM\0*"),
    ("packed", 0, b"PK\x03\x04"),
    ("packed", 0, b"PK\x05\x06"),
    ("packed", 0, b"Rar!"),
    ("packed", 0, b"7z\xbc\xaf\x27\x1c"),
    ("packed", 0, b"\x1f\x8b"),
    ("packed", 0, b"BZh"),
    ("packed", 0, b"\xfd7zXZ"),
    ("packed", 0, b"\x28\xb5\x2f\xfd"),
    ("program", 0, b"\x7fELF"),
    ("program", 0, b"MZ"),
    ("document", 0, b"%PDF"),
    ("tag", 0, b"APETAGEX"),
    ("optimfrog", 0, b"OFR "),
)
_PLAYLIST = re.compile(
    rb"\s*(#EXTM3U|#EXTINF|\[playlist\]|ffconcat version|<\?wpl|<asx|<smil|<playlist)|\s*file\s+['\"/]", re.IGNORECASE
)
_MARKUP = re.compile(rb"\s*(<\?xml|<!DOCTYPE|<html|<svg|<head|<body|\{\\rtf)", re.IGNORECASE)
# Kinds that are refused whatever a decoder could make of them: kind → finding.
REFUSED: dict[str, str] = {
    "midi": "F101",
    "module": "F102",
    "playlist": "F103",
    "text": "F104",
    "picture": "F105",
    "packed": "F106",
    "program": "F106",
    "document": "F104",
    "tag": "F108",
    "optimfrog": "F109",
}


def sniff(head: bytes) -> str:
    """The kind of a file from its first HEAD_BYTES; "" when nothing is known about them. Tags in front are skipped by
    the caller."""
    inner = SIZED.get(head[:4], {}).get(head[8:12])
    if inner is not None:
        return inner
    for kind, place, mark in (*SOUND, *OTHER):
        if head.startswith(mark, place):
            return kind
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "adts" if head[1] & 0xF6 == 0xF0 else "mpeg"
    return _sniff_text(head)


def _sniff_text(head: bytes) -> str:
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if _PLAYLIST.match(plain):
        return "playlist"
    if _MARKUP.match(plain):
        return "text"
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return "text" if head and not controls else ""
