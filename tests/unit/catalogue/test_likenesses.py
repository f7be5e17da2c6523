"""Likenesses as rows: both directions together, surest first; marks that lead to tracks."""

from sonoteca.catalogue import likenesses, write
from sonoteca.catalogue.marks import mark_of
from sonoteca.model.sameness import Likeness, Overlap, Same
from tests.unit.catalogue import making

PART = Overlap(likeness=Likeness.PART, error=0.02, offset_s=30.0, start_s=30.0, span_s=40.0)
WHOLE = Overlap(likeness=Likeness.RECORDING, error=0.01, offset_s=-5.0, start_s=0.0, span_s=100.0)


def test_a_likeness_is_seen_from_both() -> None:
    database = making.empty_catalogue()
    with database.write() as tx:
        likenesses.save(tx, "trk_a", [Same(track="trk_b", overlap=PART), Same(track="trk_c", overlap=WHOLE)])
        assert [one.track for one in likenesses.of_track(tx, "trk_a")] == ["trk_c", "trk_b"]
        (back,) = likenesses.of_track(tx, "trk_b")
        assert (back.track, back.overlap.offset_s, back.overlap.start_s, back.overlap.span_s) == (
            "trk_a",
            -30.0,
            0.0,
            40.0,
        )
        assert likenesses.of_track(tx, "trk_c")[0].overlap.start_s == 5.0
        assert back.overlap.mirrored == PART


def test_what_is_found_anew_takes_the_place() -> None:
    database = making.empty_catalogue()
    with database.write() as tx:
        likenesses.save(tx, "trk_a", [Same(track="trk_b", overlap=PART)])
        likenesses.save(tx, "trk_b", [Same(track="trk_a", overlap=WHOLE)])
        assert likenesses.of_track(tx, "trk_a") == (Same(track="trk_b", overlap=WHOLE.mirrored),)
        assert len(likenesses.of_track(tx, "trk_a", most=0)) == 0


def test_what_is_forgotten_is_forgotten_by_both() -> None:
    database = making.empty_catalogue()
    with database.write() as tx:
        likenesses.save(tx, "trk_a", [Same(track="trk_b", overlap=PART), Same(track="trk_c", overlap=WHOLE)])
        likenesses.forget(tx, ["trk_a", "trk_z"])
        assert [likenesses.of_track(tx, one) for one in ("trk_a", "trk_b", "trk_c")] == [(), (), ()]


def test_marks_lead_to_tracks_and_go_with_their_release() -> None:
    rows = making.rows()
    track = str(rows.marks[0]["track"])
    database = making.empty_catalogue()
    with database.write() as tx:
        write.save_release(tx, rows)
        (one,) = likenesses.with_marks(tx, [mark_of(track), 7])
        assert (one.release, one.track, one.pcm_md5) == (rows.release, track, "0" * 32)
        assert likenesses.with_samples(tx, "0" * 32) == (track,)
        assert likenesses.with_samples(tx, "") == ()
        assert likenesses.marked_in(tx, rows.release) == likenesses.marked(tx, [track]) == (one,)
        write.remove_release(tx, rows.release)
        assert likenesses.with_marks(tx, [mark_of(track)]) == ()
