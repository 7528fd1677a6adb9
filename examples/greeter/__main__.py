"""Start: settings come from the environment (`NATS_URL`, `POSTGRES_DSN`, …)."""

import sys

from actors.engine.runtime import main
from actors.settings import Settings
from examples.greeter.app import SPEC, build

if __name__ == "__main__":
    sys.exit(main(SPEC, Settings(), build))  # pyright: ignore[reportCallIssue]
