"""Expire: refused files leave quarantine when the time to object is over.

Takes  the archive and the day it is.   Gives  how many sources' refused files were removed.
Order  the rows go after the files: a crash between the two removes the rows at the next start, never shows
       files that are gone for good.
"""

from datetime import datetime, timedelta

from sonoteca.catalogue import read, write
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.refusal import place_of


def expire_refused(archive: Archive) -> int:
    """Removes what was refused more than `quarantine_keep_days` ago."""
    limit = datetime.fromisoformat(archive.clock.now()) - timedelta(days=archive.settings.quarantine_keep_days)
    until = limit.strftime("%Y-%m-%dT%H:%M:%SZ")
    with archive.database.read() as tx:
        expired = read.refused_before(tx, until)
    for source_key in expired:
        archive.disk.remove_tree(place_of(source_key))
        with archive.database.write() as tx:
            write.save_refused(tx, source_key, [])
    return len(expired)
