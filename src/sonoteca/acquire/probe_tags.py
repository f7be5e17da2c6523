"""Tags: every value as found, what was understood of it, and what is dangerous or silly about it.

Takes  an open file, its Shape (where tags lie), FFmpeg's own tags for formats that nobody else reads here.
Gives  Tags: TagValue in file order, the common names (Picard's), pictures described, findings.
Never  lets a value grow without bounds, throws one away because it is wrong, or believes one: a tag is a claim.

Readers by scheme: comments and RIFF texts here (probe_comments.py: small formats, and their raw bytes are needed);
ID3, MP4 and ASF by mutagen (probe_mutagen.py). Encodings are judged for a whole file at once (probe_encodings.py).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sonoteca.acquire.containers import Shape
from sonoteca.acquire.hazards import Use, find_hazards, licence_words, shown
from sonoteca.acquire.probe_comments import RawPicture, RawTag, read_block
from sonoteca.acquire.probe_encodings import detect, read_as
from sonoteca.acquire.probe_file import OpenFile
from sonoteca.acquire.probe_mutagen import read_id3, read_whole
from sonoteca.acquire.probe_names import understand, use_of
from sonoteca.acquire.probe_pictures import TROUBLES, look
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import PictureFacts, TagValue

MAX_TAGS = 1000
MAX_ALL_CHARS = 1 << 21
MAX_VALUE_CHARS = 1 << 16
MANY_TAGS = 500
MANY_VALUES = 100
MANY_PICTURES = 20
_MAX_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What the tags of a file say."""

    values: tuple[TagValue, ...] = ()
    understood: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pictures: tuple[PictureFacts, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Read:
    """What the readers gave, before it is judged."""

    tags: list[RawTag]
    pictures: list[RawPicture]
    troubles: list[Finding]


def read_tags(file: OpenFile, shape: Shape, metadata: Sequence[tuple[str, str]] = ()) -> Tags:
    """All tags of the file. Nothing that a file holds makes this raise."""
    read = _read(file, shape)
    if not read.tags and not read.pictures:
        read.tags.extend(_from_ffmpeg(shape, metadata))
    return _judge(read)


def pictures_in(file: OpenFile, shape: Shape) -> Sequence[RawPicture]:
    """The pictures alone."""
    return _read(file, shape).pictures


def _read(file: OpenFile, shape: Shape) -> _Read:
    read = _Read([], [], [])
    for block in shape.blocks:
        reader = read_id3 if block.kind == "id3v2" else read_block
        _add(read, reader(file, block))
    if shape.kind in ("mp4", "asf"):
        _add(read, read_whole(file, shape.kind))
    return read


def _add(read: _Read, found: tuple[list[RawTag], list[RawPicture], list[Finding]]) -> None:
    tags, pictures, troubles = found
    read.tags.extend(tags)
    read.pictures.extend(pictures)
    read.troubles.extend(troubles)


def _from_ffmpeg(shape: Shape, metadata: Iterable[tuple[str, str]]) -> list[RawTag]:
    origin = shape.kind or "ffmpeg"
    return [RawTag(key, value.encode("utf-8", "surrogateescape"), origin, "utf-8") for key, value in metadata]


def _judge(read: _Read) -> Tags:
    raw = _bounded(read.tags)
    values = _decode(raw)
    understood = understand(values)
    pictures = [look(picture.head, picture.size, picture.mime, picture.kind) for picture in read.pictures]
    findings = [
        *(trouble for trouble in read.troubles if trouble.code != "T143" or not read.tags),
        *_encoding_findings(values),
        *_counts(read),
        *_hazards(raw, values),
        *(finding(code, detail=detail) for code, detail in licence_words(_rights_texts(understood))),
        *(finding(TROUBLES[seen.trouble][0], detail=seen.detail) for seen in pictures if seen.trouble),
    ]
    return Tags(
        values=tuple(values),
        understood=understood,
        pictures=tuple(seen.facts for seen in pictures[: MANY_PICTURES * 5]),
        findings=tuple(_once_each(findings)),
    )


def _bounded(tags: Sequence[RawTag]) -> list[RawTag]:
    """As many as are kept: in number, and in size all together."""
    left, kept = MAX_ALL_CHARS, list[RawTag]()
    for tag in tags[:MAX_TAGS]:
        left -= min(len(tag.value), MAX_VALUE_CHARS) + len(tag.key)
        if left < 0:
            break
        kept.append(tag)
    return kept


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _decode(raw: Sequence[RawTag]) -> list[TagValue]:
    """Text for every value; one encoding is detected for all values of a file that declare the same."""
    detected = {
        declared: detect(
            [tag.value for tag in raw if tag.declared == declared and isinstance(tag.value, bytes)], declared
        )
        for declared in ("utf-8", "latin-1")
    }
    return [_value(tag, detected) for tag in raw]


def _value(tag: RawTag, detected: dict[str, str]) -> TagValue:
    if isinstance(tag.value, str):
        return TagValue(key=tag.key, text=tag.value[:MAX_VALUE_CHARS], origin=tag.origin)
    reading = read_as(tag.declared, tag.value[: MAX_VALUE_CHARS * 4], detected[tag.declared])
    text = reading.text[:MAX_VALUE_CHARS]
    return TagValue(
        key=tag.key, text=text, origin=tag.origin, raw=reading.raw[: MAX_VALUE_CHARS * 2], encoding=reading.encoding
    )


def _encoding_findings(values: Iterable[TagValue]) -> Iterator[Finding]:
    wrong = [value for value in values if value.encoding]
    if wrong:
        names = ", ".join(sorted({value.encoding for value in wrong}))
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield finding("T141", detail=f"{shown(wrong[0].key)}{more}: read as {names}")


def _counts(read: _Read) -> Iterator[Finding]:
    kept = len(_bounded(read.tags))
    if len(read.tags) > min(MANY_TAGS, kept):
        yield finding("T125", detail=f"{len(read.tags)} values, {kept} are kept")
    counts = Counter((tag.origin, tag.key.lower()) for tag in read.tags)
    for (_, key), count in counts.most_common(1):
        if count > MANY_VALUES:
            yield finding("T126", detail=f"{shown(key)}: {count} values")
    if any(len(tag.value) > MAX_VALUE_CHARS for tag in read.tags):
        longest = max(read.tags, key=lambda tag: len(tag.value))
        yield finding(
            "T124", detail=f"{shown(longest.key)}: {len(longest.value)}, the first {MAX_VALUE_CHARS} are kept"
        )
    if len(read.pictures) > MANY_PICTURES:
        yield finding("P109", detail=f"{len(read.pictures)} pictures")


# ── what is dangerous or silly ───────────────────────────────────────────────────────────────────────────────────────


def _hazards(raw: Sequence[RawTag], values: Sequence[TagValue]) -> Iterator[Finding]:
    """One finding a code, with the fields that show it."""
    seen: dict[str, list[str]] = {}
    for tag, value in zip(raw, values, strict=True):
        # An empty value that the format itself always has says nothing.
        if (value.text == "" and tag.is_fixed) or value.origin in ("xmp", "ixml"):
            continue
        for code, piece in (*find_hazards(value.text, use_of(value)), *find_hazards(value.key, Use.OTHER)):
            seen.setdefault(code, []).append(f"{shown(value.key)}: {piece}")
    for code, pieces in sorted(seen.items()):
        more = f" and {len(pieces) - _MAX_SHOWN} more" if len(pieces) > _MAX_SHOWN else ""
        yield finding(code, detail="; ".join(pieces[:_MAX_SHOWN]) + more)


def _rights_texts(understood: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    return (text for name, texts in understood if name in ("license", "copyright") for text in texts)


def _once_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for one in findings:
        if (one.code, one.detail) not in seen:
            seen.add((one.code, one.detail))
            yield one
