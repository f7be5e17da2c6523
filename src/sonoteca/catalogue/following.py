"""Following: what feeds say of volumes beside their rows: since when each is as it is, which have something of a genre.

Takes  a snapshot of the catalogue.   Gives  times and names by volume.
Never  counts what was taken back.
"""

from sqlalchemy import Connection, func, select, text

from sonoteca.catalogue.tables import records
from sonoteca.model.record import RecordKind

_OF_GENRE = (
    "SELECT DISTINCT m.volume FROM members AS m JOIN releases AS r ON r.id = m.release AND r.withdrawn = 0, "
    "json_each(r.text, '$.genres') AS g WHERE m.present = 1 AND g.type = 'text' AND g.value = :genre"
)


def issued_at(tx: Connection) -> dict[str, str]:
    """When the newest revision of each volume was recorded."""
    rows = tx.execute(
        select(records.c.subject, func.max(records.c.made_at))
        .where(records.c.kind == RecordKind.VOLUME)
        .group_by(records.c.subject)
    )
    return {row[0]: row[1] for row in rows}


def of_genre(tx: Connection, genre: str) -> frozenset[str]:
    """The volumes that have something of this genre."""
    return frozenset(tx.execute(text(_OF_GENRE), {"genre": genre}).scalars())
