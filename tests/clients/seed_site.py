"""The website's web seed over a shelf: our code from the address to the last byte, but for who may leave (everything).

python -m tests.clients.seed_site SHELF      as tests.web.serving runs it; published.json says what there is
"""

import json
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sonoteca.holdings import PublicFile
from sonoteca.model.ids import Digest
from sonoteca.model.rights import Channel
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.web import web_seed
from sonoteca.web.media import Media
from sonoteca.web.open_files import OpenFiles
from sonoteca.web.permits import Answer, Key, Permits
from sonoteca.web.remux import Remuxer
from sonoteca.web.zips import Crcs
from tests.web.serving import run

INDEX = "published.json"


class ShelfPermits:
    """Everything that was published may leave."""

    def __init__(self, root: Path) -> None:
        self._index = root / INDEX

    def version(self) -> int:
        return 1

    def close(self) -> None:
        """Nothing is open."""

    async def ask(self, key: Key) -> Answer:
        found = json.loads(self._index.read_text()).get(key.name)
        if found is None:
            return Answer(HTTPStatus.NOT_FOUND)
        said: dict[str, Any] = {"release": "", "track": "", "tier": "access", "path": key.name, "name": key.name}
        one = PublicFile(digest=Digest(found[0]), bytes=found[1], channels=frozenset({Channel.SWARM}), **said)
        return Answer(HTTPStatus.OK, (one,))


class ShelfFiles(OpenFiles):
    """By digest, as a shelf keeps them."""

    def _place(self, key: tuple[str, str]) -> str:
        return f"store/{key[1]}"


async def told(request: Request, error: Exception) -> Response:
    """An error without the pages of a site."""
    return PlainTextResponse("", status_code=error.status_code if isinstance(error, HTTPException) else 500)


def application(root: Path) -> Starlette:
    """The web seed alone."""
    app = Starlette(routes=list(web_seed.ROUTES), exception_handlers={HTTPException: told})
    files = ShelfFiles(LocalDisk(str(root)))
    app.state.media = Media(cast(Permits, ShelfPermits(root)), files, Remuxer(files), Crcs())
    return app


if __name__ == "__main__":
    run(application(Path(sys.argv[1])))
