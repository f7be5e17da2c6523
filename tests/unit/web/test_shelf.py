"""The shelf of the day: the same all day, another one tomorrow, spread over everything that is public."""

from pathlib import Path

from sqlalchemy import insert

from sonoteca.catalogue import browse
from sonoteca.catalogue.tables import SCHEMA, reasons, releases, verdicts
from sonoteca.model.ids import RELEASE_FORM
from sonoteca.ports.database import Database
from sonoteca.web.home_page import points_of

ROW = {
    **dict.fromkeys(("title", "artist", "date", "collection", "source_key", "address", "captured_at"), ""),
    **{"version": 1, "added_at": "2026-01-01T00:00:00Z", "changed_at": "", "digest_set": "", "text": "{}"},
}


def test_points_are_ids() -> None:
    """Of the form of release ids but for the version, which none of them needs to have."""
    first, again, other = (tuple(points_of(day, 18)) for day in ("2026-11-23", "2026-11-23", "2026-11-24"))
    assert first == again != other
    assert len(set(first)) == 18
    assert all(len(one) == len("urn:uuid:") + 36 and one.startswith("urn:uuid:") for one in first)
    assert RELEASE_FORM.fullmatch("urn:uuid:00000000-0000-8000-8000-000000000001")


def test_a_shelf(tmp_path: Path) -> None:
    """What stands at a point or after it, from the beginning again at the end; held and withdrawn ones never."""
    database = Database(str(tmp_path), SCHEMA)
    database.create()
    with database.write() as tx:
        for name, decision, withdrawn in (
            ("b", "publish", 0),
            ("d", "hold", 0),
            ("f", "publish", 1),
            ("h", "publish", 0),
        ):
            tx.execute(insert(releases), {**ROW, "id": name, "withdrawn": withdrawn})
            reason = {"release": name, "seq": 1, "decision": decision, "rule": "R017", "because": "", "licence": ""}
            tx.execute(insert(reasons), {**reason, "licence_class": "free", "cure": "", "evidence": "[]"})
            row = {"release": name, "track": "t", "rendition": "original", "reason": 1, "channels": browse.PUBLIC}
            tx.execute(insert(verdicts), row)
    with database.read() as tx:
        assert browse.shelf(tx, ["c"]) == browse.shelf(tx, ["g", "h", "e"]) == ("h",)
        assert browse.shelf(tx, ["z", "c"]) == ("b", "h")
        assert browse.shelf(tx, []) == ()
        assert browse.newest(tx, 10) == ("b", "h")
        assert browse.totals(tx).releases == 2
    database.close()
