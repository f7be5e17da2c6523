"""Rules: each rule by its case, and the laws that no combination of evidence may break."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.model.rights import Case, Channel, Decision, Evidence, EvidenceKind, Layer, Policy, Rendition
from sonoteca.rights.licence_classes import forbidden_by
from sonoteca.rights.rules import RULES, judge
from tests.unit.rights.making import case, claim, evidence, grant

CHANNELS = tuple(Channel)
NC_ARCHIVE = Policy(noncommercial_archive=True)


def decided(*said: Evidence, **fields: object) -> tuple[str, str]:
    verdict = judge(case(*said, **fields))
    return str(verdict.decision), verdict.rule


# ── each rule by its case ────────────────────────────────────────────────────────────────────────────────────────────


def test_licensed_by_a_trusted_source() -> None:
    said = evidence("CC-BY-SA-3.0")
    verdict = judge(case(said))
    assert (verdict.decision, verdict.rule) == (Decision.PUBLISH, "R017")
    assert (verdict.licence, verdict.licence_class) == ("CC-BY-SA-3.0", "free")
    assert verdict.evidence == (said.id,)
    assert verdict.cure == ""


def test_held_by_the_operator_whatever_the_evidence() -> None:
    verdict = judge(case(grant("CC0"), held_because="the label asked", held_target="trk_x"))
    assert (verdict.decision, verdict.rule) == (Decision.HOLD, "R000")
    assert verdict.cure == "sonoteca rights hold trk_x --lift"
    assert "the label asked" in verdict.because


def test_a_channel_that_the_settings_do_not_open() -> None:
    only = Policy(publish_channels=(Channel.STREAM,))
    assert decided(evidence("CC0"), policy=only) == ("hold", "R010")
    assert decided(evidence("CC0"), policy=only, channel=Channel.STREAM) == ("publish", "R017")


def test_nothing_to_rest_on() -> None:
    assert decided() == ("hold", "R001")


def test_only_the_composition_or_the_cover_is_spoken_of() -> None:
    assert decided(evidence("CC0", layer=Layer.COMPOSITION), evidence("CC0", layer=Layer.ARTWORK)) == ("hold", "R003")


def test_a_strangers_claims_are_held() -> None:
    assert decided(claim("CC0", kind=EvidenceKind.MANIFEST)) == ("hold", "R004")
    verdict = judge(case(claim("CC-BY-4.0")))
    assert "--licence CC-BY-4.0" in verdict.cure
    assert "--trust-manifest" in verdict.cure


def test_claims_that_contradict_each_other() -> None:
    """The hostile file license-conflict.flac says both."""
    both = (claim("https://creativecommons.org/publicdomain/zero/1.0/"), claim("All rights reserved"))
    assert decided(*both) == ("hold", "R002")


def test_the_recording_alone_does_not_free_the_composition() -> None:
    recording = evidence("CC-BY-4.0", layer=Layer.RECORDING)
    assert decided(recording) == ("hold", "R005")
    reasoned = evidence("public domain", layer=Layer.COMPOSITION, kind=EvidenceKind.PUBLIC_DOMAIN)
    verdict = judge(case(recording, reasoned))
    assert (verdict.decision, verdict.rule) == (Decision.PUBLISH, "R017")
    assert verdict.licence == "CC-BY-4.0 AND LicenseRef-scancode-public-domain"
    assert decided(recording, evidence("CC-BY-NC-4.0", layer=Layer.COMPOSITION)) == ("hold", "R015")


@pytest.mark.parametrize(
    ("date", "rule"), [("2026-11-24", "R006"), ("2027", "R006"), ("2026-11-23", "R017"), ("soon", "R006")]
)
def test_not_yet_valid(date: str, rule: str) -> None:
    assert decided(evidence("CC0", valid_from=date))[1] == rule


@pytest.mark.parametrize(
    ("date", "rule"),
    [("2026-11-22", "R007"), ("2025", "R007"), ("2026-11-23", "R017"), ("2026", "R017"), ("never", "R007")],
)
def test_expired(date: str, rule: str) -> None:
    assert decided(evidence("CC0", valid_until=date))[1] == rule


def test_channels_not_covered() -> None:
    said = evidence("CC0", channels=(Channel.STREAM, Channel.ON_SITE))
    assert decided(said, channel=Channel.STREAM) == ("publish", "R017")
    assert decided(said) == ("hold", "R008")


@pytest.mark.parametrize("limit", [{"territories": ("DE",)}, {"valid_until": "2030-01-01"}])
def test_limited_never_enters_a_swarm_or_a_mirror(limit: dict[str, object]) -> None:
    said = evidence("CC-BY-4.0", **limit)
    assert decided(said, channel=Channel.SWARM) == ("hold", "R009")
    assert decided(said, channel=Channel.MIRROR) == ("hold", "R009")
    assert decided(said, channel=Channel.ON_SITE) == ("publish", "R017")


def test_a_territory_is_not_kept_over_the_network() -> None:
    said = evidence("CC-BY-4.0", territories=("DE", "AT"))
    assert decided(said, channel=Channel.STREAM) == ("hold", "R011")
    assert decided(said, channel=Channel.DOWNLOAD) == ("hold", "R011")
    assert decided(evidence("CC-BY-4.0", valid_until="2030"), channel=Channel.STREAM) == ("publish", "R017")


def test_reserved() -> None:
    assert decided(evidence("All rights reserved")) == ("hold", "R012")
    assert decided(evidence("http://rightsstatements.org/vocab/InC/1.0/")) == ("hold", "R012")


@pytest.mark.parametrize(
    "words",
    ["NOASSERTION", "LicenseRef-Drascula", "see the website", "CC BY", "Aladdin", "for non-commercial use only"],
)
def test_what_nobody_here_knows(words: str) -> None:
    assert decided(evidence(words)) == ("hold", "R013")


def test_a_text_that_names_several_licences_is_no_ground() -> None:
    several = evidence("x", licence="", names=("CC-BY-4.0", "MIT"), kind=EvidenceKind.LICENCE_FILE)
    assert decided(several) == ("hold", "R013")


def test_the_public_domain_is_reasoned_and_not_said() -> None:
    assert decided(evidence("public domain")) == ("hold", "R014")
    assert decided(evidence("https://creativecommons.org/publicdomain/mark/1.0/")) == ("hold", "R014")
    assert decided(evidence("public domain", kind=EvidenceKind.PUBLIC_DOMAIN)) == ("publish", "R017")
    assert decided(evidence("CC0")) == ("publish", "R017")


@pytest.mark.parametrize(("words", "licence_class"), [("CC-BY-NC-4.0", "nc"), ("CC-BY-NC-ND-4.0", "nc-nd")])
def test_noncommercial_only_where_the_operator_says_so(words: str, licence_class: str) -> None:
    verdict = judge(case(evidence(words)))
    assert (verdict.decision, verdict.rule, verdict.licence_class) == (Decision.HOLD, "R015", licence_class)
    assert "noncommercial_archive" in verdict.cure
    verdict = judge(case(evidence(words), policy=NC_ARCHIVE))
    assert (verdict.decision, verdict.licence_class) == (Decision.PUBLISH, licence_class)


def test_no_derivatives_only_as_it_is() -> None:
    said = evidence("CC-BY-ND-4.0")
    assert decided(said) == ("publish", "R017")
    assert decided(said, rendition=Rendition.DERIVED) == ("hold", "R016")
    assert decided(said, is_cut=True) == ("hold", "R016")


# ── grounds and claims ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "tag",
    ["All rights reserved", "CC BY-NC 4.0", "CC-BY-ND-4.0", "CC BY-NC", "promo only", "for non-commercial use only"],
)
def test_a_claim_that_forbids_more_stops_a_trusted_licence(tag: str) -> None:
    assert decided(evidence("CC-BY-4.0"), claim(tag)) == ("hold", "R002")
    assert decided(evidence("CC-BY-4.0"), claim(tag), grant("CC-BY-4.0")) == ("publish", "R020")


@pytest.mark.parametrize("tag", ["GPL", "CC BY-SA 3.0", "public domain", "MIT", "something odd", "LicenseRef-Mine"])
def test_a_claim_that_forbids_no_more_stops_nothing(tag: str) -> None:
    assert decided(evidence("CC-BY-4.0"), claim(tag)) == ("publish", "R017")


def test_a_notice_and_the_same_licence_is_no_contradiction() -> None:
    assert decided(evidence("CC-BY-4.0"), claim("(c) X. All rights reserved. Licensed under CC BY 4.0")) == (
        "publish",
        "R017",
    )
    assert decided(evidence("CC-BY-SA-4.0"), claim("(c) X. All rights reserved. Not free.")) == ("hold", "R002")


def test_trusted_statements_have_to_agree() -> None:
    manifest = evidence("GPL-2.0-only")
    assert decided(manifest, evidence("GPL", kind=EvidenceKind.LICENCE_FILE)) == ("publish", "R017")
    assert decided(manifest, evidence("CC0", kind=EvidenceKind.LICENCE_FILE)) == ("hold", "R002")
    assert decided(manifest, evidence("GPL-3.0-only")) == ("hold", "R002")


def test_licence_files_support_an_exact_statement_when_one_of_them_agrees() -> None:
    manifest = evidence("CC-BY-SA-3.0")
    files = [evidence(words, kind=EvidenceKind.LICENCE_FILE) for words in ("CC-BY-SA-3.0", "GPL-2.0-or-later")]
    assert decided(manifest, *files) == ("publish", "R017")
    several = evidence("x", licence="", names=("GPL-2.0-or-later", "CC-BY-SA-3.0"), kind=EvidenceKind.LICENCE_FILE)
    assert decided(manifest, several) == ("publish", "R017")
    assert decided(evidence("CC0"), several) == ("hold", "R002")
    assert decided(*files) == ("hold", "R002")
    unreadable = evidence("odd words", kind=EvidenceKind.LICENCE_FILE)
    assert decided(manifest, unreadable) == ("publish", "R017")
    assert decided(evidence("odd"), evidence("CC0", kind=EvidenceKind.LICENCE_FILE)) == ("hold", "R013")


def test_a_grant_outranks_claims_and_sources() -> None:
    assert decided(grant("CC-BY-4.0"), claim("All rights reserved"), claim("CC0")) == ("publish", "R020")
    assert decided(grant("CC-BY-4.0"), evidence("All rights reserved")) == ("publish", "R020")
    words = judge(case(grant("the label lets us share it")))
    assert (words.decision, words.licence, words.licence_class) == (Decision.PUBLISH, "", "custom")
    assert judge(case(grant("LicenseRef-Drascula"))).licence_class == "custom"
    assert decided(grant("All rights reserved")) == ("hold", "R012")
    permitted = replace(grant("All rights reserved"), statement="reserved, but you may share it")
    assert decided(permitted) == ("publish", "R020")


def test_a_grant_is_kept_to_its_own_terms() -> None:
    assert decided(grant("CC-BY-NC-4.0")) == ("hold", "R015")
    assert decided(grant("CC-BY-ND-4.0"), rendition=Rendition.DERIVED) == ("hold", "R016")
    assert decided(grant("CC0", channels=(Channel.STREAM,))) == ("hold", "R008")
    assert decided(grant("CC0", valid_until="2020")) == ("hold", "R007")
    assert decided(grant("CC0", territories=("DE",)), channel=Channel.SWARM) == ("hold", "R009")
    words = "we may share it for non-commercial purposes"
    assert decided(grant(words)) == ("hold", "R015")
    assert decided(grant(words), policy=NC_ARCHIVE) == ("publish", "R020")


def test_grants_add_up() -> None:
    narrow, wide = grant("CC0", channels=(Channel.STREAM,), captured_at="2026-02"), grant("CC0", captured_at="2026-01")
    assert decided(narrow, wide) == ("publish", "R020")
    assert decided(narrow, evidence("CC-BY-4.0")) == ("publish", "R017")
    composition = grant("CC0", layer=Layer.COMPOSITION)
    assert decided(composition) == ("hold", "R003")
    assert decided(composition, evidence("CC-BY-4.0", layer=Layer.RECORDING)) == ("publish", "R017")


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.sampled_from(
    [
        *("CC0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "GPL-2", "CC BY-NC"),
        *(
            "MIT OR CC-BY-NC-4.0",
            "MIT AND CC-BY-ND-4.0",
            "public domain",
            "All rights reserved",
            "NOASSERTION",
            "odd words",
        ),
        *(
            "LicenseRef-X",
            "for non-commercial use only",
            "http://rightsstatements.org/vocab/InC-NC/1.0/",
            "CC0 and CC BY 4.0",
        ),
    ]
)
DATES = st.sampled_from(["", "2020", "2026-11-23", "2030-01-01", "2040", "no date"])
ANY_EVIDENCE = st.builds(
    evidence,
    WORDS,
    kind=st.sampled_from(list(EvidenceKind)),
    trusted=st.booleans(),
    layer=st.sampled_from(list(Layer)),
    channels=st.sampled_from([(), (), (Channel.STREAM,), (Channel.DOWNLOAD, Channel.SWARM)]),
    territories=st.sampled_from([(), (), ("DE",)]),
    valid_from=DATES,
    valid_until=DATES,
)
ANY_GRANT = st.builds(
    grant,
    WORDS,
    layer=st.sampled_from(list(Layer)),
    channels=st.sampled_from([(), (Channel.STREAM,)]),
    territories=st.sampled_from([(), ("DE",)]),
    valid_from=DATES,
    valid_until=DATES,
)
PLAIN = st.builds(evidence, WORDS, kind=st.sampled_from(list(EvidenceKind)), trusted=st.booleans())
ANY_SAID = st.lists(st.one_of(ANY_EVIDENCE, PLAIN, PLAIN, ANY_GRANT), max_size=4).map(tuple)
ANY_CASE = st.builds(
    lambda said, **fields: case(*said, **fields),
    ANY_SAID,
    rendition=st.sampled_from(list(Rendition)),
    channel=st.sampled_from(CHANNELS),
    policy=st.builds(
        Policy,
        noncommercial_archive=st.booleans(),
        publish_channels=st.sampled_from([CHANNELS, CHANNELS, (Channel.STREAM,)]),
    ),
    is_cut=st.booleans(),
    held_because=st.sampled_from(["", "", "", "an order"]),
)
MANY = settings(max_examples=200)


@MANY
@given(ANY_CASE)
def test_every_case_has_a_verdict_with_its_reason(one: Case) -> None:
    verdict = judge(one)
    known = {match[1] for rule in RULES if (match := re.match(r"(R\d{3}): ", rule.__doc__ or ""))}
    assert verdict.rule in known
    assert verdict.because
    assert bool(verdict.cure) == (verdict.decision is Decision.HOLD)
    assert set(verdict.evidence) <= {said.id for said in one.evidence}
    assert judge(one) == verdict


@MANY
@given(ANY_CASE)
def test_nothing_is_published_without_trusted_evidence(one: Case) -> None:
    verdict = judge(one)
    if verdict.decision is Decision.PUBLISH:
        rests_on = [said for said in one.evidence if said.id in verdict.evidence]
        assert rests_on
        assert all(said.trusted for said in rests_on)
        assert not one.held_because
        assert one.channel in one.policy.publish_channels
        assert any(said.layer in (Layer.ALL, Layer.RECORDING) for said in rests_on)


@MANY
@given(ANY_SAID)
def test_without_the_trusted_nothing_is_published(said: tuple[Evidence, ...]) -> None:
    claims = tuple(replace(one, trusted=False, grant="") for one in said)
    assert judge(case(*claims)).decision is Decision.HOLD


@MANY
@given(ANY_CASE)
def test_what_is_published_keeps_its_licence(one: Case) -> None:
    verdict = judge(one)
    if verdict.decision is Decision.PUBLISH:
        if "nc" in forbidden_by(verdict.licence):
            assert one.policy.noncommercial_archive
            assert verdict.licence_class in ("nc", "nc-nd", "custom")
        if "nd" in forbidden_by(verdict.licence):
            assert one.rendition is Rendition.ORIGINAL
            assert not one.is_cut


@MANY
@given(ANY_CASE)
def test_what_is_limited_never_swarms(one: Case) -> None:
    verdict = judge(one)
    if verdict.decision is Decision.PUBLISH and one.channel in (Channel.SWARM, Channel.MIRROR):
        rests_on = [said for said in one.evidence if said.id in verdict.evidence]
        assert all(not said.territories and not said.valid_until for said in rests_on)


@MANY
@given(ANY_CASE, st.one_of(ANY_EVIDENCE, PLAIN))
def test_a_claim_never_turns_hold_into_publish(one: Case, said: Evidence) -> None:
    more = replace(one, evidence=(*one.evidence, replace(said, trusted=False)))
    if judge(more).decision is Decision.PUBLISH:
        assert judge(one).decision is Decision.PUBLISH


@MANY
@given(ANY_CASE)
def test_time_alone_only_takes_away_after_the_last_beginning(one: Case) -> None:
    """Once every permission has begun, nothing that is held is published by waiting."""
    if (
        all(not said.valid_from for said in one.evidence)
        and judge(replace(one, now="2050-01-01T00:00:00Z")).decision is Decision.PUBLISH
    ):
        assert judge(one).decision is Decision.PUBLISH


@MANY
@given(ANY_CASE, st.permutations(range(4)))
def test_the_order_of_the_evidence_decides_nothing(one: Case, places: list[int]) -> None:
    shuffled = tuple(one.evidence[place] for place in places if place < len(one.evidence))
    assert judge(replace(one, evidence=shuffled)).decision is judge(one).decision
