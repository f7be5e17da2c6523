"""Facts: one object of the store, read back as values. What `run`, recovery and `rebuild` describe a release from.

Takes  a release id.   Gives  `ObjectFacts` for the catalogue and what the rights room gathers evidence from.
Never  trusts the catalogue: everything here is read from the object itself.
"""

from sonoteca.catalogue.entries import ObjectFacts
from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.release import parse_credits, parse_measured, parse_release, parse_sound, parse_source
from sonoteca.model.ids import Digest
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import Release
from sonoteca.model.sound import Sound
from sonoteca.model.source import Role, SourceStatement
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import load_object, read_file
from sonoteca.rights.evidence import Captured, TagClaim
from sonoteca.rights.papers import within_limits

CREDITS = "credits/index.json"
CLAIMING = ("license", "copyright")


def load_facts(disk: Disk, object_id: str) -> ObjectFacts:
    """Everything the newest version of an object says."""
    inventory = load_object(disk, object_id)
    release = parse_release(read_file(disk, inventory, "release.json"))
    source = parse_source(read_file(disk, inventory, "source.json"))
    return ObjectFacts(
        release=release,
        source=source,
        reports=_reports(disk, inventory, release),
        version=inventory.head_number,
        created_at=inventory.versions[1].created,
        changed_at=inventory.versions[inventory.head_number].created,
        sounds=_sounds(disk, inventory),
        credits=parse_credits(read_file(disk, inventory, CREDITS)) if CREDITS in inventory.state() else (),
    )


def _sounds(disk: Disk, inventory: Inventory) -> tuple[Sound, ...]:
    paths = sorted(path for path in inventory.state() if path.startswith("sound/"))
    return tuple(parse_sound(read_file(disk, inventory, path)) for path in paths)


def _reports(disk: Disk, inventory: Inventory, release: Release) -> dict[str, ProbeReport]:
    found = {}
    for path in sorted(inventory.state()):
        if path.startswith("measured/"):
            measured = parse_measured(read_file(disk, inventory, path))
            found[measured.master] = measured.report
    wanted = {master.path for master in release.masters}
    return {path: report for path, report in found.items() if path in wanted}


def captured(disk: Disk, facts: ObjectFacts) -> tuple[Captured, ...]:
    """The evidence files of an object, each with where it lay."""
    inventory = load_object(disk, facts.release.id)
    found = [file for file in facts.source.files if file.role is Role.EVIDENCE and file.path]
    # What is too large to be read as a statement of rights is kept, and told; it never comes into memory.
    fetched = within_limits(file.bytes for file in found)
    return tuple(
        Captured(
            name=file.original.rsplit("/", 1)[-1],
            content=read_file(disk, inventory, file.path) if is_fetched else b"",
            digest=Digest(file.digest),
            folder=file.original.rpartition("/")[0],
            captured_from=facts.source.address,
            captured_at=facts.source.captured_at,
            bytes=file.bytes,
        )
        for file, is_fetched in zip(found, fetched, strict=True)
    )


def tag_claims(facts: ObjectFacts) -> tuple[TagClaim, ...]:
    """What tags say about rights, by the master's original path."""
    found = []
    for master in facts.release.masters:
        report = facts.reports.get(master.path)
        for key in CLAIMING:
            found += [
                TagClaim(path=master.original, key=key, text=text) for text in (report.find(key) if report else ())
            ]
    return tuple(found)


def source_of(facts: ObjectFacts) -> SourceStatement:
    """Where it came from."""
    return facts.source
