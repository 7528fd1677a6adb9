"""Secrets of a local run: made at first use, kept in the data directory where only its owner can read them."""

import os
import secrets
from pathlib import Path

from devstack.nkeys import Nkey, from_seed, new_nkey


class Vault:
    """A directory (mode 700) with one file (mode 600) per secret."""

    def __init__(self, folder: Path) -> None:
        """Open the vault; the folder is made when it is missing."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def password(self, name: str) -> str:
        """Return the password (or shared secret) of this name: 43 letters, digits, `-` and `_`."""
        return self._get(f"{name}.password", secrets.token_urlsafe(32))

    def shared(self, name: str) -> str:
        """Return the secret of this name that several may know (`${secret:name}`): never a role's password."""
        return self.password(f"shared-{name}")

    def nkey(self, user: str) -> Nkey:
        """Return the NATS key of this user."""
        return from_seed(self._get(f"{user}.nk", new_nkey().seed))

    def _get(self, file: str, fresh: str) -> str:
        path = self.folder / file
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as out:
            out.write(fresh)
        return fresh
