"""Verdicts: how the rules say publish or hold, with the words and cures that people read; and a verdict about a track.

Takes  a rule's code, its reason, the evidence.   Gives  Verdicts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sonoteca.model.ids import TrackId
from sonoteca.model.rights import Case, Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.rights.grounds import Grounds, grounds_of

Rule = Callable[[Case], Verdict | None]

GRANT = "sonoteca rights grant {release} --licence {licence} --evidence FILE"
TRUST = "sonoteca add FOLDER --trust-manifest, if you stand behind what its manifests and licence files say"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackVerdict:
    """The verdict for one rendition of one track on one channel."""

    track: TrackId
    rendition: Rendition
    channel: Channel
    verdict: Verdict


def publish(code: str, case: Case, because: str) -> Verdict:
    """It may leave, on these grounds."""
    grounds = grounds_of(case.evidence)
    return Verdict(
        decision=Decision.PUBLISH,
        rule=code,
        because=because,
        evidence=_ids(grounds.trusted),
        licence=grounds.licence(),
        licence_class=grounds.licence_class(),
    )


def hold(
    code: str, because: str, cure: str, evidence: Iterable[Evidence] = (), grounds: Grounds | None = None
) -> Verdict:
    return Verdict(
        decision=Decision.HOLD,
        rule=code,
        because=_printable(because),
        evidence=_ids(evidence),
        licence=grounds.licence() if grounds else "",
        licence_class=grounds.licence_class() if grounds else "",
        cure=cure,
    )


def _ids(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.id for one in evidence))


def grant_cure(case: Case, licence: str = "LICENCE") -> str:
    """The command that gives permission."""
    return GRANT.format(release=case.release, licence=f'"{licence}"' if " " in licence else licence)


def says(one: Evidence) -> str:
    """What a statement says, for a sentence."""
    said = one.licence or ", ".join(one.names) or one.statement
    return f"{one.kind} says {said[:200]}"


def _printable(text: str) -> str:
    # Statements come from outside; a sentence for people holds nothing that moves a terminal's cursor.
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in text)
