"""Reading a page: what its HTML says, and what of the house's rules for pages it breaks."""

from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
FORBIDDEN = frozenset({"iframe", "object", "embed", "base", "style", "frame"})
LINKS = (("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("source", "src"), ("form", "action"))


class Reading(HTMLParser):
    """Tags in their order with attributes, the open ones checked; texts of title and headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.unclosed: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.unclosed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unclosed.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.append((self._open[-1], data))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str]:
        """Every address on the page."""
        return [
            attributes[key]
            for tag, attributes in self.tags
            for name, key in LINKS
            if tag == name and attributes.get(key)
        ]


def offences(html: str) -> list[str]:
    """What is wrong with the page."""
    page = Reading(html)
    found = [f"not closed: {one}" for one in page.unclosed]
    found += _headings(page) + _programs(page) + _names(page)
    if [one.get("lang") for one in page.all("html")] != ["en"]:
        found.append("no language")
    if not "".join(text for tag, text in page.texts if tag == "title").strip():
        found.append("no title")
    if len(page.all("main")) != 1:
        found.append("not one main")
    return found


def _headings(page: Reading) -> list[str]:
    levels = [int(tag[1]) for tag, _ in page.tags if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()]
    found = [f"h{before} is followed by h{after}" for before, after in pairwise(levels) if after > before + 1]
    return found if levels.count(1) == 1 and levels[0] == 1 else [*found, f"headings {levels}"]


def _programs(page: Reading) -> list[str]:
    """No script or style that stands in the page: the policy would not run it."""
    found = [f"{tag} in the page" for tag, text in page.texts if tag in ("script", "style") and text.strip()]
    for tag, attributes in page.tags:
        found += [f"<{tag} {name}>" for name in attributes if name.startswith("on") or name in ("style", "srcdoc")]
        found += [f"<{tag}>"] if tag in FORBIDDEN else []
        found += [value for name, value in attributes.items() if (tag, name) in LINKS and _is_program(value)]
    return found


def _is_program(address: str) -> bool:
    return address.strip().lower().startswith(("javascript:", "vbscript:", "data:"))


def _names(page: Reading) -> list[str]:
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    found = [f"two ids {name}" for name, count in ids.items() if count > 1]
    found += [f"<img src={one.get('src')}> without alt" for one in page.all("img") if "alt" not in one]
    labelled = {one.get("for") for one in page.all("label")}
    found += [
        f"<input name={one.get('name')}> without a label"
        for one in page.all("input")
        if one.get("type") != "hidden" and one.get("id") not in labelled
    ]
    for _, attributes in page.tags:
        named = attributes.get("aria-labelledby", "").split()
        found += [f"aria-labelledby={name}" for name in named if name not in ids]
    return found
