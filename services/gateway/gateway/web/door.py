"""The internal API's door (DOMAIN §11): a token and an address; whatever is wrong, the answer is the same."""

from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from gateway import metrics
from gateway.domain.internal_access import ForwardedHeader, Networks, Tokens, client_address
from gateway.web.problems import ProblemError

TOKEN_HEADER: Final = "X-Internal-Token"  # noqa: S105 - the header's name
_REFUSAL: Final = "Not allowed."

log = structlog.get_logger()


class Door:
    """Lets in who has a token and comes from an address that may."""

    def __init__(self, tokens: Tokens, *, allowed: Networks, proxies: Networks, forwarded: ForwardedHeader) -> None:
        """`proxies` are ours, and say in the header `forwarded` who is behind them."""
        self._tokens = tokens
        self._allowed = allowed
        self._proxies = proxies
        self._forwarded: ForwardedHeader = forwarded

    def enter(self, request: web.BaseRequest) -> str:
        """Return in whose name the request speaks; raises ProblemError 403, which does not say what was wrong.

        Both are looked at whatever the first says: the time that it takes does not tell either.
        """
        owner = self._owner_of(request)
        lines = request.headers.getall(self._forwarded, [])
        address = client_address(request.remote or "", lines, self._proxies, self._forwarded)
        is_near = address in self._allowed
        if owner and is_near:
            return owner
        reason = "token" if is_near else "address" if owner else "both"
        metrics.INTERNAL_REFUSED.labels(reason).inc()
        log.warning("internal_api_refused", reason=reason, peer=request.remote, address=str(address))
        raise ProblemError(HTTPStatus.FORBIDDEN, _REFUSAL)

    def _owner_of(self, request: web.BaseRequest) -> str:
        given = request.headers.getall(TOKEN_HEADER, [])
        text = given[0] if len(given) == 1 else ""
        return self._tokens.owner_of(text.encode(errors="surrogateescape"))
