"""Take: one folder of a source into quarantine, read once, and understood.

Takes  a plan made from names (folders.py), the doors, and what the archive already holds of this source.
Gives  `Taken`: the release described, each file staged in quarantine with its digest and layers, what was
       refused and why.
Never  writes outside the job's quarantine, alters or removes the source, or decodes untrusted bytes in this process.
Undoes nothing of its own: the caller removes the job's quarantine folder, and taking again gives the same.

Each file is read once: while it is copied its digests and layers are computed (formats/pieces.py). Only small texts
(cue sheets, checksum lists, manifests) are read into memory. Recordings and pictures are looked at by a limited
process, from the
copy in quarantine, so that what was judged is what is kept.
"""

from dataclasses import dataclass, replace

from sonoteca.acquire import checksums, cue
from sonoteca.acquire.found import Found, FoundFile
from sonoteca.acquire.identify import identify
from sonoteca.acquire.probe_reports import PICTURE, PROBE, parse_report
from sonoteca.acquire.reading import MAX_TEXT_BYTES, Doors, Known, ReadFile, Request, read_all, sources
from sonoteca.formats import naming
from sonoteca.model.files import Layers
from sonoteca.model.finding import Finding, Severity, finding
from sonoteca.model.ids import Digest
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import Release
from sonoteca.model.source import PlannedFile, Role, SourceFile, SourceStatement
from sonoteca.ports.source import SourceFolder

