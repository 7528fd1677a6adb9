"""The kitchen, as a process: settings come from the environment."""

import sys

from actors.engine.runtime import main
from actors.settings import Settings
from examples.kitchen.app import SPEC, build

if __name__ == "__main__":
    sys.exit(main(SPEC, Settings(), build))  # pyright: ignore[reportCallIssue]
