"""Reference: ocfl-py, an independent validator, judges the same objects. A tool of developers: an archive runs without.

Takes  objects of the store.   Gives  its errors as findings; Refused when it is not installed.
"""

from collections.abc import Iterable, Iterator

from sonoteca.model.errors import Refused
from sonoteca.model.finding import Finding, finding
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import home_of, object_ids

try:
    from ocfl.validator import Validator
except ImportError:
    Validator = None


def judge_by_reference(disk: Disk, ids: Iterable[str]) -> Iterator[Finding]:
    """What ocfl-py has against these objects (none named: all)."""
    if Validator is None:
        raise Refused("no-reference", "ocfl-py is not installed here", where="--reference", cure="pip install ocfl-py")
    for object_id in tuple(ids) or object_ids(disk):
        validator = Validator()
        if not validator.validate_object(disk.full_path(home_of(object_id))):
            yield finding("S092", where=object_id, detail=str(validator.status_str())[:2000])
