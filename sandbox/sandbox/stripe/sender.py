"""How this Stripe writes to a webhook."""

import hashlib
import hmac

from sandbox.event_delivery import Endpoint
from sandbox.stripe.book import Json
from sandbox.stripe.events import body_of


def signature(body: bytes, secrets: tuple[str, ...], at: int) -> str:
    """The header `Stripe-Signature`: HMAC-SHA256 over `<unix seconds>.<body>`, once per secret."""
    signed = str(at).encode() + b"." + body
    macs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs)])


class StripeSender:
    """In no promised order, for three days, until a 2xx."""

    kept_seconds = 3 * 86_400.0

    def letter(self, event: Json, endpoint: Endpoint, at: int) -> tuple[bytes, dict[str, str]]:
        """The same bytes each time, signed with the time of the attempt."""
        body = body_of(event)
        signed = signature(body, endpoint.secrets, at)
        return body, {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signed}

    def is_over(self, status: int | None) -> bool:
        """Only a 2xx ends it."""
        return status is not None and 200 <= status < 300

    def queue(self, event: Json) -> str | None:
        """Each goes on its own."""
        del event
        return None
