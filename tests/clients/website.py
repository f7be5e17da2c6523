"""The website of an archive, with the archive's own settings, as tests.web.serving runs it."""

import sys
from pathlib import Path

from sonoteca.config import parse_settings
from sonoteca.web.app import create_app
from tests.web.serving import run

if __name__ == "__main__":
    run(create_app(sys.argv[1], parse_settings(Path(sys.argv[1], "sonoteca.toml").read_bytes())))
