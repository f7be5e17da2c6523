"""Metrics: the seeder's numbers as Prometheus reads them (text format 0.0.4). Pure."""

from collections.abc import Mapping

PREFIX = "sonoteca_seeder_"
# name: (kind, what it is)
METRICS: dict[str, tuple[str, str]] = {
    "up": ("gauge", "Seeder processes that answered."),
    "torrents_seeding": ("gauge", "Torrents that are served."),
    "torrents_adding": ("gauge", "Torrents that are being opened."),
    "torrents_resting": ("gauge", "Torrents that wait for their turn, for want of memory."),
    "torrents_failed": ("gauge", "Torrents that cannot be served whole."),
    "peers": ("gauge", "Peers that are connected."),
    "uploaded_bytes_total": ("counter", "Bytes of files given since the start."),
    "downloaded_bytes_total": ("counter", "Bytes of files taken since the start: always 0."),
    "connections_taken_total": ("counter", "Connections that peers opened since the start."),
    "wrong_pieces_total": ("counter", "Pieces found damaged, and not served."),
    "requests_refused_total": ("counter", "Requests of peers for what there is not."),
    "announces_total": ("counter", "Torrents told to trackers and the table since the start, each time counted."),
    "announces_waiting": ("gauge", "Torrents whose turn to be told has come."),
    "announce_round_seconds": ("gauge", "How long it takes until each torrent was told once."),
    "dht_nodes": ("gauge", "Nodes of the distributed hash table that are known."),
    "upload_limit_bytes_per_second": ("gauge", "What may leave at this time of the day; 0 is no limit."),
    "memory_bytes": ("gauge", "Memory that the processes hold."),
}


def format_metrics(numbers: Mapping[str, float]) -> str:
    """Those that are known, in the order of the table."""
    lines = list[str]()
    for name, (kind, what) in METRICS.items():
        if name in numbers:
            whole = PREFIX + name
            lines += [f"# HELP {whole} {what}", f"# TYPE {whole} {kind}", f"{whole} {_number(numbers[name])}"]
    return "".join(f"{line}\n" for line in lines)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
