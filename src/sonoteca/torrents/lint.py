"""Lint: whether a .torrent, ours or anybody's, opens in the clients that people have; as findings, all at once.

Takes  the bytes of a .torrent.   Gives  findings (B1 what is wrong with it, B3 what is right and still not opened).
Never  stops at the first of B3; repairs anything.

What we publish is refused before it is assembled (limits.py); this reads what came out, or came from elsewhere, with
the reader for strangers. Limits and names are the same tables.
"""

from collections.abc import Iterator

from sonoteca.formats import bencode, metainfo
from sonoteca.formats.metainfo import Metainfo
from sonoteca.model.finding import Finding, finding
from sonoteca.model.malformed import Malformed
from sonoteca.torrents.layout import LAWS
from sonoteca.torrents.limits import STOCK, Limits

_SHA1_BYTES = 20
MAX_OF_A_KIND = 20  # findings of one code: the next thousand say the same


def lint(raw: bytes, limits: Limits = STOCK) -> list[Finding]:
    """What stands in the way of this torrent; [] when it opens everywhere."""
    if len(raw) > limits.max_torrent_bytes:
        return [_beyond("B301", len(raw), limits.max_torrent_bytes)]
    try:
        torrent = metainfo.parse(raw)
        tokens = bencode.tokens(bencode.parse(raw))
    except Malformed as error:
        return [finding(error.code, detail=str(error))]
    return [*_counts(torrent, tokens, limits), *_few(_names(torrent)), *_few(_files(torrent, limits))]


def _counts(torrent: Metainfo, tokens: int, limits: Limits) -> Iterator[Finding]:
    # With v1 in it they are those of all files in a row; of v2 alone each file has its own.
    of_files = sum(-(-file.bytes // torrent.piece_bytes) for file in torrent.files)
    pieces = len(torrent.sha1_pieces) // _SHA1_BYTES or of_files
    files = sum(not file.is_pad for file in torrent.files)
    counts = (("B302", pieces, limits.max_pieces), ("B303", tokens, limits.max_tokens))
    for code, count, most in (*counts, ("B304", files, limits.max_files)):
        if count > most:
            yield _beyond(code, count, most)


def _beyond(code: str, count: int, most: int) -> Finding:
    return finding(code, detail=f"{count:,}, at most {most:,}")


def _names(torrent: Metainfo) -> Iterator[Finding]:
    paths = [torrent.name, *(file.path for file in torrent.files if not file.is_pad)]
    for name in dict.fromkeys(part for path in paths for part in path.split("/")):
        for is_kept, said in LAWS:
            if not is_kept(name):
                yield finding("B305", where=_shown(name), detail=said)
                break


def _files(torrent: Metainfo, limits: Limits) -> Iterator[Finding]:
    pads = set[str]()
    for file in torrent.files:
        if file.is_pad:
            if file.path in pads:
                yield finding("B306", where=_shown(file.path))
            pads.add(file.path)
            continue
        if not file.bytes:
            yield finding("B307", where=_shown(file.path))
        length = len(f"{torrent.name}/{file.path}".encode("utf-8", "surrogatepass"))
        if length > limits.max_path_bytes:
            yield finding(
                "B308", where=_shown(file.path), detail=f"{length:,} bytes, at most {limits.max_path_bytes:,}"
            )
        depth = file.path.count("/") + 1
        if depth > limits.max_folders:
            yield finding("B309", where=_shown(file.path), detail=f"{depth:,} names, at most {limits.max_folders:,}")


def _few(findings: Iterator[Finding]) -> list[Finding]:
    """At most so many of each code."""
    kept: dict[str, list[Finding]] = {}
    for one in findings:
        some = kept.setdefault(one.code, [])
        if len(some) < MAX_OF_A_KIND:
            some.append(one)
    return [one for some in kept.values() for one in some]


def _shown(path: str) -> str:
    return path[:200].encode("utf-8", "backslashreplace").decode()
