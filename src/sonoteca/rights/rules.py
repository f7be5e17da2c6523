"""Rules: evidence in, verdict out.

Takes  the evidence that speaks of one track, the operator's policy, and `now`.
Gives  one Verdict per rendition and channel, with the rule that decided, the evidence it rests on, and what would
       change it.
Never  reads a file, a clock or the catalogue (clear.py makes the cases); never says "publish" without trusted evidence.

The rules are tried in order of RULES; the first that applies decides. The last one holds, so silence is never consent.

What speaks of a track is a **ground** or a **claim**. Grounds are what the operator stands behind: statements of
trusted sources, and grants. A claim can stop a publication, never cause one.
- A grant for the work as published is the operator's own word about these recordings: it is judged by itself, before
all
  others, and outranks every claim and every other ground. Grants add up: one that allows is enough. To take away, hold.
- All other grounds have to agree, and the strictest of what they say counts, limits too.
- A claim contradicts the grounds when it forbids what they allow (all rights reserved, NonCommercial, NoDerivatives),
even a
  mere tag: somebody who had the file in hand said so, and a person has to look. A claim that only names another
  licence of the same freedom contradicts nothing. What could not be understood contradicts nothing and supports
  nothing.
"""

from collections.abc import Iterable
from dataclasses import replace

from sonoteca.model.rights import Case, Decision, Layer, Verdict
from sonoteca.rights.grounds import grounds_of
from sonoteca.rights.permissions import TERMS
from sonoteca.rights.verdicts import TRUST, Rule, grant_cure, hold, publish, says

# ── before anything is looked at ─────────────────────────────────────────────────────────────────────────────────────


def withdrawn(case: Case) -> Verdict | None:
    """R021: it was public, and was taken back; the store keeps it."""
    if not case.withdrawn:
        return None
    return hold("R021", f"withdrawn: {case.held_because}", f"sonoteca reinstate {case.held_target or case.release}")


def under_order(case: Case) -> Verdict | None:
    """R000: the operator or an order holds it, whatever the evidence."""
    if not case.held_because:
        return None
    cure = f"sonoteca rights hold {case.held_target or case.release} --lift"
    return hold("R000", f"held: {case.held_because}", cure)


def channel_closed(case: Case) -> Verdict | None:
    """R010: the operator publishes nothing by this channel."""
    if case.channel in case.policy.publish_channels:
        return None
    cure = f'add "{case.channel}" to publish_channels in sonoteca.toml'
    return hold("R010", f"the settings do not open the channel {case.channel}", cure)


def no_evidence(case: Case) -> Verdict | None:
    """R001: nothing to rest on, so it is kept and not shown."""
    if case.evidence:
        return None
    return hold("R001", "nothing says that it may be published", grant_cure(case))


def recording_not_covered(case: Case) -> Verdict | None:
    """R003: nothing speaks of the recording, only of the composition, the artwork or the text."""
    if any(one.layer in (Layer.ALL, Layer.RECORDING) for one in case.evidence):
        return None
    layers = ", ".join(sorted({str(one.layer) for one in case.evidence}))
    return hold("R003", f"the evidence speaks of the {layers}, not of the recording", grant_cure(case), case.evidence)


# ── the operator's own word ──────────────────────────────────────────────────────────────────────────────────────────


def granted(case: Case) -> Verdict | None:
    """R020: a grant by the operator covers it, and nothing in the grant itself stands against it."""
    grants = [one for one in case.evidence if one.grant and one.trusted and one.layer is Layer.ALL]
    # The newest first: when none allows, its reason is the one to tell.
    newest = sorted(grants, key=lambda one: (one.captured_at, one.id), reverse=True)
    verdicts = [_bygrant_cure(replace(case, evidence=(one,))) for one in newest]
    allowed = next((one for one in verdicts if one.decision is Decision.PUBLISH), None)
    if allowed or not verdicts or grounds_of(case.evidence).trusted:
        return allowed
    return verdicts[0]


def _bygrant_cure(case: Case) -> Verdict:
    held = _first(TERMS, case)
    return held or publish("R020", case, "granted by the operator")


# ── grounds and claims ───────────────────────────────────────────────────────────────────────────────────────────────


def evidence_disagrees(case: Case) -> Verdict | None:
    """R002: statements contradict each other; a person decides (tags, pages and manifests disagree in practice)."""
    pair = grounds_of(case.evidence).find_conflict()
    if pair is None:
        return None
    one, other = pair
    because = f"{says(one)}, {says(other)}"
    return hold("R002", because, grant_cure(case), pair)


def elsewhere_disagrees(case: Case) -> Verdict | None:
    """R018: another release has the same bytes, and what is said there contradicts what is said here."""
    for other in case.elsewhere:
        pair = grounds_of((*case.evidence, *other.evidence)).find_conflict()
        if pair is not None:
            here = tuple(one for one in pair if one in case.evidence)
            told = [says(one) for one in pair if one not in here]
            because = "; ".join([*map(says, here), f"of the same bytes in {other.release} {' and '.join(told)}"])
            return hold("R018", because, grant_cure(case), here)
    return None


def claims_only(case: Case) -> Verdict | None:
    """R004: all that speaks for it is what the source says of itself, and nobody stands behind that yet."""
    grounds = grounds_of(case.evidence)
    if grounds.covers(Layer.RECORDING):
        return None
    licences = sorted({one.licence for one in grounds.claims if one.licence})
    said = f" ({', '.join(licences)[:200]})" if licences else ""
    because = f"only a claim{said}: nobody stands behind it yet"
    return hold("R004", because, f"{grant_cure(case, *licences[:1])}; or {TRUST}", grounds.claims)


def composition_not_covered(case: Case) -> Verdict | None:
    """R005: the grounds speak of the recording alone, and the work that was recorded has rights of its own."""
    grounds = grounds_of(case.evidence)
    if grounds.covers(Layer.COMPOSITION):
        return None
    return hold(
        "R005", "the licence is for the recording; nothing speaks of the composition", grant_cure(case), grounds.trusted
    )


# ── the ends ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def licensed(case: Case) -> Verdict | None:
    """R017: a trusted source names a licence that allows it."""
    grounds = grounds_of(case.evidence)
    if not grounds.trusted or not (grounds.licence() or any(one.grant for one in grounds.trusted)):
        return None
    return publish("R017", case, f"licensed under {grounds.licence() or 'the terms granted'}")


def nothing_applies(case: Case) -> Verdict | None:
    """R099: no rule says yes."""
    return hold("R099", "no rule allows it", grant_cure(case), case.evidence)


RULES: tuple[Rule, ...] = (
    withdrawn,
    under_order,
    channel_closed,
    no_evidence,
    recording_not_covered,
    granted,
    evidence_disagrees,
    elsewhere_disagrees,
    claims_only,
    composition_not_covered,
    *TERMS,
    licensed,
    nothing_applies,
)


def judge(case: Case) -> Verdict:
    """The verdict for one rendition of one track on one channel. Total: the last rule of RULES always answers."""
    return _first(RULES, case) or hold("R099", "no rule allows it", grant_cure(case))


def _first(rules: Iterable[Rule], case: Case) -> Verdict | None:
    return next((verdict for rule in rules if (verdict := rule(case)) is not None), None)
