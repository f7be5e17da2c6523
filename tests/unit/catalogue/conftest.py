"""Every catalogue that a test made in memory is closed after it."""

from collections.abc import Iterator

import pytest

from tests.unit.catalogue import making


@pytest.fixture(autouse=True)
def closed_afterwards() -> Iterator[None]:
    """A module's own catalogues stay open until its end."""
    kept = len(making.OPENED)
    yield
    making.close_all(kept)
