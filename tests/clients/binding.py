"""libtorrent for tests: the module, or None for a Python for which there is no wheel."""

from tests import tools

try:
    import libtorrent
except ImportError:
    libtorrent = None  # type: ignore[assignment]

__all__ = ["libtorrent", "require_libtorrent"]


def require_libtorrent() -> None:
    """Ends the test where there is none."""
    if libtorrent is None:
        tools.missing("needs libtorrent, which has no wheel for this Python")
