"""Assets: styles, scripts, fonts and pictures of the website itself, read once, at an address that changes with them.

Takes  the folder static/ of this package.   Gives  `/static/<hash>/<file>`, kept for a year by whoever fetches it.
Never  serves anything that was not in the folder when the website started.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
TYPES = {".woff2": "font/woff2", ".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}
PACKED = frozenset({".js", ".css", ".svg", ".txt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file; `packed` its gzip, b"" when that would not help."""

    media_type: str
    content: bytes
    packed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Every file by name ("site.css"), and the hash of all of them."""

    hash: str
    files: dict[str, Asset]

    def address(self, name: str) -> str:
        """Where a file is found; "" when there is none."""
        return f"/static/{self.hash}/{name}" if name in self.files else ""


def load_assets(folder: Path = FOLDER) -> Assets:
    """The files of the folder and of those in it."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {name: _asset(path) for name, path in found.items()}
    state = hashlib.sha256()
    for name, file in files.items():
        state.update(f"{name}\0{len(file.content)}\0".encode())
        state.update(file.content)
    return Assets(hash=state.hexdigest()[:12], files=files)


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if path.suffix in PACKED else b""
    return Asset(media_type=media_type, content=content, packed=packed)


async def static(request: Request) -> Response:
    """One file."""
    assets: Assets = request.app.state.site.assets
    file = assets.files.get(request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    is_now = request.path_params["hash"] == assets.hash
    headers = {"Cache-Control": FOR_EVER if is_now else SHORT}
    content = file.content
    if file.packed:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = file.packed, "gzip"
    return Response(content, media_type=file.media_type, headers=headers)


ROUTES = (Route("/static/{hash}/{name:path}", static),)
