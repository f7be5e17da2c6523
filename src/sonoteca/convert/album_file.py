"""Album files: comments that are known when a whole release has been decoded, put into files that stand finished.

Takes  the folder in which a release's files were made, and (name below it, comments) pairs.
Gives  the names of those that say it now; a file without room for it, or that is none of ours, stays as it is.
Never  changes the length of a file or a sample of it.

Runs in a limited process like everything that reads what one wrote.
"""

from typing import Any

from sonoteca.convert.albums import HEAD_BYTES, with_pairs
from sonoteca.ports.new_file import MadeFile


def write_comments(folder: str, wanted: Any) -> list[str]:
    """For the workshop: plain values cross."""
    return [name for name, pairs in wanted if _write(f"{folder}/{name}", [(key, text) for key, text in pairs])]


def _write(path: str, pairs: list[tuple[str, str]]) -> bool:
    file = MadeFile(path)
    try:
        at, raw = with_pairs(path.rpartition(".")[2], file.head(HEAD_BYTES), pairs)
        file.patch(at, raw)
    except ValueError:
        return False
    finally:
        file.close()
    return True
