"""What every test can ask for: see the docstring of `devstack.testing`."""

import gc
import os
import sys
from pathlib import Path

import hypothesis
import pytest
import structlog

# Where byte code may not be written every process that a test starts compiles all it imports again, for seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

sys.path.insert(0, str(Path(__file__).parent))  # what the folders share
pytest_plugins = ["devstack.testing", "one_at_a_time", "together"]

# How long an example takes says more of the machine's other work than of the code.
hypothesis.settings.register_profile("starquiz", deadline=None)
hypothesis.settings.load_profile("starquiz")

# Plain tracebacks: the decorated ones, with every local variable, take longer than most tests.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("%H:%M:%S.%f"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the collector of garbage from going through all that was imported and collected, test after test."""
    gc.collect()
    gc.freeze()
