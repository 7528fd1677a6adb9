"""The bytes of a question file as text: limits, encodings, and what else people hand over by mistake."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FILE_SIZE_MAX: Final = 32 * 2**20
"""Bytes. The bank that ships has half a megabyte."""
LINE_LENGTH_MAX: Final = 20_000
"""Characters of a line; a question with everything in it has about a thousand."""

_MARK: Final = "\ufeff"
_NUL_SHARE_MAX: Final = 0.05
_BREAK: Final = re.compile("\r\n|\n|\r")
_NO_TEXT: Final = (
    (b"\x1f\x8b", "gzip-compressed; unpack it first"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV UTF-8"),
    (b"\xff\xfe", "not UTF-8 but UTF-16 or UTF-32; save it as UTF-8"),
    (b"\xfe\xff", "not UTF-8 but UTF-16; save it as UTF-8"),
    (b"%PDF", "a PDF; save the questions as .jsonl or .csv"),
)


class UnreadableFileError(ValueError):
    """A file that is none of the known formats; the text says what was expected."""


def load(path: Path) -> bytes:
    """Return a file's bytes; raises UnreadableFileError for what is no file, cannot be opened or is too big."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UnreadableFileError("a folder; name a file in it" if stat.S_ISDIR(mode) else "not a regular file")
        with path.open("rb") as file:
            return file.read(FILE_SIZE_MAX + 1)
    except OSError as error:
        raise UnreadableFileError(f"cannot be opened: {error.strerror or error}") from error


def decode(data: bytes) -> str:
    """Return the text in UTF-8 bytes, without a byte order mark; raises UnreadableFileError with a remedy."""
    if len(data) > FILE_SIZE_MAX:
        raise UnreadableFileError(f"more than {FILE_SIZE_MAX} bytes; split it into several files")
    for mark, meaning in _NO_TEXT:
        if data.startswith(mark):
            raise UnreadableFileError(meaning)
    try:
        text = data.decode().lstrip(_MARK)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"byte 0x{data[error.start]:02x} on line {line}"
        raise UnreadableFileError(f"not UTF-8 ({wrong}: {error.reason}); save it as UTF-8") from error
    if text.count("\0") > len(text) * _NUL_SHARE_MAX:
        raise UnreadableFileError("not UTF-8: full of NUL, so UTF-16 or no text at all; save it as UTF-8")
    if not text.strip():
        raise UnreadableFileError("empty; there is no question in it")
    return text


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the physical lines with their numbers, from 1, whatever a line ends with.

    Without the byte order marks at their beginning, which files that were put together have.
    """
    return enumerate((line.lstrip(_MARK) for line in _BREAK.split(text)), start=1)


def too_long(line: str) -> str:
    """Return what is wrong with a line of this length; nothing when all is well."""
    length = len(line)
    return f"a line of {length} characters, at most {LINE_LENGTH_MAX} are read" if length > LINE_LENGTH_MAX else ""
