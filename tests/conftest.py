"""What every test can ask for: see the docstring of `devstack.testing`."""

import structlog

pytest_plugins = ["devstack.testing"]

# Plain tracebacks: the decorated ones, with every local variable, take longer than most tests.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("%H:%M:%S.%f"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
