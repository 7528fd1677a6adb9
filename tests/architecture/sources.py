"""What the architecture tests look at: the files git would carry, without caches and environments."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def carried() -> tuple[Path, ...]:
    """Return every file that is tracked or could be (not ignored), as paths below the checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in sorted(listed) if name and (ROOT / name).is_file())


def python_files() -> list[Path]:
    """Return the carried Python files."""
    return [path for path in carried() if path.suffix == ".py"]


def services() -> list[Path]:
    """Return the folders below services/."""
    return sorted(
        path for path in (ROOT / "services").iterdir() if path.is_dir() and not path.name.startswith((".", "_"))
    )
