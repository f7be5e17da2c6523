"""Release: what it is, its songs, on what grounds it is public, where it comes from, who made it, how to take it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import read, volumes
from sonoteca.catalogue.volumes import Listed
from sonoteca.holdings import PublicFile
from sonoteca.model.finding import FINDINGS, Finding, Severity
from sonoteca.model.rights import Channel
from sonoteca.swarm.shards import peer_address
from sonoteca.torrents.assemble import magnet
from sonoteca.web import words
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.grounds import grounds
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import PublicRelease, file_url, find_id, find_release, ident_of, is_withdrawn
from sonoteca.web.site import Site
from sonoteca.web.torrent_files import is_dark
from sonoteca.web.zip_contents import chosen

# What a finding of these letters is about is the file as found, not its tags: worth telling strangers.
TOLD_LETTERS = frozenset("AKQ")
MAX_FINDINGS = 200
CREDITS = "credits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that may be taken."""

    url: str
    name: str
    bytes: int
    kind: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InVolume:
    """A volume that has files of this release."""

    name: str
    tier: str
    bytes: int
    files: int
    magnet: str


def release(site: Site, look: Look, request: Request) -> Page:
    """The page of a release; 410 when it was withdrawn, 404 when nothing of it is public."""
    found_id = find_id(request.path_params["ident"])
    found = find_release(look, found_id) if found_id else None
    if found is None:
        raise HTTPException(410 if found_id and is_withdrawn(look.tx, found_id) else 404)
    return page(_text(site, look, found))


def _text(site: Site, look: Look, found: PublicRelease) -> str:
    here = tuple(in_volumes(site, look.tx, found.release.id))
    return render(
        site,
        "release.html",
        path=found.url,
        one=found,
        grounds=grounds(found),
        credits=credits(found),
        downloads={song.id: downloads(song.files) for song in found.songs},
        rest=downloads(found.rest),
        volumes=here,
        zipped=sum(one.bytes for one in chosen(found)),
        facts=tuple(facts(found)),
        findings=told(read.release_findings(look.tx, found.release.id)),
        cite=cite(site, found),
    )


def downloads(files: tuple[PublicFile, ...]) -> tuple[Download, ...]:
    """Those that may be downloaded, credits last."""
    kinds = {"original": "Original", "access": "Opus", "low": "Opus, small", "archive": "FLAC", "credits": "Credits"}
    return tuple(
        Download(
            url=file_url(one),
            name="Licence and credits" if one.tier == CREDITS else one.name,
            bytes=one.bytes,
            kind=kinds[one.tier],
            digest=one.digest,
        )
        for one in files
        if Channel.DOWNLOAD in one.channels
    )


def in_volumes(site: Site, tx: Connection, release_id: str) -> Iterator[InVolume]:
    """The volumes that have files of it."""
    names = set(volumes.names_of(tx, [release_id]))
    for one in volumes.listed(tx) if names else ():
        if one.name in names and one.files and not is_dark(site, one.name):
            yield InVolume(
                name=one.name,
                tier=one.group.tier,
                bytes=one.bytes,
                files=one.files,
                magnet=magnet_of(site, one),
            )


def magnet_of(site: Site, one: Listed) -> str:
    """The magnet link of a volume, "" while it has no torrent."""
    if not (one.hashes.v1 or one.hashes.v2):
        return ""
    peer = peer_address(site.settings.seed_address, one.hashes, site.settings.seed_shards)
    return magnet(one.hashes, one.name, site.settings.outside, peer)


def credits(found: PublicRelease) -> tuple[tuple[str, str], ...]:
    """Role and names: of the release, then of its songs that are public; who is on others alone is not named."""
    by_role: dict[str, dict[str, None]] = {}
    shown = {song.id for song in found.songs}
    songs = [one for one in found.release.tracks if one.id in shown]
    contributors = [*found.release.contributors, *(who for song in songs for who in song.contributors)]
    for who in contributors:
        by_role.setdefault(who.role, {})[who.name] = None
    roles = [*words.ROLES, *sorted(by_role.keys() - words.ROLES.keys())]
    return tuple(
        (words.ROLES.get(role, role.capitalize()), ", ".join(list(by_role[role])[:40]))
        for role in roles
        if role in by_role
    )


def facts(found: PublicRelease) -> Iterator[tuple[str, str]]:
    """What else is known of it, one line each."""
    one = found.release
    said = (
        ("Date", words.date(one.date)),
        ("Label", one.label),
        ("Catalogue number", one.catalogue_number),
        ("Place", one.place),
        ("Event", one.event),
        ("Series", one.series),
        ("Collection", one.collection),
        ("Lineage", "; ".join(one.lineage.splitlines())),
        ("Rights holders", ", ".join(one.rights_holders)),
    )
    yield from ((name, value) for name, value in said if value)
    for other in one.identifiers:
        yield other.scheme.upper(), other.text


def told(findings: tuple[Finding, ...]) -> tuple[tuple[str, str, str], ...]:
    """Code, what it means, how grave; each once, with the number of files."""
    counts: dict[str, int] = {}
    for one in findings[:MAX_FINDINGS]:
        if one.code[:1] in TOLD_LETTERS and one.severity in (Severity.NOTE, Severity.WARNING):
            counts[one.code] = counts.get(one.code, 0) + 1
    return tuple(
        (code, FINDINGS[code][1], words.plural(count, "file")) for code, count in counts.items() if code in FINDINGS
    )


def cite(site: Site, found: PublicRelease) -> str:
    """A line for a bibliography."""
    year = f" ({found.release.date[:4]})" if found.release.date else ""
    parts = [found.artist + year, found.title] if found.artist else [found.title + year]
    return ". ".join([*parts, site.settings.name, found.release.id]) + "."


ROUTES = (Route("/release/{ident}", answering(release, asks=ident_of)),)
