"""Credits: the text that travels with every published file, in plain words for a stranger.

Takes  a release, a track, what the verdict rests on, the archive's name, the files it speaks of.
Gives  UTF-8 bytes: who made it, what its licence allows and why this archive believes it, what was changed, how to
       check and whom to ask.
Never  says when it was made, or anything that is not in its arguments: the same arguments give the same bytes, so a
       rebuilt archive publishes the same file.

Whatever others wrote stands on one line, behind a label or quoted, and indented where it goes on: a name cannot become
a heading, a licence or an address of ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sonoteca.convert import licence_terms
from sonoteca.convert.attribution import attribution_of, find_address, people_of, public_source
from sonoteca.convert.paper import Paper
from sonoteca.convert.plain_text import one_line
from sonoteca.convert.recipes import is_cut
from sonoteca.model.ids import Digest
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.rights import Evidence, Verdict
from sonoteca.model.sound import Tier

MAX_CHARACTERS = 1000
MAX_GROUNDS = 20
MAX_NAMES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One statement of rights that the verdict rests on. `digest` is that of the file captured, "" for words alone.
    The note that a curator may have written beside it stays in the archive: what is published cannot be erased."""

    kind: str
    statement: str
    licence: str = ""
    issuer: str = ""
    captured_from: str = ""
    captured_at: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """What the verdict says of a track, and what it rests on. `source` is where the release was taken from: an address
    or a folder's name."""

    licence: str
    licence_class: str = ""
    grounds: tuple[Ground, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """A published file of the track; `recipe` is "" for the original, `cover` the digest of the picture put into it."""

    name: str
    tier: Tier
    digest: Digest
    bytes: int
    recipe: str = ""
    cover: str = ""


def licensed_of(verdict: Verdict, evidence: Iterable[Evidence], source: str = "") -> Licensed:
    """What a verdict that publishes says, with the evidence it names, in its order."""
    by_id = {one.id: one for one in evidence}
    named = (by_id[one] for one in verdict.evidence if one in by_id)
    grounds = tuple(
        Ground(
            kind=str(one.kind),
            statement=one.statement,
            licence=one.licence,
            issuer=one.issuer,
            captured_from=one.captured_from,
            captured_at=one.captured_at,
            digest=one.digest or "",
        )
        for one in named
    )
    return Licensed(licence=verdict.licence, licence_class=verdict.licence_class, grounds=grounds, source=source)


def credits_of(
    release: Release, track: Track, licence: Licensed, archive_name: str, files: Sequence[Credited]
) -> bytes:
    """The sidecar's bytes; they end with a line end, and no line is longer than 78 characters but for addresses."""
    paper = Paper()
    paper.title("Credits and licence")
    paper.blank()
    _who(paper, release, track)
    _may(paper, release, track, licence, archive_name)
    _why(paper, licence)
    _changed(paper, release, track, files)
    _files(paper, release, track, files)
    _from_where(paper, release, track, licence)
    _ask(paper, track, archive_name)
    return paper.bytes()


# ── the parts, in the order in which they are read ───────────────────────────────────────────────────────────────────


def _who(paper: Paper, release: Release, track: Track) -> None:
    paper.field("Title", track.title.text)
    for role, names in people_of(release, track):
        paper.field(role[:1].upper() + role[1:], ", ".join(names))
    paper.field("Release", release.title.text)
    paper.field("Track", _place(release, track))
    paper.field("Date", release.date)
    paper.field("Recorded at", ", ".join(text for text in (release.event, release.place) if text))
    paper.field("Label", ", ".join(text for text in (release.label, release.catalogue_number) if text))
    paper.field("Holders", ", ".join(release.rights_holders[:MAX_NAMES]))


def _may(paper: Paper, release: Release, track: Track, licence: Licensed, archive_name: str) -> None:
    paper.heading("Licence")
    atoms = licence_terms.atoms_of(one_line(licence.licence))
    if len(atoms) > 1:
        paper.field("Licence", licence.licence)
        paper.say('Where it says "OR" you choose one; where it says "AND" all of them hold.')
    for atom in atoms:
        paper.quote(licence_terms.name_of(atom))
        paper.quote(licence_terms.address_of(atom))
        paper.say(licence_terms.allows(atom, licence.licence_class))
    if not atoms:
        paper.say(licence_terms.allows("", licence.licence_class) or licence_terms.CLASS_ALLOWS["custom"])
    paper.blank()
    paper.say("To credit it, copy this (and say what you changed):")
    paper.blank()
    paper.quote(attribution_of(release, track, licence.licence, archive_name))


def _why(paper: Paper, licence: Licensed) -> None:
    paper.heading("Why this archive believes that it may be shared")
    for ground in licence.grounds[:MAX_GROUNDS]:
        paper.field("From", ground.kind)
        paper.quote(f'"{one_line(ground.statement, MAX_CHARACTERS)}"' if ground.statement else "")
        paper.field("  understood", ground.licence if ground.licence != ground.statement else "")
        paper.field("  by", ground.issuer)
        paper.field("  seen at", public_source(ground.captured_from))
        paper.field("  seen on", ground.captured_at)
        paper.field("  sha256", ground.digest)
    if len(licence.grounds) > MAX_GROUNDS:
        paper.say(f"And {len(licence.grounds) - MAX_GROUNDS} more.")
    if not licence.grounds:
        paper.say("Nothing is recorded.")


def _changed(paper: Paper, release: Release, track: Track, files: Sequence[Credited]) -> None:
    paper.heading("What was changed")
    tiers = {one.tier for one in files}
    master = _master(release, track)
    if Tier.ORIGINAL in tiers:
        paper.say("The original is as it was received; nothing in it was changed.")
    if tiers - {Tier.ORIGINAL} and is_cut(track):
        paper.say(f"The copies hold a part of the original recording, {_span(track, master)}.")
    if tiers & {Tier.ACCESS, Tier.LOW}:
        encoded = _ENCODED_TWICE if {Tier.ACCESS, Tier.LOW} <= tiers else _ENCODED
        paper.say(encoded + (_MIXED if master and master.audio.channels > 2 else ""))
    if Tier.ARCHIVE in tiers:
        paper.say("The .flac file holds the samples of the original, each of them unchanged, in another container.")
    if tiers - {Tier.ORIGINAL}:
        paper.say("Tags were written anew from the description in the archive's catalogue.")
    if any(one.cover for one in files):
        paper.say("A picture that came with the release was put in as its front cover, unchanged.")


def _files(paper: Paper, release: Release, track: Track, files: Sequence[Credited]) -> None:
    paper.heading("Files")
    for one in files:
        paper.field(_TIERS[one.tier], one.name)
        paper.field("  bytes", str(one.bytes))
        paper.field("  sha256", one.digest)
        paper.field("  made by", one.recipe.replace("+", " + "))
        paper.field("  picture", f"sha256 {one.cover}" if one.cover else "")
    master = _master(release, track)
    if master and master.digest not in {one.digest for one in files}:
        paper.field("original", f"{master.path.rpartition('/')[2]} (kept by the archive, not published)")
        paper.field("  bytes", str(master.bytes))
        paper.field("  sha256", master.digest)


def _from_where(paper: Paper, release: Release, track: Track, licence: Licensed) -> None:
    paper.heading("Where it comes from")
    paper.field("Source", public_source(licence.source))
    paper.field("Collection", release.collection)
    paper.field("Lineage", release.lineage)
    for one in (*track.identifiers, *release.identifiers)[:MAX_NAMES]:
        paper.field(one_line(one.scheme.partition("-")[0], 12), find_address(one) or one.text)
    paper.field("Track id", track.id)
    paper.field("Recording id", track.recording)
    paper.field("Release id", release.id)


def _ask(paper: Paper, track: Track, archive_name: str) -> None:
    paper.heading("To check it, or to object")
    paper.say("A file is the one meant here when `sha256sum FILE` prints the digits above.")
    paper.blank()
    paper.say("If you hold rights in this recording and it should not be here, or a name is wrong, tell the archive")
    paper.field("  named", archive_name)
    paper.field("  about", track.id)
    paper.say("It can be withdrawn, and you can ask for proof that it was.")


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


_TIERS = {Tier.ORIGINAL: "original", Tier.ACCESS: "to listen", Tier.LOW: "small", Tier.ARCHIVE: "lossless"}
_ENCODED = (
    "The .opus file is an encoding of the original for listening (Opus, lossy, 48 kHz): it sounds like the original and"
    " is not the same."
)
_ENCODED_TWICE = (
    "The .opus files are encodings of the original for listening (Opus, lossy, 48 kHz): they sound like the original"
    " and are not the same."
)
_MIXED = " Its channels were mixed to stereo."


def _place(release: Release, track: Track) -> str:
    disc = f", disc {track.disc}" if track.disc else ""
    number = f' (printed: "{one_line(track.number, 20)}")' if track.number else ""
    return f"{track.position} of {len(release.tracks)}{disc}{number}"


def _master(release: Release, track: Track) -> Master | None:
    found = (one for one in release.masters if one.recording == track.recording and one.role is MasterRole.PRIMARY)
    return next(found, None)


def _span(track: Track, master: Master | None) -> str:
    if master is None or master.audio.sample_rate_hz <= 0:
        return f"from sample {track.start_sample} on"
    rate = master.audio.sample_rate_hz
    end = "its end" if track.end_sample is None else _clock(track.end_sample, rate)
    return f"from {_clock(track.start_sample, rate)} to {end}"


def _clock(sample: int, rate_hz: int) -> str:
    thousandths = round(sample * 1000 / rate_hz)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes}:{rest // 1000:02}.{rest % 1000:03}"
