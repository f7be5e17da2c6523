"""Albums: when all recordings of a release have been decoded, its files say how loud it is as a whole.

Takes  a release's Work and what came of each of its orders.   Gives  the same, with the digests of the files as they
       are now.
Order  decoded and sealed → loudness of the release from what each decode counted → comments put into the room that was
       left for them, by a limited process → sealed again. A kill in between leaves files that belong to no version:
       recovery throws them away with the rest of the staging, and they are made again.
Never  decodes twice, or touches a file that is in a version: what was published stays what it is (ADR 11).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sonoteca.convert.albums import Album, album_of, pairs_for
from sonoteca.model.errors import Unreachable
from sonoteca.model.ids import TrackId
from sonoteca.model.sound import Made, Sound, Wanted
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.render import Rendered, Work, seal_made, staging_for
from sonoteca.ports.workshop import Done, Limits
from sonoteca.preserve.versions import Content

TASK = "sonoteca.convert.album_file:write_comments"
ENDINGS = frozenset({"opus", "flac"})
HEAD_BYTES = 1 << 20  # no byte is written behind this


def with_album(archive: Archive, work: Work, came: list[Rendered]) -> list[Rendered]:
    """What came, and the album's gain in every file of it."""
    sounds = {one.track: one for one in work.facts.sounds}
    sounds |= {one.track: one for rendered in came for one in rendered.sounds}
    album = find_album(work, sounds)
    staged = {one.path: one.staged for rendered in came for one in rendered.contents if one.staged}
    if album is None or not staged:
        return came
    folder = staging_for(work.release)
    wanted = {
        staged[made.path].removeprefix(f"{folder}/"): made
        for rendered in came
        for sound in rendered.sounds
        for made in sound.made
        if made.path in staged and _can_say(sound, made)
    }
    said = _written(archive, folder, wanted, album)
    return [_sealed_again(archive, one, {wanted[name].path for name in said}) for one in came]


def find_album(work: Work, sounds: Mapping[TrackId, Sound]) -> Album | None:
    """None for a single track, and as long as one of them was measured when levels were not counted."""
    heard = [sounds[one.id] for one in work.facts.release.tracks if one.id in sounds]
    if len(heard) < 2 or any(one.loudness.integrated_lufs is not None and not one.loudness.gating for one in heard):
        return None
    return album_of(one.loudness for one in heard)


def _can_say(sound: Sound, made: Made) -> bool:
    # An Opus file of more than two channels holds a mix, which is as loud as no master is.
    ending = made.path.rpartition(".")[2]
    return ending in ENDINGS and (ending != "opus" or sound.channels <= 2)


def _written(archive: Archive, folder: str, wanted: Mapping[str, Made], album: Album) -> tuple[str, ...]:
    """The names below the folder of the files that say it now."""
    if not wanted:
        return ()
    calls = [
        [name, [list(pair) for pair in pairs_for(name.rpartition(".")[2], album)]] for name, made in wanted.items()
    ]
    place = archive.disk.full_path(folder)
    limits = Limits(calls_per_child=1, folder=place, file_bytes=HEAD_BYTES)
    result = next(iter(archive.studio.run_each(TASK, [(place, calls)], limits)))
    if not isinstance(result, Done):
        # Nobody knows how far it came: what stands there is given up.
        cure = "sonoteca run makes it again"
        what = f"a limited process could not finish: {result.detail[:200]}"
        raise Unreachable("album", what, where=folder, cure=cure)
    return tuple(name for name in wanted if name in result.value)


def _sealed_again(archive: Archive, rendered: Rendered, paths: set[str]) -> Rendered:
    again = dict(_seals(archive, rendered, paths))
    gone = {f"pieces/{one.digest}.pieces" for one in rendered.contents if one.path in again}
    kept = [one for one in rendered.contents if one.path not in again and one.path not in gone]
    sounds = tuple(
        replace(sound, made=tuple(again[made.path][0] if made.path in again else made for made in sound.made))
        for sound in rendered.sounds
    )
    contents = (*kept, *(content for _, found in again.values() for content in found))
    return replace(rendered, sounds=sounds, contents=contents)


def _seals(
    archive: Archive, rendered: Rendered, paths: set[str]
) -> Iterator[tuple[str, tuple[Made, tuple[Content, ...]]]]:
    made = {one.path: one for sound in rendered.sounds for one in sound.made}
    for content in rendered.contents:
        if content.path in paths and content.staged:
            folder, _, name = content.staged.rpartition("/")
            known = made[content.path]
            wanted = Wanted(recipe=known.recipe, tier=known.tier, name=name, cover=known.cover)
            yield content.path, seal_made(archive, wanted, folder)
