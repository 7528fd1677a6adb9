"""What a local run says on the terminal: a line per step, calm and short."""

import asyncio
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

_GREEN, _RED, _BOLD, _DIM, _OFF = "\x1b[32m", "\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
_WIDTH = 34


class Console:
    """Writes to a terminal in colour, to anything else without."""

    def __init__(self, out: TextIO | None = None, *, quiet: bool = False) -> None:
        """`quiet` says nothing but failures."""
        self._out = out or sys.stdout
        self._quiet = quiet
        self._colour = self._out.isatty() and "NO_COLOR" not in os.environ

    def title(self, text: str) -> None:
        """Write a headline."""
        self._say(f"\n{self._paint(_BOLD, text)}")

    def line(self, text: str = "") -> None:
        """Write an indented line."""
        self._say(f"  {text}" if text else "")

    def notice(self, text: str) -> None:
        """Write something worth reading twice."""
        self._say(f"  {self._paint(_BOLD, text)}")

    def trouble(self, text: str) -> None:
        """Write what went wrong, also when quiet."""
        print(self._paint(_RED, text), file=self._out, flush=True)

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Write a step's line with its duration once it is done. Steps may overlap."""
        began = time.monotonic()
        try:
            yield
        except asyncio.CancelledError:
            raise  # another step's failure, which says so itself
        except BaseException:
            self._say(f"  {self._paint(_RED, '✗')} {name}")
            raise
        seconds = self._paint(_DIM, f"{time.monotonic() - began:5.1f} s")
        self._say(f"  {self._paint(_GREEN, '✓')} {name:<{_WIDTH}}{seconds}")

    def emphasis(self, text: str) -> str:
        """Return the text in bold where there is colour."""
        return self._paint(_BOLD, text)

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(text, file=self._out, flush=True)

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_OFF}" if self._colour else text
