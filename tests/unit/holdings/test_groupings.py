"""A list by pages is the list."""

import pytest

from sonoteca.holdings.groupings import PAGE_TRACKS, count, page_of


def chosen(*sizes: int) -> dict[str, dict[str, str]]:
    """Releases with so many tracks."""
    return {f"r{one:03}": {f"t{one:03}.{n}": f"w{one:03}" for n in range(size)} for one, size in enumerate(sizes)}


@pytest.mark.parametrize("sizes", [(), (1,), (PAGE_TRACKS,), (PAGE_TRACKS + 1,), (600, 600, 600, 600), (1,) * 2_500])
def test_pages_together_are_the_whole(sizes: tuple[int, ...]) -> None:
    whole = chosen(*sizes)
    pages = [page_of(whole, page) for page in range(1, -(-count(whole) // PAGE_TRACKS) + 2)]
    assert pages[-1] == {}
    assert all(count(page) == PAGE_TRACKS for page in pages[:-2])
    every = [(release, track, one) for release, tracks in whole.items() for track, one in tracks.items()]
    assert [(r, t, one) for page in pages for r, tracks in page.items() for t, one in tracks.items()] == every
