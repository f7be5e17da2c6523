"""Views: what somebody asks for becomes the places of a torrent, by the laws that volumes have. Pure.

Takes  words such as "artist=Name"; what releases offer; a tier.
Gives  a Where and its words; of each track one file with its credits; places, the same for the same asking; names.
Undoes itself as a volume does: a file that leaves keeps its place in an operator's view, and has it when it is back.
Never  mixes up names: an operator's view is called after what was asked for, a visitor's after what is in it, and no
       volume's name has the form of either.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace

from sonoteca.formats.fold import fold
from sonoteca.formats.naming import clash_key, portable
from sonoteca.model.errors import Refused
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, Slot, Volume
from sonoteca.model.view import View, Where
from sonoteca.torrents import volumes as policy
from sonoteca.torrents.volumes import Offer

MAX_RECORDINGS = 1000
MAX_VALUE = 200
MAX_VALUES = 50
MAX_TITLE = 80
KINDS = tuple(field.name for field in fields(Where))
# Which copy of a track is taken: the first that it has. What may not be changed has its original only.
TIERS: dict[str, tuple[Tier, ...]] = {
    "access": (Tier.ACCESS, Tier.ORIGINAL),
    "archive": (Tier.ARCHIVE, Tier.ORIGINAL),
    "original": (Tier.ORIGINAL,),
}
OPERATORS = re.compile(r"[a-z0-9-]{1,150}-view-[0-9a-f]{12}")
VISITORS = re.compile(r"[a-z0-9-]{1,150}-selection-[0-9a-f]{24}")
# Places of a view are in no group; this one stands in where the laws of volumes want one.
_GROUP = Group(collection="", tier=Tier.ORIGINAL, licence_class="")


def parse_where(said: Iterable[str]) -> Where:
    """What is asked for by "kind=value" words; Refused names the one that says nothing."""
    found: dict[str, list[str]] = {}
    for word in said:
        kind, equals, value = word.partition("=")
        value = " ".join(value.split())
        if kind not in KINDS or not equals or not value or len(value) > MAX_VALUE:
            cure = f"write KIND=VALUE; the kinds are {', '.join(KINDS)}"
            raise Refused("where", "this does not say what is wanted", where=word[:MAX_VALUE], cure=cure)
        found.setdefault(kind, []).append(value[:4] if kind == "decade" else value)
    if any(len(values) > MAX_VALUES for values in found.values()) or len(found.get("words", ())) > 1:
        cure = f"at most {MAX_VALUES} values of a kind, and words= once"
        raise Refused("where", "too much is asked for at once", cure=cure)
    words = "".join(found.pop("words", ()))
    return Where(words=words, **{kind: tuple(sorted(set(values))) for kind, values in found.items()})


def words_of(where: Where) -> tuple[str, ...]:
    """The words that ask for it again."""
    several = {kind: getattr(where, kind) for kind in KINDS if kind != "words"}
    words = (f"words={where.words}",) if where.words else ()
    return (*words, *(f"{kind}={value}" for kind in several for value in several[kind]))


def asked_of(where: Where) -> str:
    """In one line, for people: "artist=Name, decade=1990"; everything when nothing was asked for."""
    return ", ".join(words_of(where)) or "everything"


def title_of(where: Where) -> str:
    """What people read: "Artist: Name · Decade: 1990s"."""
    said = []
    for kind in KINDS:
        values = (where.words,) if kind == "words" and where.words else getattr(where, kind) if kind != "words" else ()
        shown = " or ".join(f"{one}s" if kind == "decade" else one for one in values)
        said += [f"{kind.capitalize()}: {shown}"] if shown else []
    return (" · ".join(said) or "Everything")[:MAX_TITLE]


def operators_name(archive: str, where: Where, tier: str) -> str:
    """The same for the same asking, so that making it again is its next revision."""
    mark = hashlib.sha256("\0".join([*words_of(where), tier]).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{_beginning(archive, where)}-view-{mark}"


def selection_name(archive: str, slots: Iterable[Slot]) -> str:
    """The same for the same files under the same paths, and for no others."""
    lines = sorted(f"{slot.path}\0{slot.digest}" for slot in slots)
    return f"{word(archive)}-selection-{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:24]}"


def _beginning(archive: str, where: Where) -> str:
    values = [value for kind in KINDS if kind != "words" for value in getattr(where, kind)]
    return "-".join([word(archive), *(word(one)[:30].strip("-") for one in [where.words, *values][:3] if one)])


_NO_WORD = re.compile(r"[^a-z0-9]+")


def word(text: str) -> str:
    """Letters and digits that every system takes."""
    return _NO_WORD.sub("-", fold(text)).strip("-")[:40].strip("-") or "archive"


def of_tier(offer: Offer, tracks: Mapping[str, str], tier: str) -> Offer:
    """Of each of these tracks the one file that is wanted. `tracks` says by track which recording it is in: an original
    goes by that name when it holds several tracks."""
    taken: set[tuple[Tier, str]] = set()
    here = {(item.group.tier, item.track) for item in offer.items}
    for track, whole in tracks.items():
        wanted = ((one, whole if one is Tier.ORIGINAL else track) for one in TIERS[tier])
        taken.update([one for one in wanted if one in here][:1])
    return replace(offer, items=tuple(item for item in offer.items if (item.group.tier, item.track) in taken))


def laid_out(offers: Iterable[tuple[Offer, Collection[str]]], before: Sequence[Slot] = ()) -> tuple[Slot, ...]:
    """Places for all of these, each release in its folder: one that it has in volumes already (given beside its offer),
    or what it should be called. What had a place before has it again."""
    known: dict[str, list[Slot]] = {}
    for slot in before:
        known.setdefault(slot.release, []).append(slot)
    found: list[Slot] = []
    folders: set[str] = set()
    for offer, given in offers:
        mine = known.get(offer.release, [])
        again, fresh = policy.revise([_volume("", mine)], _in_view(offer))
        folder = _folder(offer, {one.path.partition("/")[0] for one in mine} or given, folders)
        folders.add(clash_key(folder))
        found += [one for one in policy.placed(again[0], offer.release, folder, fresh).slots if one.present]
    return tuple(found)


def _folder(offer: Offer, given: Collection[str], taken: Collection[str]) -> str:
    wanted = portable(offer.folder)
    free = (one for one in (*sorted(given), wanted) if clash_key(one) not in taken)
    return next(free, "") or portable(f"{wanted} [{offer.release[-12:]}]", taken)


def _in_view(offer: Offer) -> Offer:
    return replace(offer, items=tuple(replace(item, group=_GROUP) for item in offer.items))


def revised(view: View, offers: Iterable[Offer]) -> View:
    """The view with the places of these releases as they may be now: nothing is added that had no place."""
    volume = _volume(view.name, view.slots)
    for offer in offers:
        ((volume,), _) = policy.revise([volume], _in_view(offer))
    return replace(view, slots=volume.slots)


def _volume(name: str, slots: Iterable[Slot]) -> Volume:
    return Volume(name=name, group=_GROUP, number=1, revision=1, opened_at="", slots=tuple(slots))


def recordings_in(offers: Iterable[Offer]) -> int:
    """How many files that sound."""
    return sum(len(offer.items) for offer in offers)


def ranges(numbers: Iterable[int]) -> str:
    """As BEP 53 writes them: "0,2,4-6"."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)
