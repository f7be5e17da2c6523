"""Inside: by what the pictures inside a release's masters are known. Pure, but for its table.

Takes  a release, and the reports of its masters' probes.
Gives  digests: of each picture, and of each master that has any, because a large picture has none; their rows.
"""

from collections.abc import Mapping

from sqlalchemy import Index, MetaData, Table

from sonoteca.catalogue import columns
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import Release


def inside_table(metadata: MetaData) -> Table:
    """What came with pictures inside."""
    return Table(
        "inside",
        metadata,
        columns.of_release(),
        columns.key("digest"),
        Index("inside_by_digest", "digest"),
        sqlite_with_rowid=False,
    )


def inside_rows(
    release_id: str, release: Release, reports: Mapping[str, ProbeReport]
) -> tuple[dict[str, str | int | float | None], ...]:
    """A row for each digest."""
    return tuple({"release": release_id, "digest": one} for one in sorted(digests_inside(release, reports)))


def digests_inside(release: Release, reports: Mapping[str, ProbeReport]) -> frozenset[str]:
    """By what they are known in other releases."""
    masters = [(one.digest, reports[one.path]) for one in release.masters if one.path in reports]
    known = {one.digest for _, report in masters for one in report.pictures}
    return frozenset(known | {digest for digest, report in masters if report.pictures}) - {""}


def front_inside(report: ProbeReport | None) -> str:
    """The digest of the front cover inside a master, as far as files could carry it: what is said to be one, or the
    only picture, if nothing is said of it."""
    found = report.pictures if report else ()
    fronts = [one for one in found if one.kind == "front cover"] or [one for one in found if len(found) == 1]
    return next((one.digest for one in fronts if one.digest and one.kind in ("front cover", "other")), "")
