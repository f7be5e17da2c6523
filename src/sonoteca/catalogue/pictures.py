"""Pictures: which a release has, as files of its own and inside its masters, and which releases have the same.

Takes  a snapshot of the catalogue.   Gives  paths and digests; release ids.
Never  says whether one may be shown (holdings/artwork.py does).
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from sonoteca.catalogue.tables import evidence, files, inside, masters
from sonoteca.catalogue.write import chunks
from sonoteca.model.ids import ReleaseId
from sonoteca.model.rights import EvidenceKind
from sonoteca.model.source import Role

HELD = EvidenceKind.OPERATOR.value


def pictures_inside(tx: Connection, release_id: str) -> tuple[tuple[str, str], ...]:
    """(logical path, digest of the front cover, "" for none that files could carry) of those of a release's masters
    that came with pictures inside, by path."""
    chosen = select(masters.c.path, masters.c.picture).where(masters.c.release == release_id, masters.c.pictures > 0)
    return tuple(sorted((row.path, row.picture) for row in tx.execute(chosen)))


def digests_of(tx: Connection, release_id: str, paths: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(logical path, digest) of these files of a release, by path."""
    found: dict[str, str] = {}
    for some in chunks(paths):
        chosen = select(files.c.path, files.c.digest).where(files.c.release == release_id, files.c.path.in_(some))
        found.update((row.path, row.digest) for row in tx.execute(chosen))
    return tuple(sorted(found.items()))


def picture_digests(tx: Connection, release_id: str) -> frozenset[str]:
    """Those of a release's pictures, files of its own and inside its masters; a master that has some is known by its
    own digest too."""
    kept = select(files.c.digest).where(files.c.release == release_id, files.c.role == Role.ARTWORK.value)
    came = select(inside.c.digest).where(inside.c.release == release_id)
    return frozenset(tx.execute(kept).scalars()) | frozenset(tx.execute(came).scalars())


def with_pictures(tx: Connection, digests: Iterable[str], but: str) -> tuple[ReleaseId, ...]:
    """The releases, but for one, that have one of these pictures, as a file or inside a master, by id."""
    found: set[str] = set()
    for some in chunks(sorted(set(digests) - {""})):
        kept = select(files.c.release).where(files.c.digest.in_(some), files.c.role == Role.ARTWORK.value)
        found.update(tx.execute(kept).scalars())
        found.update(tx.execute(select(inside.c.release).where(inside.c.digest.in_(some))).scalars())
    return tuple(ReleaseId(one) for one in sorted(found - {but}))


def held_with(tx: Connection, digests: Iterable[str], but: str) -> tuple[ReleaseId, ...]:
    """Those of them whose own artwork is held, not only because of another's (what is said of that has a note)."""
    found: set[str] = set()
    for some in chunks(with_pictures(tx, digests, but)):
        held = select(evidence.c.release).where(evidence.c.release.in_(some), evidence.c.kind == HELD)
        found.update(tx.execute(held.where(~evidence.c.text.contains('"note":'))).scalars())
    return tuple(ReleaseId(one) for one in sorted(found))
