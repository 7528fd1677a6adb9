"""Codes as they are typed, and the fingerprint that is all anybody keeps or sends of one (DOMAIN §7).

Whoever hears a code (the gateway) and whoever makes codes (promo's batch tool) must arrive at the same fingerprint.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from unicodedata import category, normalize

CODE_LENGTH_MAX: Final = 64
"""Characters of a code as it is typed, before it is normalised."""
HINT_LENGTH: Final = 3
"""So many first characters of a code are kept in clear."""
_PEPPER_LENGTH_MIN: Final = 16
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Pd", "Zs", "Zl", "Zp"})
"""Controls, marks that are not seen (zero width, soft hyphens), dashes of every length, and spaces."""
_MINUS: Final = "\N{MINUS SIGN}"
_READS_MAX: Final = 4


def normalised(typed: str) -> str:
    """Return a code without white space and hyphens, in capitals; empty for what is none.

    It has 1–64 characters, as typed and as read. What looks the same reads the same, however a keyboard or a table
    writes it: full width, accents apart, ẞ and ß (SS), İ and ı (I), a dash for a hyphen, marks that nobody sees.
    Letters of another alphabet are others. What was read reads as it is.
    """
    if not 1 <= len(typed.strip()) <= CODE_LENGTH_MAX:
        return ""
    code = typed
    for _ in range(_READS_MAX):
        read = _read(code)
        if read == code:
            break
        code = read
    return code if len(code) <= CODE_LENGTH_MAX else ""


def _read(text: str) -> str:
    """Read once; what is left away may bring together what belongs together, so the next reading may differ."""
    capitals = normalize("NFKC", text).casefold().replace("i\u0307", "i").upper()
    seen = (one for one in normalize("NFKC", capitals) if category(one) not in _INVISIBLE and one != _MINUS)
    return normalize("NFKC", "".join(seen))


class PepperError(ValueError):
    """Peppers that cannot be used; the text says why, and names none."""


class Peppers:
    """The secrets that make fingerprints of codes. Several are active while one takes the place of another."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Sequence[str]) -> None:
        """Take the secrets, the newest first; raises PepperError for none, a short one, or one given twice."""
        if not secrets or min(map(len, secrets)) < _PEPPER_LENGTH_MIN:
            raise PepperError(f"give at least one pepper, each of {_PEPPER_LENGTH_MIN} characters or more")
        if len(set(secrets)) != len(secrets):
            raise PepperError("a pepper is given twice")
        self._secrets = tuple(secret.encode() for secret in secrets)

    @classmethod
    def parse(cls, setting: str) -> "Peppers":
        """Read peppers separated by commas, the newest first; raises PepperError."""
        return cls([secret.strip() for secret in setting.split(",") if secret.strip()])

    def __repr__(self) -> str:
        """Say how many there are, and nothing of what they are."""
        return f"Peppers({len(self._secrets)})"

    def fingerprint(self, typed: str) -> str:
        """Return the fingerprint under which a code is stored: the newest pepper's, 64 hexadecimal digits.

        Raises ValueError for what is no code.
        """
        found = self.fingerprints(typed)
        if not found:
            raise ValueError("a code has 1 to 64 characters, and not only hyphens and white space")
        return found[0]

    def fingerprints(self, typed: str) -> tuple[str, ...]:
        """Return the fingerprints a code may be stored under, the newest pepper's first; none for what is no code."""
        code = normalised(typed).encode("utf-8", "surrogatepass")
        if not code:
            return ()
        return tuple(hmac.new(secret, code, sha256).hexdigest() for secret in self._secrets)
