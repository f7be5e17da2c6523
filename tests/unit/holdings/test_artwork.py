"""Artwork is shown when a statement about the whole, or about the artwork, lets it; not because the sound is free."""

from dataclasses import replace

import pytest

from sonoteca.holdings import Standing
from sonoteca.holdings.artwork import Covers, find_artwork, is_refused
from sonoteca.model.ids import ReleaseId
from sonoteca.model.release import Release, Statement
from sonoteca.model.rights import Channel, Decision, Evidence, EvidenceKind, Layer, Rendition, Verdict

RELEASE = Release(
    id=ReleaseId("urn:uuid:00000000-0000-8000-8000-000000000001"),
    title=Statement(text="A", source="tag"),
    artwork=("artwork/drawing.svg", "artwork/front.JPG"),
)
WHOLE = Evidence(id="e1", kind=EvidenceKind.MANIFEST, statement="CC-BY-4.0", licence="CC-BY-4.0", trusted=True)
OWN = replace(WHOLE, id="e2", layer=Layer.ARTWORK)
VERDICT = Verdict(decision=Decision.PUBLISH, rule="R017", because="licensed", evidence=("e1",))


def standing(*evidence: Evidence, verdict: Verdict = VERDICT) -> Standing:
    words = {("trk", Rendition.ORIGINAL, Channel.DOWNLOAD): verdict}
    return Standing(release=RELEASE, words=words, files=(), refused=frozenset(), evidence=evidence)


@pytest.mark.parametrize(
    ("evidence", "is_shown"),
    [
        ((WHOLE,), True),
        ((WHOLE, OWN), True),
        ((replace(WHOLE, layer=Layer.RECORDING),), False),
        ((replace(WHOLE, layer=Layer.RECORDING), OWN), True),
        ((WHOLE, replace(OWN, licence="LicenseRef-all-rights-reserved")), False),
        ((WHOLE, replace(OWN, licence="")), False),
        ((replace(WHOLE, trusted=False),), False),
        ((replace(OWN, trusted=False),), False),
        ((replace(WHOLE, paths=("01.flac",)),), False),
        ((replace(WHOLE, id="e3"),), False),
        ((), False),
    ],
)
def test_what_lets_it(evidence: tuple[Evidence, ...], is_shown: bool) -> None:
    assert find_artwork(standing(*evidence)) == ("artwork/front.JPG" if is_shown else "")


def test_what_is_held_shows_nothing() -> None:
    assert find_artwork(standing(WHOLE, verdict=replace(VERDICT, decision=Decision.HOLD))) == ""


# ── in files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PICTURED = replace(
    RELEASE, artwork=("artwork/front.gif", "artwork/cover.jpg", "artwork/cover-small.png", "artwork/back.jpg")
)
FRONT, SMALL, BACK = "a" * 64, "b" * 64, "c" * 64


def covered(*evidence: Evidence, **verdicts: Verdict) -> Standing:
    """What may be carried in files of `trk`; `verdicts` by channel."""
    said = {Channel(name): verdict for name, verdict in verdicts.items()} or {Channel.DOWNLOAD: VERDICT}
    return Standing(
        release=PICTURED,
        words={("trk", Rendition.DERIVED, channel): verdict for channel, verdict in said.items()},
        files=(),
        refused=frozenset(),
        evidence=evidence,
        pictures=(("artwork/cover.jpg", FRONT), ("artwork/cover-small.png", SMALL), ("artwork/back.jpg", BACK)),
    )


def test_pictures_of_the_front_that_files_can_carry() -> None:
    found = Covers(covered(WHOLE))
    assert found.paths == ("artwork/cover.jpg", "artwork/cover-small.png")
    assert [found.may("trk", one) for one in (FRONT, SMALL, BACK, "")] == [True, True, False, False]
    assert not found.may("another", FRONT)


VERDICTS = replace(VERDICT, licence="CC-BY-4.0")


@pytest.mark.parametrize(
    ("evidence", "verdicts", "may"),
    [
        ((WHOLE,), {}, True),
        ((WHOLE, OWN), {}, True),
        ((WHOLE, replace(OWN, licence="CC-BY-SA-4.0")), {}, False),
        ((WHOLE, OWN, replace(OWN, id="e4", licence="LicenseRef-all-rights-reserved")), {}, False),
        ((WHOLE, replace(OWN, channels=(Channel.DOWNLOAD,))), {}, False),
        ((WHOLE, replace(OWN, territories=("FR",))), {}, False),
        ((WHOLE, replace(OWN, valid_until="2030")), {}, False),
        ((WHOLE, replace(OWN, trusted=False, licence="CC-BY-NC-4.0")), {}, False),
        ((replace(WHOLE, layer=Layer.RECORDING),), {}, False),
        ((replace(WHOLE, layer=Layer.RECORDING), OWN), {}, True),
        ((WHOLE,), {"swarm": replace(VERDICTS, evidence=("e9",))}, False),
        ((WHOLE,), {"download": VERDICTS, "swarm": replace(VERDICTS, decision=Decision.HOLD)}, True),
        ((WHOLE,), {"download": VERDICTS, "swarm": replace(VERDICTS, evidence=("e9",))}, False),
        ((WHOLE,), {"download": replace(VERDICTS, decision=Decision.HOLD)}, False),
    ],
)
def test_under_the_terms_of_the_sound_by_every_way_that_it_goes(
    evidence: tuple[Evidence, ...], verdicts: dict[str, Verdict], may: bool
) -> None:
    found = covered(*evidence, **(verdicts or {"download": VERDICTS}))
    assert Covers(found).may("trk", FRONT) is may


def test_silence_about_the_artwork_refuses_nothing() -> None:
    assert not is_refused(covered(WHOLE)) and not is_refused(covered())
    assert not is_refused(covered(replace(OWN, licence="CC-BY-NC-4.0")))
    assert is_refused(covered(WHOLE, replace(OWN, licence="LicenseRef-all-rights-reserved")))
    assert not is_refused(covered(WHOLE, replace(OWN, licence="LicenseRef-all-rights-reserved", trusted=False)))
