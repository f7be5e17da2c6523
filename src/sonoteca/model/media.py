"""What can be known about one file: its audio, its tags as found and as understood, and what seems wrong with it.

Made in a limited process (acquire/probe.py) from bytes that nobody trusts; everything above works from these values.
Times are seconds, rates hertz, sizes bytes. `samples` counts per channel at the file's own rate.
"""

from dataclasses import dataclass

from sonoteca.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """Properties of a decodable file. `container` and `codec` are FFmpeg's names (the first of a list, e.g. "mov");
    `puid` is the PRONOM id or ""; `exact` says that `samples` was counted and not taken from a header."""

    container: str
    codec: str
    duration_s: float
    samples: int
    sample_rate_hz: int
    channels: int
    bits: int
    lossless: bool
    exact: bool
    puid: str = ""
    audio_md5: str = ""  # FLAC STREAMINFO MD5 (also what .ffp files list), or MD5 of a WAV data chunk; "" if unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class TagValue:
    """One tag as found. `key` is the field's own name in its own scheme ("TIT2", "TITLE", "©nam"), `origin` the scheme
    ("id3v2.3", "id3v1", "vorbis", "ape", "mp4", "riff-info", "bext", "asf", "aiff"), `text` what was understood.
    `raw` holds the bytes in hexadecimal when they were not valid in the encoding that the file declared, else "";
    `encoding` names the encoding that was then detected ("shift_jis", "cp1251", "latin-1"), else ""."""

    key: str
    text: str
    origin: str
    raw: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """A picture, in a file of its own or embedded. `width` and `height` in pixels, 0 if unknown; `kind` as in ID3
    ("front cover", "other"); `digest` of one that files made here could carry (formats/picture.py), else ""."""

    mime: str
    bytes: int
    width: int
    height: int
    kind: str = "other"
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """Everything the limited process could say about one file.

    `audio` is None when the file is not a recording that can be decoded; a finding of severity "refuse" then says why.
    `tags` are in file order. `understood` maps lower-case common names (title, artist, album, albumartist, composer,
    tracknumber, discnumber, date, genre, isrc, license, copyright, comment, label, catalognumber, barcode,
    musicbrainz_trackid, …: Picard's names) to the texts found, best scheme first. `decoded_s` says how many seconds
    were really decoded while probing."""

    audio: AudioFacts | None
    tags: tuple[TagValue, ...] = ()
    understood: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pictures: tuple[PictureFacts, ...] = ()
    findings: tuple[Finding, ...] = ()
    decoded_s: float = 0.0

    @property
    def is_refused(self) -> bool:
        """Whether something said "refuse"."""
        return any(finding.severity is Severity.REFUSE for finding in self.findings)

    def find(self, name: str) -> tuple[str, ...]:
        """The understood values of a common tag name, () if none."""
        return next((values for key, values in self.understood if key == name), ())
