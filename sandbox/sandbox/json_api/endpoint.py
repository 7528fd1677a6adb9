"""Where a stand-in's events go, as scripts say it and read it."""

from typing import Any

from sandbox.event_delivery import Endpoint
from sandbox.json_api.fields import FieldError


def endpoint_of(given: dict[str, Any], known: Endpoint | None, secret: str) -> Endpoint:
    """The endpoint of `{url, secrets?, events?}`; secrets stay those of the known one, `secret` without one."""
    url, secrets, events = given.get("url"), given.get("secrets"), given.get("events", ["*"])
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise FieldError("url", "not an http(s) address", 'send one as "http://127.0.0.1:8080/webhook/stripe"')
    if secrets is None:
        secrets = list(known.secrets) if known is not None else [secret]
    for name, listed in (("secrets", secrets), ("events", events)):
        if not isinstance(listed, list) or not listed:
            raise FieldError(name, "not a list of strings", "send at least one")
    return Endpoint(url, tuple(map(str, secrets)), frozenset(map(str, events)))


def endpoint_view(endpoint: Endpoint | None) -> dict[str, Any] | None:
    """As JSON, without the secrets."""
    if endpoint is None:
        return None
    return {"url": endpoint.url, "secrets": len(endpoint.secrets), "events": sorted(endpoint.events)}
