"""Whether somebody signed a body with a secret that they share with us: HMAC-SHA256, in hexadecimal."""

import hashlib
import hmac
from collections.abc import Sequence


def is_signed(signed: bytes, secrets: Sequence[str], given: Sequence[bytes]) -> bool:
    """Return whether one of the `given` signatures is what one of our `secrets` makes of `signed`.

    Several are given while they change a secret, several secrets are ours while we do. An empty secret signs nothing. A
    given signature may hold any bytes; every pair is compared, in constant time, so that the time taken tells nothing.
    """
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
    return sum(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given) > 0
