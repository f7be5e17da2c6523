"""Claims: what the tags of a release's recordings say, weighed against each other.

Takes  items with their reports.
Gives  believable values: of one track, or of most of them.
Never  believes a placeholder, a licence in the place of a name, or a title that was copied over a whole album.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from sonoteca.acquire.pairing import Item
from sonoteca.acquire.titles import clean, dominant, fold, is_licence, says_nothing
from sonoteca.model.finding import Finding, finding
from sonoteca.model.release import Contributor

MAX_CONTRIBUTORS = 40
MAX_VALUES = 60
MAX_GENRE_CHARS = 60
COPIED_OVER = 3  # this many tracks of one title, if they are most of the release

# Common tag names to roles, in the order in which contributors are listed.
ROLES: tuple[tuple[str, str], ...] = (
    ("artist", "artist"),
    ("composer", "composer"),
    ("lyricist", "lyricist"),
    ("arranger", "arranger"),
    ("performer", "performer"),
    ("conductor", "conductor"),
    ("remixer", "remixer"),
    ("producer", "producer"),
    ("engineer", "engineer"),
    ("mixer", "mixer"),
)
_GENRE_NUMBER = re.compile(r"(?:\(\d{1,3}\)\s*)+|^\d{1,3}$")
NAMES = frozenset({"albumartist", *(name for name, _ in ROLES)})


def values(item: Item, name: str) -> tuple[str, ...]:
    """Believable values of a common tag name, clean, each once; of the primary, or the first alternate that has any."""
    for file in item.files:
        found = file.report.find(name) if file.report else ()
        kept: dict[str, str] = {}
        for text in map(clean, found[:MAX_VALUES]):
            if not says_nothing(text) and not (name in NAMES and is_licence(text)):
                kept.setdefault(fold(text), text)
        if kept:
            return tuple(kept.values())
    return ()


def most(items: Sequence[Item], *names: str) -> str:
    """The value that most of the items have under the first of these names that gives one; "" if none does."""
    for name in names:
        if found := dominant([value for item in items for value in values(item, name)[:1]], len(items)):
            return found
    return ""


def titles(items: Sequence[Item], notes: list[Finding]) -> dict[str, str]:
    """The believable titles by path. One title on most tracks was copied over all of them: it is the title of none."""
    given = {item.path: found[0] for item in items if (found := values(item, "title"))}
    counts = Counter(fold(title) for title in given.values())
    copied = {title for title, count in counts.items() if count >= COPIED_OVER and count * 2 > len(items)}
    for title in sorted(copied):
        notes.append(finding("T202", detail=f"{counts[title]} tracks are called {title!r}"))
    return {path: title for path, title in given.items() if fold(title) not in copied}


def contributors(item: Item) -> tuple[Contributor, ...]:
    """Who the tags of one item name, in their roles."""
    named = [Contributor(name=text, role=role, source="tag") for name, role in ROLES for text in values(item, name)]
    return tuple(named[:MAX_CONTRIBUTORS])


def misplaced(item: Item) -> Iterator[Finding]:
    """Where a licence stands in the place of a name, which is then not believed."""
    for file in item.files:
        for name in sorted(NAMES):
            for text in map(clean, (file.report.find(name) if file.report else ())[:MAX_VALUES]):
                if is_licence(text):
                    yield finding("T203", where=file.planned.path, detail=f"{name}: {text[:80]}")


def genres(items: Sequence[Item], at_most: int = 12) -> tuple[str, ...]:
    """The genres that tags name, the commonest first; the numbers of ID3v1 are no names, and one track in twenty is no
    genre of a release."""
    counts: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for item in items:
        for genre in (_GENRE_NUMBER.sub("", value) for value in values(item, "genre")):
            counts[fold(genre)] += 1
            spelling.setdefault(fold(genre), genre)
    best = sorted((key for key in counts if counts[key] * 20 >= len(items)), key=lambda key: (-counts[key], key))
    return tuple(spelling[key] for key in best if 0 < len(key) <= MAX_GENRE_CHARS)[:at_most]
