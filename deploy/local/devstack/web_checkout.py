"""The checkout on the web in a local run (`STRIPE=1`): the sandbox's Stripe is told what payments' `local.env` says."""

from devstack.ports import LOOPBACK
from devstack.vault import Vault


def address_of(port: int) -> str:
    """Return where the checkout page is."""
    return f"http://{LOOPBACK}:{port}"


def of_sandbox(vault: Vault) -> dict[str, str]:
    """Return what the sandbox's Stripe must know to be called."""
    return {"SANDBOX_STRIPE_SECRET_KEY": f"sk_test_{vault.shared('stripe_api')}"}


def webhook_secret(vault: Vault) -> str:
    """Return what signs Stripe's events."""
    return f"whsec_{vault.shared('stripe_webhook')}"