PLACE = {Role.DOCUMENT: "documents", Role.ARTWORK: "artwork"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A file in quarantine, or known already (`staged` ""). `path` is its logical path; `layers` for recordings."""

    path: str
    original: str
    role: Role
    digest: Digest
    bytes: int
    staged: str
    layers: Layers | None = None
    report: ProbeReport | None = None
    modified_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that is not taken in: its copy in quarantine ("" when it was never read), its digest, and the finding."""

    original: str
    bytes: int
    digest: str
    staged: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one folder. `release` is None when no recording in it could be kept. `texts` holds the small files
    that were read whole, by original path."""

    release: Release | None
    source: SourceStatement
    files: tuple[StagedFile, ...]
    refused: tuple[RefusedFile, ...]


def take(request: Request, doors: Doors) -> Taken:
    """Everything of one folder, staged and described. Idempotent: the job's quarantine is emptied first."""
    doors.disk.remove_tree(request.staging)
    lists = _checksum_lists(request, doors.source)
    wanted = checksums.wanted_algorithms(lists)
    reads = read_all(request, doors, wanted)
    files, refused = _judge_files(request, doors, reads)
    if not any(file.report and file.report.audio for file in files):
        files, refused = [], [*refused, *(_left_alone(file) for file in files)]
    refused += [_never_read(file) for file in request.plan.files if file.role is Role.REFUSED]
    listed = _compare(lists, reads, files)
    return _describe(request, files, refused, [*request.plan.findings, *listed], reads)


def _checksum_lists(request: Request, source: SourceFolder) -> list[checksums.ChecksumList]:
    """The lists, read before anything is copied: they say which further digests the one read has to compute. One that
    is too long is kept as a document and not compared."""
    found = []
    for original, path, planned in sources(request.plan):
        is_short = planned.bytes <= MAX_TEXT_BYTES
        if planned.role is Role.DOCUMENT and is_short and checksums.is_list(original):
            found.append(checksums.parse_list(original, source.read_small(request.root, path, MAX_TEXT_BYTES)))
    return found


def _never_read(file: PlannedFile) -> RefusedFile:
    why = file.finding or finding("F005", where=file.path)
    return RefusedFile(original=file.path, bytes=file.bytes, digest="", staged="", finding=why)


def _left_alone(file: StagedFile) -> RefusedFile:
    """A document or picture in a folder without a recording: nothing of the folder is kept, and each file is told."""
    why = finding("F015", where=file.original)
    return RefusedFile(original=file.original, bytes=file.bytes, digest=file.digest, staged=file.staged, finding=why)


def _judge_files(request: Request, doors: Doors, reads: list[ReadFile]) -> tuple[list[StagedFile], list[RefusedFile]]:
    reports = _reports(request, doors, reads)
    reads = [
        replace(read, planned=replace(read.planned, role=_kept_as(read, reports.get(read.original)))) for read in reads
    ]
    paths = _logical_paths(reads)
    kept: list[StagedFile] = []
    refused: list[RefusedFile] = []
    for read in reads:
        report = reports.get(read.original)
        why = _refusal(read, report)
        if why is None:
            kept.append(_stage(read, paths[read.original], report, request.known))
        else:
            copied = read.copied
            refused.append(
                RefusedFile(
                    original=read.original, bytes=copied.bytes, digest=copied.digest, staged=read.staged, finding=why
                )
            )
    return kept, refused


def _refusal(read: ReadFile, report: ProbeReport | None) -> Finding | None:
    if report is None:
        return None
    why = next((found for found in report.findings if found.severity is Severity.REFUSE), None)
    return None if why is None else replace(why, where=read.original)


def _kept_as(read: ReadFile, report: ProbeReport | None) -> Role:
    """What a kept file is: what was probed and has no sound, yet is not refused, describes a recording (probe.py)."""
    role = read.planned.role
    if role in (Role.AUDIO, Role.UNKNOWN):
        return Role.AUDIO if report is not None and report.audio is not None else Role.DOCUMENT
    return role


def _reports(request: Request, doors: Doors, reads: list[ReadFile]) -> dict[str, ProbeReport]:
    """Reports by original path: from what is known already, else from limited processes."""
    tasks = {Role.AUDIO: PROBE, Role.UNKNOWN: PROBE, Role.ARTWORK: PICTURE}
    known = request.known.reports
    reports = {read.original: known[read.copied.digest] for read in reads if read.copied.digest in known}
    for task in (PROBE, PICTURE):
        wanted = [read for read in reads if tasks.get(read.planned.role) == task and read.original not in reports]
        calls = [(doors.disk.full_path(read.staged), read.original.rsplit("/", 1)[-1]) for read in wanted]
        for read, result in zip(wanted, doors.workshop.run_each(task, calls, request.limits), strict=True):
            reports[read.original] = parse_report(result, read.original)
            request.progress(0)  # so that a run can be stopped between two looks
    return reports


def _logical_paths(reads: list[ReadFile]) -> dict[str, str]:
    """original path → logical path: portable, unique, the same for the same set of names."""
    found = {}
    for place in ("masters", "documents", "artwork"):
        originals = [read.original for read in reads if _place(read) == place]
        found.update({path: f"{place}/{portable}" for path, portable in naming.portable_paths(originals).items()})
    for read in reads:
        if read.planned.role is Role.EVIDENCE:
            found[read.original] = f"evidence/{read.copied.digest}{_suffix(read.original)}"
    return found


def _place(read: ReadFile) -> str:
    return "" if read.planned.role is Role.EVIDENCE else PLACE.get(read.planned.role, "masters")


def _suffix(original: str) -> str:
    stem, dot, ending = original.rsplit("/", 1)[-1].rpartition(".")
    return (
        f".{ending.lower()}" if dot and stem and ending.isascii() and ending.isalnum() and len(ending) <= 8 else ".txt"
    )


def _stage(read: ReadFile, path: str, report: ProbeReport | None, known: Known) -> StagedFile:
    is_known = read.copied.digest in known.digests
    return StagedFile(
        path=path,
        original=read.original,
        role=read.planned.role,
        digest=read.copied.digest,
        bytes=read.copied.bytes,
        staged="" if is_known else read.staged,
        layers=read.copied.layers,
        report=report,
        modified_ns=read.planned.modified_ns,
    )


def _compare(lists: list[checksums.ChecksumList], reads: list[ReadFile], files: list[StagedFile]) -> list[Finding]:
    if not lists:
        return []
    audio = {file.original: file.report.audio.audio_md5 for file in files if file.report and file.report.audio}
    actual: dict[str, dict[str, str]] = {}
    for read in reads:
        digests = {"sha256": str(read.copied.digest), **dict(read.copied.extra)}
        if audio.get(read.original):
            digests["audio-md5"] = audio[read.original]
        actual[read.original] = digests
    return list(checksums.compare(lists, actual))


def _describe(
    request: Request,
    files: list[StagedFile],
    refused: list[RefusedFile],
    findings: list[Finding],
    reads: list[ReadFile],
) -> Taken:
    by_original = {read.original: read for read in reads}
    found = tuple(
        FoundFile(
            planned=by_original[file.original].planned,
            digest=file.digest,
            bytes=file.bytes,
            path=file.path,
            report=file.report,
        )
        for file in files
    )
    texts = tuple((file.original, text) for file in files if (text := by_original[file.original].text) is not None)
    release = None
    if files:
        identified = identify(_found(request, found, texts))
        release = identified.release
        findings += [*identified.findings, *_cue_findings(texts)]
    findings += [replace(one, where=file.original) for file in files if file.report for one in file.report.findings]
    findings += [one.finding for one in refused]
    return Taken(
        release=release,
        source=_statement(request, files, refused, findings),
        files=tuple(files),
        refused=tuple(refused),
    )


def _found(request: Request, files: tuple[FoundFile, ...], texts: tuple[tuple[str, bytes], ...]) -> Found:
    sheets = [(original, text) for original, text in texts if original.lower().endswith(".cue")]
    return Found(
        plan=request.plan,
        files=files,
        cues=tuple((original, sheet) for original, text in sheets if isinstance(sheet := _cue(text), cue.CueSheet)),
        texts=texts,
        collection=request.collection,
        source_key=request.source_key,
        release_id=request.known.release_id,
    )


def _cue(text: bytes) -> cue.CueSheet | str:
    """The sheet, or why it is none."""
    try:
        return cue.parse_cue(text)
    except ValueError as error:
        return str(error)


def _cue_findings(texts: tuple[tuple[str, bytes], ...]) -> list[Finding]:
    found = []
    for original, text in texts:
        if original.lower().endswith(".cue"):
            sheet = _cue(text)
            if isinstance(sheet, str):
                found.append(finding("C009", where=original, detail=sheet))
            else:
                found += [replace(one, where=original) for one in sheet.findings]
    return found


def _statement(
    request: Request, files: list[StagedFile], refused: list[RefusedFile], findings: list[Finding]
) -> SourceStatement:
    listed = [
        SourceFile(
            original=file.original,
            path=file.path,
            digest=file.digest,
            bytes=file.bytes,
            modified_ns=file.modified_ns,
            role=file.role,
        )
        for file in files
    ]
    listed += [
        SourceFile(original=one.original, path="", digest=one.digest, bytes=one.bytes, modified_ns=0, role=Role.REFUSED)
        for one in refused
    ]
    return SourceStatement(
        source_key=request.source_key,
        address=request.source_key,
        collection=request.collection,
        captured_at=request.now,
        files=tuple(sorted(listed, key=lambda one: one.original)),
        findings=tuple(sorted(findings, key=lambda one: (one.where, one.code, one.detail))),
    )
