"""The sandbox's stand-ins that call back: each is told where its webhook is, and what signs what it says."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping

from devstack import web_checkout
from devstack.engine import EngineError
from devstack.ports import LOOPBACK
from devstack.vault import Vault

_ASK_SECONDS = 10
_API = "/sandbox/api"


async def call_back(sandbox_url: str, checkout: str, alerts_port: int, vault: Vault) -> None:
    """Tell PagerDuty where alerts listens, and Stripe where the checkout does, if there is one; raises EngineError."""
    page = f"http://{LOOPBACK}:{alerts_port}/webhook/pagerduty"
    secret = f"pdsec_{vault.shared('pagerduty_webhook')}"
    await _tell(f"{sandbox_url}{_API}/oncall/pagerduty/webhook", {"url": page, "secrets": [secret]})
    if checkout:
        told = {"url": f"{checkout}/webhook/stripe", "secrets": [web_checkout.webhook_secret(vault)]}
        await _tell(f"{sandbox_url}{_API}/stripe/webhook", told)


async def _tell(url: str, body: Mapping[str, object]) -> None:
    await asyncio.to_thread(_post, url, body)


def _post(url: str, body: Mapping[str, object]) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - the sandbox's own
    try:
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS):  # noqa: S310
            pass
    except (urllib.error.URLError, OSError) as error:
        raise EngineError(f"The sandbox did not take a webhook's address ({url}): {error}") from None
