"""A page that plays a track in every container, and the site with that page: what a browser's own element makes of it.

python -m tests.web.playing ARCHIVE      prints the port; /playing?track=… posts what it saw to /told, GET gives it
"""

import sys

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sonoteca.config import Settings
from sonoteca.web.app import create_app
from tests.web.serving import run

PAGE = """<!doctype html><title>Plays</title><body><script src="/playing.js"></script>"""
# Each: loads, plays from the beginning, seeks to nine tenths, plays on there, comes to its end.
SCRIPT = """
const track = new URLSearchParams(location.search).get("track");
function until(audio, holds, what) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (audio.error) reject(`${what}: ${audio.error.message}`);
      else if (holds()) resolve();
      else setTimeout(look, 20);
    };
    look();
  });
}
async function play(ending) {
  const audio = new Audio(`/stream/${track}.${ending}`);
  try {
    await until(audio, () => audio.readyState >= 1, "metadata");
    const duration = audio.duration;
    await audio.play();
    await until(audio, () => audio.currentTime > 0.3, "playing");
    audio.currentTime = duration * 0.9;
    await until(audio, () => !audio.seeking && audio.currentTime > duration * 0.9 + 0.2, "seeking");
    const after = audio.currentTime;
    audio.currentTime = duration - 0.3;
    await until(audio, () => audio.ended, "ending");
    return { ending, duration, after, end: audio.currentTime };
  } catch (error) {
    return { ending, error: String(error) };
  }
}
const told = [];
for (const ending of ["opus", "webm", "mp4"]) told.push(await play(ending));
await fetch("/told", { method: "POST", body: JSON.stringify(told) });
"""
TOLD: list[bytes] = []


async def page(request: Request) -> Response:
    return HTMLResponse(PAGE.replace("<script", '<script type="module"'))


async def script(request: Request) -> Response:
    return Response(SCRIPT, media_type="text/javascript")


async def told(request: Request) -> Response:
    if request.method == "POST":
        TOLD.append(await request.body())
    return Response(TOLD[-1] if TOLD else b"[]", media_type="application/json")


def main(archive: str) -> None:
    app = create_app(archive, Settings())
    app.router.routes += [
        Route("/playing", page),
        Route("/playing.js", script),
        Route("/told", told, methods=["GET", "POST"]),
    ]
    run(app)


if __name__ == "__main__":
    main(sys.argv[1])
