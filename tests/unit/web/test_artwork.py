"""Artwork is shown when a statement about the whole, or about the artwork, lets it; not because the sound is free."""

from dataclasses import replace

import pytest

from sonoteca.holdings import Standing
from sonoteca.model.ids import ReleaseId
from sonoteca.model.release import Release, Statement
from sonoteca.model.rights import Channel, Decision, Evidence, EvidenceKind, Layer, Rendition, Verdict
from sonoteca.web.artwork import find_artwork

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
