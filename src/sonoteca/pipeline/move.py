"""Move: with `add --move`, originals leave the source once the archive has them, and not a moment earlier.

Takes  a job that is done.   Gives  the originals that were left, with the reason.
Order  only after the catalogue said done; each original is removed only when the store's copy has its digest
       and the original has the size and
       time it had when it was read. Refused files stay where they are.
"""

from sonoteca.catalogue import read
from sonoteca.catalogue.queue import Job
from sonoteca.formats import json, plain
from sonoteca.model.source import FolderPlan
from sonoteca.pipeline import facts
from sonoteca.pipeline.archive import Archive


def remove_originals(archive: Archive, job: Job) -> list[str]:
    """Removes what is safe in the store from the source."""
    with archive.database.read() as tx:
        held = read.by_source_key(tx, job.source_key)
    if held is None or held.release is None:
        return []
    plan = plain.from_plain(FolderPlan, json.parse(job.plan.encode()))
    prefix = f"{plan.folder}/" if plan.folder else ""
    left = []
    for file in facts.load_facts(archive.disk, held.release).source.files:
        # What lies above the folder (rights.toml for many releases) is not this release's to move.
        if (
            file.path
            and not file.original.startswith("../")
            and not archive.source.remove_original(job.root, prefix + file.original, file.bytes, file.modified_ns)
        ):
            left.append(file.original)
    return left
