"""Evidence: what a release's papers, tags and grants say about rights, each statement with where it was found.

Takes  captured files and tags as found, whether the operator trusts the source, the grants, and the release.
Gives  `Gathered`: evidence, rights holders, and findings for what could not be read.
Never  makes a statement stronger than it is. A tag stays a claim in a trusted source too: whoever made the file wrote
       it, nobody stood behind it.

For each master the nearest manifest that speaks of it counts, and of that its most exact statement; with it the
nearest licence files that are not farther away than the manifest. What lies farther away was overruled by whoever put
a manifest nearer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sonoteca.model.finding import Finding, finding
from sonoteca.model.release import Release
from sonoteca.model.rights import Evidence, EvidenceKind
from sonoteca.rights.holders import holder_of
from sonoteca.rights.licence_table import OTHER_TERMS
from sonoteca.rights.licences import Understood, understand
from sonoteca.rights.papers import Captured, Paper, read_papers
from sonoteca.rights.records import Grant, evidence_of, with_id
from sonoteca.rights.terms import Terms

MAX_TAG_CHARACTERS = 2_000
MAX_TAG_TEXTS = 10_000
# Tags that name a licence, and tags that hold a notice, by the last part of their key in lower case.
LICENCE_KEYS = frozenset({"license", "licence", "licenseurl", "license url", "license_url", "wcop", "copyright url"})
NOTICE_KEYS = frozenset({"copyright", "tcop", "©cpy", "cpy", "cprt", "icop"})

__all__ = ["Captured", "Gathered", "Holder", "TagClaim", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagClaim:
    """A tag about rights: the master's original path, the tag's key in any scheme ("license", "TXXX:LICENSE"), its
    text."""

    path: str
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose rights they are, for these masters (original paths, () is all); `kind` says where it was read."""

    name: str
    kind: EvidenceKind
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything that is said. `evidence` in a stable order: grants, manifests and licence files as found, tags."""

    evidence: tuple[Evidence, ...]
    holders: tuple[Holder, ...] = ()
    findings: tuple[Finding, ...] = ()


def gather(
    captured: Sequence[Captured],
    tag_claims: Sequence[TagClaim],
    trusted: bool,
    grants: Sequence[Grant],
    release: Release,
) -> Gathered:
    """The evidence for a release. `trusted` says that the operator stands behind the manifests and licence files of
    its source."""
    originals = tuple(dict.fromkeys(master.original for master in release.masters))
    papers, findings = read_papers(captured)
    said = _group((paper, terms, path) for path in originals for paper, terms in _counting(papers, path))
    by_paper = [(_of_terms(paper, terms, _paths(paths, originals), trusted), terms) for (paper, terms), paths in said]
    tags = _tags(tag_claims, originals)
    evidence = [*_of_grants(grants, release), *(one for one, _ in by_paper), *tags.evidence]
    named = ((one, holder_of(text)) for one, terms in by_paper for text in terms.holders)
    holders = [Holder(name=name, kind=one.kind, paths=one.paths) for one, name in named if name]
    unclear = [_unclear(one) for one in evidence if not one.licence and not one.grant]
    return Gathered(
        evidence=tuple({one.id: one for one in evidence}.values()),
        holders=tuple(dict.fromkeys([*holders, *tags.holders])),
        findings=tuple(dict.fromkeys([*findings, *(one for one in unclear if one)])),
    )


def _paths(paths: Iterable[str], originals: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(sorted(set(paths)))
    return () if len(found) == len(originals) else found


def _unclear(evidence: Evidence) -> Finding | None:
    # What a whole licence file says was said when it was read (M004, M005).
    if evidence.kind is EvidenceKind.LICENCE_FILE:
        return None
    return finding("M004", where=evidence.paths[0] if evidence.paths else "", detail=evidence.statement[:200])


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _counting(papers: Sequence[Paper], path: str) -> Iterator[tuple[Paper, Terms]]:
    """The statements about the file that count."""
    manifests = _nearest((one for one in papers if one.manifest is not None), path)
    limit = manifests[0] if manifests else None
    files = _nearest((one for one in papers if one.manifest is None), path)
    if manifests:
        yield from manifests[1]
    if files and (limit is None or files[0] <= limit):
        yield from files[1]


def _nearest(papers: Iterable[Paper], path: str) -> tuple[int, list[tuple[Paper, Terms]]] | None:
    """The distance of the nearest papers that speak of the file, and what they say."""
    found: dict[int, list[tuple[Paper, Terms]]] = {}
    for paper in papers:
        distance = paper.distance(path)
        if distance is not None and (not found or distance <= min(found)) and (terms := paper.terms_for(path)):
            found.setdefault(distance, []).extend((paper, one) for one in terms)
    return min(found.items()) if found else None


def _group(said: Iterable[tuple[Paper, Terms, str]]) -> list[tuple[tuple[Paper, Terms], list[str]]]:
    found: dict[tuple[int, Terms], tuple[tuple[Paper, Terms], list[str]]] = {}
    for paper, terms, path in said:
        found.setdefault((id(paper), terms), ((paper, terms), []))[1].append(path)
    return list(found.values())


def _of_terms(paper: Paper, terms: Terms, paths: tuple[str, ...], trusted: bool) -> Evidence:
    captured = paper.captured
    evidence = Evidence(
        id="",
        kind=terms.kind,
        statement=terms.statement,
        licence=terms.said.licence,
        trusted=trusted and captured.is_stood_behind,
        layer=terms.layer,
        paths=paths,
        channels=terms.channels,
        territories=terms.territories,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        captured_at=captured.captured_at,
        captured_from=captured.captured_from,
        digest=captured.digest,
        issuer="; ".join(terms.holders)[:500],
        note="; ".join([*terms.problems, terms.note] if terms.note else terms.problems)[:2_000],
        names=terms.said.names,
    )
    return with_id(evidence)


# ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_grants(grants: Sequence[Grant], release: Release) -> Iterator[Evidence]:
    known = {master.original for master in release.masters} | {str(track.id) for track in release.tracks}
    for grant in grants:
        if release.id in grant.targets:
            yield evidence_of(grant, ())
        elif paths := known & set(grant.targets):
            yield evidence_of(grant, tuple(sorted(paths)))


# ── tags ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _tags(claims: Sequence[TagClaim], originals: tuple[str, ...]) -> Gathered:
    by_text: dict[tuple[bool, str], list[str]] = {}
    known = set(originals)
    for claim in claims:
        key = claim.key.lower().rpartition(":")[2].strip()
        text = " ".join(claim.text[:MAX_TAG_CHARACTERS].split())
        if claim.path in known and text and key in LICENCE_KEYS | NOTICE_KEYS and len(by_text) < MAX_TAG_TEXTS:
            by_text.setdefault((key in LICENCE_KEYS, text), []).append(claim.path)
    evidence: list[Evidence] = []
    holders: list[Holder] = []
    for (is_licence, text), paths in by_text.items():
        said = understand(text)
        where = _paths(paths, originals)
        if is_licence or said.licence or set(said.names) - {OTHER_TERMS}:
            evidence.append(_of_tag(text, said, where))
        if not is_licence and not said.licence and (name := holder_of(text)):
            holders.append(Holder(name=name, kind=EvidenceKind.TAG, paths=where))
    return Gathered(evidence=tuple(evidence), holders=tuple(holders))


def _of_tag(text: str, said: Understood, paths: tuple[str, ...]) -> Evidence:
    evidence = Evidence(
        id="",
        kind=EvidenceKind.TAG,
        statement=text,
        licence=said.licence,
        trusted=False,
        paths=paths,
        names=said.names,
    )
    return with_id(evidence)
