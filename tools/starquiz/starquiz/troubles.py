"""What goes wrong between an operator and a service, each with the exit code that a script sees.

| code | means |
|---|---|
| 0 | done |
| 1 | the service refused: nothing was changed, the text names field and remedy |
| 2 | the command line is at fault: nothing was sent |
| 3 | not reached, or not done in time: repeat it as it is |
| 4 | NATS denies it: the operator's user may not ask there |
| 5 | asked for and waiting: a second operator must approve it |
"""

from typing import Final

REFUSED: Final = 1
MISUSED: Final = 2
UNREACHED: Final = 3
DENIED: Final = 4
WAITING: Final = 5


class ToolError(Exception):
    """What is told on standard error, and the exit code."""

    def __init__(self, text: str, code: int) -> None:
        """`text` says what to do about it."""
        super().__init__(text)
        self.text = text
        self.code = code
