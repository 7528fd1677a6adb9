"""Where the gateway's internal API listens in a local run, and what opens it."""

import json

from devstack.ports import LOOPBACK
from devstack.stack import Stack

_SECRET = "internal_api"  # noqa: S105 - the name of one, in services/gateway/local.env


def address_of(stack: Stack) -> str:
    """Return its address without a path, as the first gateway's log has it; raises LookupError when it is not there."""
    for line in reversed((stack.folder / "logs" / "gateway.log").read_text(encoding="utf-8").splitlines()):
        if '"internal_api_listening"' in line:
            return f"http://{LOOPBACK}:{json.loads(line)['port']}"
    raise LookupError("the gateway's log does not say where the internal API listens")


def token_of(stack: Stack) -> str:
    """Return the token of `ops`."""
    return stack.vault.shared(_SECRET)
