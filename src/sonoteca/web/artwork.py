"""Artwork: whether the picture that came with a release may be shown. Pure.

Takes  what is known of a release.   Gives  the logical path of its front cover, or "".
Never  shows a picture because the sound beside it is free: a statement must speak of the work as a whole, or of its
       artwork, and somebody must stand behind it. Pictures of kinds that can hold programs are never shown.
"""

from sonoteca.holdings import Standing
from sonoteca.model.rights import Decision, Evidence, Layer
from sonoteca.rights.licence_classes import class_of
from sonoteca.rights.licence_table import LicenceClass

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


def find_artwork(found: Standing) -> str:
    """The cover that may be shown."""
    front = next((one for one in found.release.artwork if one.lower().endswith(PICTURES)), "")
    return front if front and _is_open(found) else ""


def _is_open(found: Standing) -> bool:
    resting = {
        one for verdict in found.words.values() if verdict.decision is Decision.PUBLISH for one in verdict.evidence
    }
    said = [one for one in found.evidence if one.trusted and not one.paths]
    own = [one for one in said if one.layer is Layer.ARTWORK]
    # What is said of the artwork itself counts, also when it says no.
    if own:
        return all(_allows_showing(one) for one in own)
    return any(one.layer is Layer.ALL and one.id in resting for one in said)


def _allows_showing(one: Evidence) -> bool:
    return class_of(one.licence) in (LicenceClass.FREE, LicenceClass.ND)
