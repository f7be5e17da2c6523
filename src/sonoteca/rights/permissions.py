"""Permissions: the rules about what the grounds themselves say: time, channel, territory, licence. Part of the table
in rules.py.

Takes  a Case whose grounds do not contradict each other; or a single grant.   Gives  a Verdict that holds, or None.
Never  publishes: these rules only stand against it.
"""

from sonoteca.model.rights import Case, Channel, Evidence, EvidenceKind, Rendition, Verdict
from sonoteca.rights.grounds import grounds_of
from sonoteca.rights.licence_classes import class_of, is_public_domain
from sonoteca.rights.licence_table import LicenceClass
from sonoteca.rights.licences import understand
from sonoteca.rights.records import is_date
from sonoteca.rights.verdicts import Rule, grant_cure, hold

SWARMING = frozenset({Channel.SWARM, Channel.MIRROR})
SERVED = frozenset({Channel.STREAM, Channel.DOWNLOAD})


def not_yet_valid(case: Case) -> Verdict | None:
    """R006: the permission begins later."""
    later = [one for one in _grounds(case) if _is_before(case.now, one.valid_from)]
    if not later:
        return None
    return hold(
        "R006", f"the permission begins on {later[0].valid_from}", grant_cure(case), later, grounds_of(case.evidence)
    )


def expired(case: Case) -> Verdict | None:
    """R007: the permission has ended."""
    over = [one for one in _grounds(case) if _is_after(case.now, one.valid_until)]
    if not over:
        return None
    return hold(
        "R007", f"the permission ended on {over[0].valid_until}", grant_cure(case), over, grounds_of(case.evidence)
    )


def channel_not_covered(case: Case) -> Verdict | None:
    """R008: the permission is for other channels."""
    other = [one for one in _grounds(case) if one.channels and case.channel not in one.channels]
    if not other:
        return None
    channels = ", ".join(str(channel) for channel in other[0].channels)
    return hold(
        "R008",
        f"the permission is for {channels}, not for {case.channel}",
        grant_cure(case),
        other,
        grounds_of(case.evidence),
    )


def limited(case: Case) -> Verdict | None:
    """R009: limited to a territory or a time; what is in a swarm or a mirror cannot be kept to either."""
    grounds = grounds_of(case.evidence)
    bound = [one for one in (*grounds.trusted, *grounds.claims) if one.territories or one.valid_until]
    if case.channel in SWARMING and bound:
        limit = (
            f"until {bound[0].valid_until}" if bound[0].valid_until else f"in {', '.join(bound[0].territories)[:100]}"
        )
        return hold(
            "R009", f"permitted only {limit}, which nobody can keep in a {case.channel}", grant_cure(case), bound
        )
    return None


def outside_territory(case: Case) -> Verdict | None:
    """R011: limited to a territory; whoever asks over the network may be anywhere."""
    bound = [one for one in _grounds(case) if one.territories]
    if case.channel not in SERVED or not bound:
        return None
    where = ", ".join(bound[0].territories)[:100]
    return hold(
        "R011", f"permitted only in {where}; a {case.channel} is not kept to a territory", grant_cure(case), bound
    )


def reserved(case: Case) -> Verdict | None:
    """R012: all rights are reserved, and nothing else is said."""
    # A grant may name the reserved rights that its words give permission for; when it has no other words it gives none.
    found = [one for one in grounds_of(case.evidence).counting() if _is_reserving(one)]
    if not found:
        return None
    return hold("R012", f"rights are reserved ({found[0].licence})", grant_cure(case), found, grounds_of(case.evidence))


def not_understood(case: Case) -> Verdict | None:
    """R013: the licence is in words or of a name that nobody here knows; a person has to read it."""
    grounds = grounds_of(case.evidence)
    found = [one for one in grounds.unreadable() if not one.grant]
    if not found:
        return None
    word = found[0].licence or found[0].statement[:120] or "no licence"
    if found[0].names:
        word = f"a text that names {', '.join(found[0].names)[:200]}"
    return hold(
        "R013",
        f"what it says is not a licence that is known: {word}",
        grant_cure(case),
        found,
        grounds_of(case.evidence),
    )


def public_domain(case: Case) -> Verdict | None:
    """R014: said to be in the public domain; that is a conclusion, and nobody has written down the reasoning."""
    found = [
        one for one in _ungranted(case) if is_public_domain(one.licence) and one.kind is not EvidenceKind.PUBLIC_DOMAIN
    ]
    if not found:
        return None
    cure = f'{grant_cure(case, found[0].licence)}; or reasoning = "…" in rights.toml'
    return hold(
        "R014",
        f"said to be in the public domain ({found[0].licence}), without the reasons",
        cure,
        found,
        grounds_of(case.evidence),
    )


def noncommercial(case: Case) -> Verdict | None:
    """R015: NonCommercial, and the operator has not stated that the archive is."""
    grounds = grounds_of(case.evidence)
    if case.policy.noncommercial_archive or "nc" not in grounds.forbidden():
        return None
    cure = "noncommercial_archive = true in sonoteca.toml, if nothing here is commercial"
    return hold("R015", f"{grounds.licence()} allows no commercial use", cure, grounds.trusted, grounds)


def no_derivatives(case: Case) -> Verdict | None:
    """R016: NoDerivatives: only the master's own bytes, and never a part of them."""
    grounds = grounds_of(case.evidence)
    if "nd" not in grounds.forbidden() or (case.rendition is Rendition.ORIGINAL and not case.is_cut):
        return None
    what = "a part of the master" if case.is_cut else "anything made from the master"
    return hold("R016", f"{grounds.licence()} does not allow {what}", grant_cure(case), grounds.trusted, grounds)


TERMS: tuple[Rule, ...] = (
    not_yet_valid,
    expired,
    channel_not_covered,
    limited,
    outside_territory,
    reserved,
    not_understood,
    public_domain,
    noncommercial,
    no_derivatives,
)


def _grounds(case: Case) -> tuple[Evidence, ...]:
    return grounds_of(case.evidence).trusted


def _is_reserving(one: Evidence) -> bool:
    said = understand(one.statement).licence_class if one.grant else LicenceClass.RESERVED
    return class_of(one.licence) is LicenceClass.RESERVED is said


def _ungranted(case: Case) -> list[Evidence]:
    return [one for one in grounds_of(case.evidence).counting() if not one.grant]


def _is_before(now: str, date: str) -> bool:
    return bool(date) and (not is_date(date) or now[: len(date)] < date)


def _is_after(now: str, date: str) -> bool:
    # A year, month or day counts to its end. What is no date says nothing that could be relied on: it has passed.
    return bool(date) and (not is_date(date) or now[: len(date)] > date)
