"""The checkout on the web in a local run (`STRIPE=1`): the sandbox's Stripe is told what payments' `local.env` says."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping

from devstack.engine import EngineError
from devstack.ports import LOOPBACK
from devstack.vault import Vault

_ASK_SECONDS = 10


def address_of(port: int) -> str:
    """Return where the checkout page is."""
    return f"http://{LOOPBACK}:{port}"


def of_sandbox(vault: Vault) -> dict[str, str]:
    """Return what the sandbox's Stripe must know to be called."""
    return {"SANDBOX_STRIPE_SECRET_KEY": _api_key(vault)}


async def register(sandbox_url: str, page: str, vault: Vault) -> None:
    """Tell the sandbox's Stripe where its events go, and what signs them; raises EngineError."""
    told = {"url": f"{page}/webhook/stripe", "secrets": [_webhook_secret(vault)]}
    await asyncio.to_thread(_post, f"{sandbox_url}/sandbox/api/stripe/webhook", told)


def _post(url: str, body: Mapping[str, object]) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - the sandbox's own
    try:
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS):  # noqa: S310
            pass
    except (urllib.error.URLError, OSError) as error:
        raise EngineError(f"The sandbox's Stripe did not take the webhook's address: {error}") from None


def _api_key(vault: Vault) -> str:
    return f"sk_test_{vault.shared('stripe_api')}"


def _webhook_secret(vault: Vault) -> str:
    return f"whsec_{vault.shared('stripe_webhook')}"
