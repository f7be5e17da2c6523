"""Papers: the manifests and licence files of a release, each with where it lies and what it says of a file.

Takes  captured files, as bytes of any origin.   Gives  `Paper`s that answer for a path, and findings for what could
       not be read.
Never  raises for bad input, reads more than the limits, or understands a picture of a letter: a person does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sonoteca.model.finding import Finding, finding
from sonoteca.model.ids import Digest
from sonoteca.model.rights import EvidenceKind
from sonoteca.rights.dep5 import Dep5, is_dep5, parse_dep5
from sonoteca.rights.holders import holder_of, holders_in
from sonoteca.rights.licence_texts import find_mentions
from sonoteca.rights.licences import Understood, understand_mentions
from sonoteca.rights.manifests import Manifest, parse_json, parse_toml
from sonoteca.rights.terms import Terms

MAX_PAPERS = 500
MAX_TEXT_BYTES = 512 * 1024
MAX_PAPER_BYTES = 4 * 1024 * 1024  # of a manifest; of a licence text MAX_TEXT_BYTES
MAX_TOTAL_BYTES = 8 * 1024 * 1024  # a megabyte of text takes up to two seconds
MAX_STATEMENT_CHARACTERS = 500
MANIFESTS: dict[str, Callable[[bytes, str], Manifest]] = {"rights.json": parse_json, "rights.toml": parse_toml}
# REUSE: "a.flac.license" speaks of a.flac alone; REUSE.toml has a form of its own, which nobody reads here yet.
SIDECAR = ".license"
UNREAD = frozenset({"reuse.toml"})
_UNKNOWN_FOLDER = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A manifest or licence file as found. `folder` is where it lies, relative to the release's folder: "" in it,
    "CD1" in a folder of it, "../.." above it; then `below` is the path of the release's folder from there
    ("Artist/Album"). `captured_from` is the address of the release's folder; "file:///…" says what is below, too. When
    neither does, what a manifest above says of single paths is not followed. `is_stood_behind` is False when it lies
    where the operator's trust in the release's folder does not reach: above the folder that is trusted. `bytes` is the
    size of one that was left unread (`within_limits`)."""

    name: str
    content: bytes
    digest: Digest
    folder: str = ""
    captured_from: str = ""
    captured_at: str = ""
    below: str = ""
    is_stood_behind: bool = True
    bytes: int = 0

    @property
    def size(self) -> int:
        """How large the file is, read or not."""
        return max(self.bytes, len(self.content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A captured file that was read: a manifest, or a licence file that says something of every file or of each."""

    captured: Captured
    manifest: Manifest | None = None
    dep5: Dep5 | None = None
    text: Terms | None = None

    def distance(self, path: str) -> int | None:
        """How many folders above the file it lies, None when it does not speak of the file."""
        name = self.captured.name
        if name.lower().endswith(SIDECAR) and self._path_below(path) != name[: -len(SIDECAR)]:
            return None
        depth = path.count("/")
        folder = self.captured.folder.strip("/")
        if set(folder.split("/")) == {".."}:
            return depth + folder.count("..")
        if folder in ("", "."):
            return depth
        return depth - folder.count("/") - 1 if path.startswith(folder + "/") else None

    def terms_for(self, path: str) -> tuple[Terms, ...]:
        """What it says of the file at this path of the release."""
        if self.manifest is not None:
            return self.manifest.terms_for(self._path_below(path))
        if self.dep5 is not None:
            covered = self.dep5.coverage(self._path_below(path))
            return () if covered is None else (_licence_file(covered.statement, covered.said, covered.holders),)
        return () if self.text is None else (self.text,)

    def _way_down(self, folders: int) -> str:
        known = self.captured.below.strip("/") or _last_parts(self.captured.captured_from, folders)
        return known or "/".join([_UNKNOWN_FOLDER] * folders)

    def _path_below(self, path: str) -> str:
        folder = self.captured.folder.strip("/")
        if set(folder.split("/")) == {".."}:
            return f"{self._way_down(folder.count('..'))}/{path}"
        return path if folder in ("", ".") else path.removeprefix(folder + "/")


def _last_parts(address: str, number: int) -> str:
    # After "file:", "" and "" come the parts of an absolute path.
    parts = address.rstrip("/").split("/")[3:] if address.startswith("file:///") else []
    known = [unquote(part, errors="surrogateescape") for part in parts[-number:]]
    return "/".join(known) if len(known) == number and not any("/" in part for part in known) else ""


def within_limits(sizes: Iterable[int]) -> Iterator[bool]:
    """Which of the papers of these sizes would be read: the others need not be fetched."""
    total = 0
    for place, size in enumerate(sizes):
        total += size if size <= MAX_PAPER_BYTES else 0
        yield size <= MAX_PAPER_BYTES and place < MAX_PAPERS and total <= MAX_TOTAL_BYTES


def read_papers(captured: Sequence[Captured]) -> tuple[list[Paper], list[Finding]]:
    """The papers among the captured files, in their order, and what is wrong with them."""
    papers: list[Paper] = []
    found: list[Finding] = []
    total = 0
    for place, one in enumerate(captured):
        where = f"{one.folder}/{one.name}".removeprefix("/")
        if one.size > MAX_PAPER_BYTES:
            found.append(finding("M002", where=where, detail=f"{one.size} bytes"))
            continue
        total += one.size
        if place >= MAX_PAPERS or total > MAX_TOTAL_BYTES:
            found.append(finding("M006", detail=f"{len(captured)} manifests and licence files, {place} were read"))
            break
        read = _read_manifest if one.name.lower() in MANIFESTS else _read_text
        paper, findings = read(one, where)
        papers += [paper] if paper else []
        found += findings
    return papers, found


def _read_manifest(captured: Captured, where: str) -> tuple[Paper | None, Iterable[Finding]]:
    manifest = MANIFESTS[captured.name.lower()](captured.content, where)
    return Paper(captured=captured, manifest=manifest), manifest.findings


def _read_text(captured: Captured, where: str) -> tuple[Paper | None, Iterable[Finding]]:
    if len(captured.content) > MAX_TEXT_BYTES:
        return None, (finding("M002", where=where, detail=f"{len(captured.content)} bytes"),)
    text = decode(captured.content)
    if text is None or captured.name.lower() in UNREAD:
        detail = "not a text" if text is None else "this form is not read yet: say the same in rights.toml"
        return None, (finding("M001", where=where, detail=detail),)
    if is_dep5(text):
        try:
            return Paper(captured=captured, dep5=parse_dep5(text)), ()
        except ValueError as error:
            return None, (finding("M006", where=where, detail=str(error)),)
    terms = _terms_of_text(text)
    findings = []
    if not terms.said.licence:
        code = "M005" if terms.said.names else "M004"
        findings.append(finding(code, where=where, detail=", ".join(terms.said.names)))
    return Paper(captured=captured, text=terms), findings


def _terms_of_text(text: str) -> Terms:
    mentions = find_mentions(text)
    phrases = [mention.phrase for mention in mentions] or [" ".join(text[:1000].split())]
    return _licence_file(" | ".join(phrases), understand_mentions(mentions), holders_in(text))


def _licence_file(statement: str, said: Understood, holders: Iterable[str]) -> Terms:
    names = tuple(dict.fromkeys(name for holder in holders if (name := holder_of(holder))))
    return Terms(
        statement=statement[:MAX_STATEMENT_CHARACTERS], said=said, kind=EvidenceKind.LICENCE_FILE, holders=names
    )


def decode(content: bytes) -> str | None:
    """The text of a file, None when it is none. UTF-8, else UTF-16 with its mark, else Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
