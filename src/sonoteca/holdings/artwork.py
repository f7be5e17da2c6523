"""Artwork: whether the picture that came with a release may be shown, and which files may carry it. Pure.

Takes  what is known of a release.
Gives  the logical path of its front cover, or ""; those of its pictures that may stand in files, and in which.
Never  shows a picture because the sound beside it is free: a statement must speak of the work as a whole, or of its
       artwork, and somebody must stand behind it. Pictures of kinds that can hold programs are never shown.
Never  lets a picture into a file under other terms than the file says: who has the file has no page beside it.
"""

from sonoteca.acquire.artwork import fronts
from sonoteca.holdings.standing import PUBLIC, Standing
from sonoteca.model.release import MasterRole
from sonoteca.model.rights import Decision, Evidence, Layer, Rendition, Verdict
from sonoteca.rights.licence_classes import class_of
from sonoteca.rights.licence_table import LicenceClass

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
CARRIED = (".png", ".jpg", ".jpeg")  # what players of files show


def find_artwork(found: Standing) -> str:
    """The cover that may be shown."""
    front = next(iter(_shown(found)), "")
    return front if front and _is_open(found) else ""


def _shown(found: Standing) -> tuple[str, ...]:
    return tuple(one for one in found.release.artwork if one.lower().endswith(PICTURES))


class Covers:
    """The pictures that files made of a release's tracks may carry. `paths` are the logical paths of those that are
    files of the release, the front cover first, then smaller ones of it; () for none."""

    def __init__(self, found: Standing) -> None:
        carried = (one for one in fronts(_shown(found)) if one.lower().endswith(CARRIED))
        self.paths = tuple(carried) if _is_open(found) else ()
        self._digests = {digest for path, digest in found.pictures if path in self.paths}
        self._inside = _inside(found) if _is_open(found) else {}
        self._found = found
        self._own = tuple(one for one in found.evidence if one.layer is Layer.ARTWORK)
        self._whole = frozenset(
            one.id for one in found.evidence if one.trusted and not one.paths and one.layer is Layer.ALL
        )

    def may(self, track: str, digest: str) -> bool:
        """Whether this picture may leave in a file of this track, by every channel by which such files do."""
        judged = (self._found.verdict(track, Rendition.DERIVED, channel) for channel in PUBLIC)
        verdicts = [one for one in judged if one and one.decision is Decision.PUBLISH]
        known = digest in self._digests or digest == self.inside(track)
        return known and bool(digest and verdicts) and all(map(self._is_under, verdicts))

    def inside(self, track: str) -> str:
        """The digest of the picture that came inside the master of a track, "" for none."""
        return self._inside.get(track, "")

    def _is_under(self, verdict: Verdict) -> bool:
        """Whether what lets the sound out lets the picture out, under the same licence."""
        if self._own:
            return all(one.licence == verdict.licence and not _is_limited(one) for one in self._own)
        return not self._whole.isdisjoint(verdict.evidence)


def _inside(found: Standing) -> dict[str, str]:
    digests = dict(found.inside)
    masters = sorted(found.release.masters, key=lambda one: one.path, reverse=True)
    by_recording = {one.recording: digests.get(one.path, "") for one in masters if one.role is MasterRole.PRIMARY}
    return {one.id: by_recording.get(one.recording, "") for one in found.release.tracks}


def _is_limited(one: Evidence) -> bool:
    return bool(one.channels or one.territories or one.valid_from or one.valid_until or one.paths)


def is_refused(found: Standing) -> bool:
    """Whether somebody who is stood behind reserves the rights in the artwork, or the operator holds it. Silence is
    another matter: what came with a picture inside is published as it came."""
    return any(one.layer is Layer.ARTWORK and class_of(one.licence) is LicenceClass.RESERVED for one in _said(found))


def _said(found: Standing) -> list[Evidence]:
    return [one for one in found.evidence if one.trusted and not one.paths]


def _is_open(found: Standing) -> bool:
    resting = {
        one for verdict in found.words.values() if verdict.decision is Decision.PUBLISH for one in verdict.evidence
    }
    said = _said(found)
    own = [one for one in said if one.layer is Layer.ARTWORK]
    # What is said of the artwork itself counts, also when it says no.
    if own:
        return all(_allows_showing(one) for one in own)
    return any(one.layer is Layer.ALL and one.id in resting for one in said)


def _allows_showing(one: Evidence) -> bool:
    return class_of(one.licence) in (LicenceClass.FREE, LicenceClass.ND)
