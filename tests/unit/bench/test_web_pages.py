"""The bench of pages: moments are kept whoever answers, wrk is read right, a page weighs what a browser fetches."""

import asyncio
from pathlib import Path

import pytest

from sonoteca.bench import open_loop, wrk
from sonoteca.bench.first_page import find_address
from sonoteca.bench.open_loop import Offer
from sonoteca.bench.page_weight import head_bytes, weigh
from sonoteca.bench.wrk import Burst
from sonoteca.ports.fetch import Fetched

TOLD = """Running 5s test @ http://127.0.0.1:8000/release/x
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    17.36ms    2.06ms  45.32ms   91.12%
    Req/Sec     0.93k    60.07     1.04k    78.00%
  4624 requests in 5.01s, 41.63MB read
Requests/sec:    923.14
Transfer/sec:      8.31MB
"""
PAGES = {
    "/release/1": '<link rel="stylesheet" href="/s/a.css">\n<script type="module" src="/s/b.js"></script>',
    "/s/a.css": '@font-face { src: url("f/l.woff2"); unicode-range: U+0000-00FF; } '
    '@font-face { src: url("f/x.woff2"); unicode-range: U+0100-02BA; } p { background: url("g.svg") }',
    "/s/b.js": 'import { c } from "./b/c.js";\nimport { d } from "./b/d.js";',
    "/s/b/c.js": 'import { d } from "./d.js";',
    "/s/b/d.js": 'import"./e.js";export const later = () => import("./zoom.js").then(() => import( "./zoom.js" ));',
    "/s/b/e.js": "export const e = 1;",
    "/s/f/l.woff2": "font",
}


def plain(path: str) -> Fetched:
    return Fetched(status=200, headers={"content-type": "x"}, body=PAGES[path].encode())


def test_a_page_weighs_what_is_fetched_once_each_with_its_heads() -> None:
    """And nothing that a script asks for later."""
    found = weigh("/release/1", lambda path, packed: plain(path))
    head = len("HTTP/1.1 200 OK\r\ncontent-type: x\r\n\r\n")
    assert head_bytes(plain("/s/b.js")) == head
    assert found.answers == 6 and found.heads == 6 * head
    assert found.scripts == sum(len(PAGES[name]) + head for name in ("/s/b.js", "/s/b/c.js", "/s/b/d.js", "/s/b/e.js"))
    assert found.fonts == len("font") + head
    assert found.whole == sum(map(len, PAGES.values())) - len("font") + 6 * head


def test_what_wrk_prints_is_read_and_a_failure_is_no_figure() -> None:
    assert wrk.parse_burst(TOLD) == Burst(pages=4624, wall_s=5.01)
    assert Burst(pages=900, wall_s=2.0, cpu_s=1.5).pages_cpu_s == pytest.approx(600)
    for bad in ("  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 1, write 0, timeout 0\n"):
        with pytest.raises(RuntimeError, match=bad.strip()):
            wrk.parse_burst(TOLD + bad)
    with pytest.raises(RuntimeError):
        wrk.parse_burst("unable to connect")


def test_the_nearest_rank() -> None:
    assert open_loop.percentile(range(1, 201), 0.99) == 198
    assert open_loop.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert open_loop.percentile([7.0], 0.99) == 7.0


def test_requests_go_out_though_nobody_has_answered_yet() -> None:
    """A server that answers nobody before everybody has asked would wait for ever for a client of a closed loop."""
    count = open_loop.CONNECTIONS * 3

    async def both() -> open_loop.Came:
        everybody = asyncio.Barrier(count)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readuntil(b"\r\n\r\n"):
                await everybody.wait()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage")

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(reader, writer)
            except asyncio.IncompleteReadError:
                writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await open_loop.make(Offer(port=port, path="/", rate=1000.0, count=count))

    came = asyncio.run(asyncio.wait_for(both(), 30))
    assert len(came.answered_ms) == len(came.sent_ms) == count
    assert sum(came.answered_ms) >= sum(came.sent_ms)


def test_the_demo_is_asked_where_it_says_and_not_at_the_default(tmp_path: Path) -> None:
    settings = tmp_path / "archive/sonoteca.toml"
    assert find_address(str(tmp_path)) == ""
    settings.parent.mkdir()
    settings.write_text('# Settings\n# web_listen = "127.0.0.1:8000"\n')
    assert find_address(str(tmp_path)) == ""
    settings.write_text('web_listen = "127.0.0.1:8003"\nseed_listen = "127.0.0.1:1"\n')
    assert find_address(str(tmp_path)) == "127.0.0.1:8003"
