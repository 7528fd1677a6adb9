"""The hosted checkout page in the browser: pay, pay later, be declined, go back."""

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.stripe.book import Book, Json
from sandbox.stripe.checkout import HOWS, Checkout
from sandbox.stripe.errors import StripeError
from sandbox.stripe.texts import TEXTS, language

STATIC = Path(__file__).parent / "static"
_PAGE = Environment(
    loader=PackageLoader("sandbox.stripe"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
).get_template("checkout.html")
SIGNS = {"eur": "€", "usd": "$", "gbp": "£"}


class CheckoutPage:
    """Handlers of /stripe/pay/{session}."""

    def __init__(self, book: Book, checkout: Checkout) -> None:
        self._book = book
        self._checkout = checkout

    def routes(self) -> list[web.AbstractRouteDef]:
        """What is served."""
        return [
            web.get("/stripe/pay/{id}", self.show),
            web.post("/stripe/pay/{id}/{how}", self.pay),
            web.static("/stripe/static", STATIC),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page of a session; 404 for one that nobody opened."""
        return self._page(request, refused="refused" in request.query)

    async def pay(self, request: web.Request) -> web.StreamResponse:
        """Pay, and go where the session says; a declined card leads back to the page."""
        session_id, how = request.match_info["id"], request.match_info["how"]
        if how not in HOWS:
            raise web.HTTPNotFound(text="the buttons are card, later and declined")
        try:
            session = self._checkout.pay(session_id, how)
        except StripeError:
            return self._page(request, refused=False)
        if how == "declined":
            raise web.HTTPSeeOther(f"/stripe/pay/{session_id}?refused")
        raise web.HTTPSeeOther(success_url(session))

    def _page(self, request: web.Request, *, refused: bool) -> web.Response:
        session_id = request.match_info["id"]
        accepted = request.headers.get("Accept-Language", "")
        try:
            session = self._checkout.session(session_id)
        except StripeError:
            return _html(TEXTS[language(None, accepted)], None, status=404)
        texts, lines = TEXTS[language(session["locale"], accepted)], self._book.line_items[session_id]
        on_url = success_url(session) if session["status"] == "complete" else session["cancel_url"]
        return _html(texts, session, lines=lines, on_url=on_url, refused=refused)


def success_url(session: Json) -> str:
    """Where a buyer who paid is sent; `{CHECKOUT_SESSION_ID}` in the address is filled in."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def money(amount: int, currency: str) -> str:
    """Minor units as people read them: `4,99 €`."""
    return f"{amount // 100},{amount % 100:02d} {SIGNS.get(currency, currency.upper())}"


def _html(texts: dict[str, str], session: Json | None, *, status: int = 200, **values: Any) -> web.Response:
    text = _PAGE.render(texts=texts, session=session, money=money, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'; form-action *"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)
