"""Bodies: the verdicts about a release as the body of a record, and back (docs/formats/rights.md).

Takes  TrackVerdicts.   Gives  canonical JSON in which each sentence, each evidence id and each track stands once; and
       back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sonoteca.formats import json, plain
from sonoteca.model.ids import TrackId
from sonoteca.model.rights import Channel, Rendition, Verdict
from sonoteca.rights.verdicts import TrackVerdict

SCHEMA = "sonoteca/verdicts/1"


def body_of(verdicts: Iterable[TrackVerdict]) -> str:
    """The verdicts as canonical JSON, each sentence, each evidence id and each track once (docs/formats/rights.md)."""
    ordered = sorted(set(verdicts), key=_order)
    leaves = sorted({_leaf(one) for one in ordered})
    evidence = {one: place for place, one in enumerate(sorted({id for one in ordered for id in one.verdict.evidence}))}
    says: dict[Verdict, int] = {}
    number: dict[Verdict, int] = {}
    profiles: defaultdict[str, list[int | None]] = defaultdict(lambda: [None] * len(leaves))
    for one in ordered:
        says.setdefault(replace(one.verdict, evidence=()), len(says))
        profiles[one.track][leaves.index(_leaf(one))] = number.setdefault(one.verdict, len(number))
    groups: defaultdict[tuple[int | None, ...], list[str]] = defaultdict(list)
    for track, profile in profiles.items():
        groups[tuple(profile)].append(track)
    body = {
        "schema": SCHEMA,
        "evidence": list(evidence),
        "says": [plain.to_plain(one) for one in says],
        "verdicts": [[says[replace(one, evidence=())], [evidence[id] for id in one.evidence]] for one in number],
        "leaves": leaves,
        "tracks": [{"ids": tracks, "verdicts": list(profile)} for profile, tracks in groups.items()],
    }
    return json.format(body).decode()


def verdicts_of(body: str) -> tuple[TrackVerdict, ...]:
    """The verdicts of such a body, sorted by track, rendition and channel. ValueError when it is none."""
    table = json.parse_object(body.encode())
    if table.get("schema") != SCHEMA:
        raise ValueError(f"a body of {SCHEMA} was expected")
    try:
        return tuple(sorted(_verdicts(table), key=_order))
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a body of {SCHEMA}: {error!r}") from error


def _verdicts(table: Mapping[str, Any]) -> Iterator[TrackVerdict]:
    says = [plain.from_plain(Verdict, one) for one in table["says"]]
    rested = [replace(says[one], evidence=tuple(table["evidence"][id] for id in ids)) for one, ids in table["verdicts"]]
    for group in table["tracks"]:
        for leaf, number in zip(table["leaves"], group["verdicts"], strict=True):
            rendition, channel = leaf.split("/")
            for track in group["ids"] if number is not None else ():
                yield TrackVerdict(
                    track=TrackId(track),
                    rendition=Rendition(rendition),
                    channel=Channel(channel),
                    verdict=rested[number],
                )


def _leaf(one: TrackVerdict) -> str:
    return f"{one.rendition}/{one.channel}"


def _order(one: TrackVerdict) -> tuple[str, str, str]:
    return one.track, one.rendition, one.channel
