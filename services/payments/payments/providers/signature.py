"""Stripe's signature on a webhook body (DOMAIN §6, Stripe): HMAC-SHA256 over `<time>.<raw body>`.

The SDK's own check reads the system clock, and raises other errors than its own for a body that is not UTF-8 or a
signature that is not ASCII; this one takes bytes and the time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from actors.signed_body import is_signed

TOLERANCE_SECONDS: Final = 300
_SCHEME: Final = "v1"
_TIME_DIGITS_MAX: Final = 12


class SignatureError(Exception):
    """The body is not Stripe's, or too old. `reason`: missing, malformed, unsigned, mismatch or too_old."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def verify_signature(
    raw_body: bytes,
    header: str | None,
    secrets: str | Sequence[str],
    now: datetime,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> None:
    """Return when one `v1` of the header fits one of our secrets and its time is not too long ago; else SignatureError.

    Several `v1` come while Stripe changes a secret, several `secrets` are ours while we do. A time ahead of `now`
    passes, as with Stripe's own libraries: only Stripe can sign it, and our clock may be late.
    """
    if not header:
        raise SignatureError("missing", "there is no Stripe-Signature header")
    signed_at, given = _read(header)
    signed = str(signed_at).encode() + b"." + raw_body
    known = [secrets] if isinstance(secrets, str) else secrets
    if not is_signed(signed, known, given):
        raise SignatureError("mismatch", "no signature in the header fits the body and our secret")
    age_seconds = now.timestamp() - signed_at
    if age_seconds > tolerance_seconds:
        raise SignatureError("too_old", f"signed {age_seconds:.0f} s ago, more than {tolerance_seconds} s")


def _read(header: str) -> tuple[int, list[bytes]]:
    """The time and the signatures of scheme v1, as bytes: a forged one may hold any character."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if not times or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > _TIME_DIGITS_MAX:
        raise SignatureError("malformed", "the Stripe-Signature header has no time as t=<unix seconds>")
    signatures = [value.encode("utf-8", "surrogateescape") for name, _, value in pairs if name == _SCHEME]
    if not signatures:
        raise SignatureError("unsigned", f"the Stripe-Signature header has no signature of scheme {_SCHEME}")
    return int(times[0]), signatures
