"""Findings: what a check saw, with a stable code, how grave it is, and where.

A check over many things returns `list[Finding]` and never stops at the first. Codes are data: FINDINGS says what each
code means in plain words and how grave it is. Letters: F a file as found, A its audio, T its tags, P a picture,
K a checksum list, C a cue sheet, M a manifest or licence file, S the store, L the ledger, E a sheet of edits.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """note: good to know. warning: kept, something is wrong. refuse: not taken in. damage: the store itself."""

    NOTE = "note"
    WARNING = "warning"
    REFUSE = "refuse"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing seen: `code` (see FINDINGS), `where` (a path as shown to people), `detail` in plain words."""

    code: str
    severity: Severity
    where: str = ""
    detail: str = ""


# code: (how grave, what it means)
FINDINGS: dict[str, tuple[Severity, str]] = {
    "F001": (Severity.REFUSE, "a link: never followed"),
    "F002": (Severity.REFUSE, "not a regular file (FIFO, socket or device): never opened"),
    "F003": (Severity.REFUSE, "its mode lets nobody read it"),
    "F004": (Severity.REFUSE, "empty"),
    "F005": (Severity.REFUSE, "neither a recording nor a document that an archive keeps"),
    "F006": (Severity.REFUSE, "the limited process that looked into it did not survive it"),
    "F010": (Severity.NOTE, "left behind by an operating system or a player: not kept"),
    "F011": (Severity.REFUSE, "a packed archive: unpack it, then add the folder"),
    "F012": (Severity.REFUSE, "a folder named like a recording, with nothing in it"),
    "F013": (Severity.REFUSE, "nested deeper than is read"),
    "F014": (Severity.REFUSE, "more files than one release may have"),
    "F015": (Severity.REFUSE, "no recording in this folder, and no release that its files belong to"),
    "C001": (Severity.WARNING, "a line of the cue sheet cannot be understood"),
    "C002": (Severity.WARNING, "track numbers of the cue sheet do not count up by one"),
    "C003": (Severity.WARNING, "more than 99 tracks, which no disc has"),
    "C004": (Severity.WARNING, "a track of the cue sheet has no start"),
    "C005": (Severity.NOTE, "the cue sheet is not in UTF-8; its encoding was guessed"),
    "C006": (Severity.WARNING, "times of the cue sheet do not go forward"),
    "C007": (Severity.NOTE, "sound before the first track: kept with the first track"),
    "C008": (Severity.WARNING, "the cue sheet does not fit the recording: taken as one track"),
    "C009": (Severity.WARNING, "not a cue sheet"),
    "K001": (Severity.NOTE, "agrees with the checksum list"),
    "K002": (Severity.WARNING, "does not agree with the checksum list"),
    "K003": (Severity.WARNING, "named in a checksum list, and not there"),
    "K004": (Severity.NOTE, "not named in the checksum list of its folder"),
    "K005": (Severity.WARNING, "lines of the checksum list cannot be understood"),
    "K006": (Severity.WARNING, "the checksum list names a path outside its own folder: left out"),
    "K007": (Severity.NOTE, "named in a checksum list, and could not be compared"),
    "K008": (Severity.WARNING, "two entries of one checksum list contradict each other"),
    "S001": (Severity.DAMAGE, "the object is not in the store"),
    "S002": (Severity.DAMAGE, "the object has no inventory that can be used, or that of another"),
    "S003": (Severity.DAMAGE, "an inventory differs from the digest beside it"),
    "S004": (Severity.DAMAGE, "an inventory breaks the law of OCFL"),
    "S005": (Severity.DAMAGE, "a file of the object is missing"),
    "S006": (Severity.DAMAGE, "a file differs from its digest"),
    "S007": (Severity.DAMAGE, "something in the object that its inventory does not name"),
    "S008": (Severity.DAMAGE, "a link, a file with several names, or no file at all: none of them belongs there"),
    "S009": (Severity.DAMAGE, "the mark of the object is missing or differs"),
    "S010": (Severity.DAMAGE, "an empty folder in the store"),
    "S011": (Severity.DAMAGE, "the object's inventory is not that of its newest version"),
    "S012": (Severity.DAMAGE, "the inventory of an older version tells another past than the newest"),
    "S013": (Severity.WARNING, "a master without hash layers: a torrent would have to read it again"),
    "S014": (Severity.DAMAGE, "cannot be read: the disk says no"),
    "S015": (Severity.DAMAGE, "a file of the storage root is missing or differs"),
    "S016": (Severity.DAMAGE, "something in the store that is neither an object nor on the way to one"),
    "S017": (Severity.WARNING, "something beside the objects that the archive did not put there"),
    "S901": (Severity.DAMAGE, "a record or an attachment cannot be read, or is not what its name says"),
    "L001": (Severity.DAMAGE, "the checkpoint of the ledger is missing, cannot be read, or its signature is wrong"),
    "L002": (Severity.DAMAGE, "entries of the ledger are missing or cannot be read"),
    "L003": (Severity.DAMAGE, "a file of the ledger differs from what its entries give"),
    "L004": (Severity.DAMAGE, "the entries of the ledger do not give the root that was signed"),
    "L005": (Severity.DAMAGE, "the ledger does not begin with a recovery key"),
    "E001": (Severity.REFUSE, "the sheet cannot be read: nothing in it was taken"),
    "E002": (Severity.WARNING, "the row names a release or track that is not here: left out"),
    "E003": (Severity.WARNING, "the row cannot be understood: left out"),
    "E004": (Severity.WARNING, "the release has changed since the sheet was exported: the row is left out"),
    "E005": (Severity.WARNING, "rows of one release ask for different texts in one field: left as it is"),
    "E006": (Severity.WARNING, "the field cannot hold this text: left as it is"),
    "E007": (Severity.NOTE, "the sheet has a column that means nothing here"),
    "L006": (Severity.WARNING, "a file that does not belong to the ledger, or was left behind by a broken-off append"),
    "M001": (Severity.WARNING, "a manifest or licence file that cannot be read"),
    "M002": (Severity.WARNING, "larger than a manifest or licence file may be: kept, not read"),
    "M003": (Severity.WARNING, "a rights statement with a field that cannot be understood: it counts for nothing"),
    "M004": (Severity.NOTE, "a licence in words that are not understood"),
    "M005": (Severity.NOTE, "a text that names several licences, and not which of them covers these recordings"),
    "M006": (Severity.NOTE, "the manifest speaks of a file that is not there"),
    "M007": (Severity.WARNING, "more statements than one release may have: the rest is not read"),
}


def finding(code: str, *, where: str = "", detail: str = "") -> Finding:
    """The finding of this code, as grave as the table says."""
    return Finding(code=code, severity=FINDINGS[code][0], where=where, detail=detail)
