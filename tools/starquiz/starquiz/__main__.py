"""`starquiz`, or `python -m starquiz`."""

import sys

from starquiz.app import app
from starquiz.screen import Screen
from starquiz.troubles import ToolError


def main() -> None:
    """Run the command line; ends the process with the exit code of `starquiz.troubles`."""
    try:
        app(prog_name="starquiz")
    except ToolError as trouble:
        Screen().trouble(trouble.text)
        sys.exit(trouble.code)


if __name__ == "__main__":
    main()
