"""Views: torrents over any grouping of what is in the archive, beside the volumes."""

from dataclasses import dataclass

from sonoteca.model.torrent import NO_HASHES, InfoHashes, Member, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a grouping asks for. Of each kind one value must fit, of several given any of them; kinds that are empty ask
    for nothing. `words` as the search takes them; `licence` classes ("free"); `decade` years ("1990"); `format`
    codecs; `release` and `track` ids."""

    words: str = ""
    artist: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    decade: tuple[str, ...] = ()
    genre: tuple[str, ...] = ()
    collection: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    track: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view at one revision. `asked` is what was asked for, in words that ask for it again; `tier` which files of a
    track were taken. `until` "" has no end, else it is a visitor's and gone then. `hashes` of the hybrid, empty when no
    slot is present."""

    name: str
    title: str
    asked: str
    tier: str
    revision: int
    made_at: str
    until: str = ""
    slots: tuple[Slot, ...] = ()
    hashes: InfoHashes = NO_HASHES

    @property
    def members(self) -> tuple[Member, ...]:
        """The files that are in its torrent."""
        return tuple(Member(path=one.path, digest=one.digest, bytes=one.bytes) for one in self.slots if one.present)
