"""Run the toy service as a process of its own."""

import sys

from actors.engine.runtime import main
from actors.settings import Settings
from stage.app import SPEC, build

sys.exit(main(SPEC, Settings(), build))  # pyright: ignore[reportCallIssue]
