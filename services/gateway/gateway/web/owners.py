"""What the internal API stands before: the services that own what is asked, by NATS."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
import structlog

from actors.asking import Asker, QueryError
from contracts.message import Query
from contracts.promo import Peppers
from gateway.web.problems import ProblemError
from gateway.web.reading import KEY_HEADER

ANSWER_SECONDS_MAX: Final = 8.0
"""An owner gives up a turn after 5 s, and says so."""
_PASSED_ON: Final = frozenset({400, 404, 409, 410, 422, 429})
_RETRY_SECONDS: Final = "5"
_OWN_WORDS: Final = {"request_id": KEY_HEADER, "created_from": "from", "created_until": "until"}
"""What an owner calls otherwise than a client here."""

A = TypeVar("A", bound=msgspec.Struct)
log = structlog.get_logger()


class Owners:
    """Asks services; what keeps an answer away becomes a problem, within `ANSWER_SECONDS_MAX`."""

    def __init__(self, asker: Asker, peppers: Peppers, *, seconds_max: float = ANSWER_SECONDS_MAX) -> None:
        """`peppers` make fingerprints of codes, which alone go on."""
        self._asker = asker
        self._seconds_max = seconds_max
        self.peppers = peppers

    async def query(self, asked: Query[A]) -> A:
        """Return a service's answer; raises ProblemError."""
        try:
            return await self._asker.query(asked, timeout_seconds=self._seconds_max)
        except QueryError as error:
            raise _problem(error, asked.subject.split(".")[1]) from error

    async def admin(self, endpoint: str, request: Mapping[str, Any], *, person: str, answer: type[A]) -> A:
        """Have an operator's request done in a person's name, and return the answer; raises ProblemError."""
        try:
            return await self._asker.vouch(
                endpoint, request, person=person, answer=answer, timeout_seconds=self._seconds_max
            )
        except QueryError as error:
            raise _problem(error, endpoint.split(".")[1]) from error


def _problem(error: QueryError, owner: str) -> ProblemError:
    if error.code in _PASSED_ON:
        name, colon, rest = error.reason.partition(":")
        field = _OWN_WORDS.get(name, name) if colon and len(name.split()) == 1 else None
        return ProblemError(HTTPStatus(error.code), f"{field}:{rest}" if field else error.reason, field=field)
    log.warning("internal_api_unanswered", owner=owner, code=error.code, error=str(error))
    if error.code == HTTPStatus.GATEWAY_TIMEOUT:
        text = f"{owner} did not answer in time; whether it was done is not known. Repeat the request as it is."
        return ProblemError(HTTPStatus.GATEWAY_TIMEOUT, text)
    if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
        text = f"{owner} cannot be asked now. Repeat the request as it is in {_RETRY_SECONDS} seconds."
        return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, text, headers={"Retry-After": _RETRY_SECONDS})
    return ProblemError(HTTPStatus.BAD_GATEWAY, f"{owner} failed; its log says how. Repeat the request as it is.")
