"""How much memory this process holds that is its own: the kernel's count, without what is mapped from files."""

from contextlib import suppress

_FIELDS = ("RssAnon:", "RssShmem:")


def memory_bytes(pid: int | None = None) -> int:
    """Of this process or another one's; 0 where the kernel does not tell."""
    with suppress(OSError), open(f"/proc/{pid or 'self'}/status", encoding="ascii", errors="replace") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(_FIELDS))
    return 0
