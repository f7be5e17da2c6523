"""Grouping: views for the command line: made, taken down, listed.

Takes  the archive, a Where.   Gives  plain values.
"""

from typing import Any

from sonoteca.catalogue import views as rows
from sonoteca.catalogue.views import ListedView
from sonoteca.holdings import groupings
from sonoteca.holdings.told import told_list, told_view
from sonoteca.model.view import View, Where
from sonoteca.pipeline import views
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.recover import recover


def make(archive: Archive, where: Where, tier: str, title: str) -> dict[str, Any]:
    """The view, published. Refused "view-too-large" or "torrent-limit" when a list of files is the answer."""
    recover(archive)
    return _told(archive, views.make(archive, where, tier, title))


def drop(archive: Archive, name: str) -> dict[str, Any]:
    """The view, taken down."""
    recover(archive)
    return _told(archive, views.drop(archive, name))


def _told(archive: Archive, view: View) -> dict[str, Any]:
    size = sum(one.bytes for one in view.members)
    return told_view(ListedView(view=view, files=len(view.members), bytes=size), archive.settings)


def file_list(archive: Archive, where: Where, tier: str) -> dict[str, Any]:
    """Which files of which volumes."""
    with archive.database.read() as tx:
        chosen = archive.settings
        asking = groupings.Asking(where=where, tier=tier)
        return told_list(groupings.file_list(tx, asking, (chosen.outside, chosen.seed_address)))


def listed(archive: Archive) -> list[dict[str, Any]]:
    """Every view that is there, visitors' too."""
    with archive.database.read() as tx:
        return [told_view(one, archive.settings) for one in rows.listed(tx, visitors=True) if one.files]
