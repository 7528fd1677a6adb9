"""The checkout's pages over HTTP: choose, check, order; then Stripe's own page, and what became of it."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

import structlog
from aiohttp import web

from actors.bounded_body import read_up_to
from actors.clock import Clock
from contracts.payments import BuyAnswer, BuyRefusal, Currency
from payments.providers import ProviderRefusedError
from payments.web import metrics, pages
from payments.web.forms import (
    COOKIE,
    FORM_BYTES_MAX,
    Form,
    FormKey,
    Order,
    Wish,
    order_of,
    read_form,
    web_currency,
    wish_of,
)
from payments.web.storefront import MINIMUM, Storefront
from payments.web.texts import Voice, currency_of, language_of, voice

_COOKIE_SECONDS = 12 * 3600
_SAID = {
    BuyRefusal.NOT_ON_SALE: "refused-not_on_sale",
    BuyRefusal.SAVER_LIMIT: "refused-saver_limit",
    BuyRefusal.PREMIUM_RANK: "refused-premium_rank",
    BuyRefusal.NO_PRICE: "refused-no_price",
    BuyRefusal.QUOTE_LAPSED: "refused-quote_lapsed",
    BuyRefusal.OPEN_IN_CHAT: "refused-open_in_chat",
    BuyRefusal.DISCOUNT_INVALID: "refused-not_on_sale",
}
"""Without dates: whoever knows a number should not learn how long somebody's premium runs."""

log = structlog.get_logger()


class CheckoutPages:
    """Shows the shop, and sends buyers to the provider's page."""

    def __init__(self, storefront: Storefront, key: FormKey, clock: Clock, *, is_secure: bool) -> None:
        """`is_secure`: the page is reached by https, so its cookie is not to travel otherwise."""
        self._counter = storefront
        self._key = key
        self._clock = clock
        self._is_secure = is_secure

    async def shelf(self, request: web.Request) -> web.Response:
        """GET /: what there is, in the currency asked for; else in the browser's, or in euros when it has no prices."""
        form = Form(product=request.query.get("product", ""))
        chosen = web_currency(request.query.get("currency", ""))
        if chosen is None:
            likely = currency_of(request.headers.get("Accept-Language", ""))
            chosen = likely if await self._counter.shelf(likely) else Currency.EUR
        return await self._shelf(request, chosen, form, ())

    async def check(self, request: web.Request) -> web.Response:
        """POST /check: freeze the price and show the order."""
        form = await self._form(request)
        wish = wish_of(form)
        if not isinstance(wish, Wish):
            return await self._refuse(request, form, [f"problem-{name}" for name in wish])
        if not self._key.fits(request, form.token):
            return await self._forged(request, form)
        answer = await self._counter.quote(wish)
        if answer.quote_id is None:
            return await self._refuse(request, form, [_SAID[BuyRefusal(answer.refusal)]], HTTPStatus.CONFLICT)
        if answer.amount < MINIMUM[wish.currency]:
            log.warning("price_below_what_stripe_takes", product=wish.product, amount=answer.amount)
            return await self._refuse(request, form, ["refused-too_small"], HTTPStatus.CONFLICT)
        metrics.CHECKOUTS.labels("quoted").inc()
        order = Order(wish=wish, quote_id=answer.quote_id, amount=answer.amount)
        return _html(pages.check(_voice(request), order, form.token))

    async def buy(self, request: web.Request) -> web.Response:
        """POST /buy: open the invoice and lead to Stripe's page."""
        form = await self._form(request)
        order = order_of(form)
        if not isinstance(order, Order):
            return await self._refuse(request, form, [f"problem-{name}" for name in order])
        if not self._key.fits(request, form.token):
            return await self._forged(request, form)
        answer = await self._counter.buy(order, _voice(request).language)
        if answer.purchase_id is None or answer.expires_at is None or answer.expires_at <= self._clock.now():
            reason = answer.refusal or BuyRefusal.QUOTE_LAPSED
            return await self._refuse(request, form, [_SAID[reason]], HTTPStatus.CONFLICT)
        if answer.amount != order.amount:
            # An invoice that was open keeps its price; nobody is led to pay another one than was shown.
            order = Order(wish=order.wish, quote_id=order.quote_id, amount=answer.amount)
            return _html(pages.check(_voice(request), order, form.token, changed=True), HTTPStatus.CONFLICT)
        return await self._to_stripe(request, order, answer)

    async def order(self, request: web.Request) -> web.Response:
        """GET /order: what became of an order; its address is the proof that it is the buyer's."""
        words, looks = _voice(request), request.query.get("looks", "")
        try:
            purchase_id = UUID(request.query.get("purchase", ""))
        except ValueError:
            return _html(pages.notice(words, "nowhere"), HTTPStatus.NOT_FOUND)
        bought = await self._counter.bought(purchase_id)
        if not bought.is_of_the_web:
            return _html(pages.notice(words, "nowhere"), HTTPStatus.NOT_FOUND)
        count = int(looks) if looks.isascii() and looks.isdigit() and len(looks) < 4 else 0
        return _html(pages.order(words, purchase_id, bought, is_back="back" in request.query, looks=count))

    async def _to_stripe(self, request: web.Request, order: Order, answer: BuyAnswer) -> web.Response:
        if answer.purchase_id is None or answer.expires_at is None:
            raise ValueError("only an invoice is paid")
        try:
            url = await self._counter.session(order.wish, answer.purchase_id, answer, answer.expires_at)
        except ProviderRefusedError as error:
            log.error("checkout_refused", purchase_id=str(answer.purchase_id), code=error.code, error=str(error))
            metrics.CHECKOUTS.labels("busy").inc()
            return _html(pages.notice(_voice(request), "busy"), HTTPStatus.BAD_GATEWAY)
        metrics.CHECKOUTS.labels("opened").inc()
        return web.Response(status=HTTPStatus.SEE_OTHER.value, headers={"Location": url})

    async def _form(self, request: web.Request) -> Form:
        body = await read_up_to(request, FORM_BYTES_MAX)
        if body is None:
            raise web.HTTPRequestEntityTooLarge(FORM_BYTES_MAX, FORM_BYTES_MAX)
        return read_form(body)

    async def _forged(self, request: web.Request, form: Form) -> web.Response:
        metrics.CHECKOUTS.labels("forged").inc()
        currency = web_currency(form.currency) or Currency.EUR
        return await self._shelf(request, currency, form, ("problem-token",), HTTPStatus.FORBIDDEN)

    async def _refuse(
        self,
        request: web.Request,
        form: Form,
        said: Sequence[str],
        status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
    ) -> web.Response:
        metrics.CHECKOUTS.labels("problem" if status is HTTPStatus.UNPROCESSABLE_ENTITY else "refused").inc()
        return await self._shelf(request, web_currency(form.currency) or Currency.EUR, form, said, status)

    async def _shelf(
        self,
        request: web.Request,
        currency: Currency,
        form: Form,
        problems: Sequence[str],
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        """The page with the form, and the cookie that belongs to it."""
        cookie = self._key.cookie(request)
        filled = Form(token=self._key.token(cookie), product=form.product, number=form.number)
        offers = await self._counter.shelf(currency)
        response = _html(pages.shelf(_voice(request), offers, currency, filled, problems), status)
        response.set_cookie(
            COOKIE, cookie, max_age=_COOKIE_SECONDS, httponly=True, secure=self._is_secure, samesite="Lax"
        )
        return response


def _voice(request: web.Request) -> Voice:
    return voice(language_of(request.headers.get("Accept-Language", "")))


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status.value)
