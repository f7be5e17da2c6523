"""Tables of sameness: what tracks are found by, and which are like each other (docs/formats/catalogue.md).

`marks` hang on a release. `likenesses` are of tracks, in whatever releases these are: a row in each direction.
"""

from sqlalchemy import Index, MetaData, Table

from sonoteca.catalogue import columns


def sameness_tables(metadata: MetaData) -> tuple[Table, Table]:
    """marks and likenesses."""
    marks = Table(
        "marks",
        metadata,
        columns.of_release(),
        columns.key("track"),
        columns.whole("mark"),
        columns.text("print"),
        columns.text("pcm_md5"),
        Index("marks_by_mark", "mark"),
        Index("marks_by_pcm_md5", "pcm_md5"),
        Index("marks_by_track", "track"),
        sqlite_with_rowid=False,
    )
    likenesses = Table(
        "likenesses",
        metadata,
        columns.key("track"),
        columns.key("other"),
        columns.text("likeness"),
        columns.real("error"),
        columns.real("offset_s"),
        columns.real("start_s"),
        columns.real("span_s"),
        sqlite_with_rowid=False,
    )
    return marks, likenesses
