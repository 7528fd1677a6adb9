"""CSV files of codes to import: a column `code`, and `player_id` where a code is bound to somebody."""

import csv
from pathlib import Path
from typing import Final

from promo.domain.code_making import BatchError, NewCode

_ID_DIGITS_MAX: Final = 16


def read_codes(path: Path) -> list[tuple[int, NewCode]]:
    """Return the codes of a file with their lines; raises BatchError naming the line at fault, and quotes no code."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if "code" not in (rows.fieldnames or ()):
                raise BatchError(
                    "line 1: a header with the column `code` is needed, and may have `player_id`; commas between"
                )
            return [(rows.line_num, NewCode(row["code"] or "", _player(row, rows.line_num))) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BatchError(f"{path}: cannot be read ({type(error).__name__}); give a CSV file in UTF-8") from None


def _player(row: dict[str, str | None], line: int) -> int | None:
    given = (row.get("player_id") or "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= _ID_DIGITS_MAX and 0 < int(given) < 2**52):
        raise BatchError(f"line {line}: player_id is no Telegram id")
    return int(given)
