"""The hosted checkout page in the browser: pay, pay later, be declined, go back."""

from html import escape
from pathlib import Path

from aiohttp import web

from sandbox.stripe.book import Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.texts import TEXTS, language
from sandbox.stripe.till import HOWS, Till

STATIC = Path(__file__).parent / "static"
SIGNS = {"eur": "€", "usd": "$", "gbp": "£"}


class CheckoutPage:
    """Handlers of /stripe/pay/{session}."""

    def __init__(self, book: Book, till: Till) -> None:
        self._book = book
        self._till = till

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
            session = self._till.pay(session_id, how)
        except StripeError:
            return self._page(request, refused=False)
        if how == "declined":
            raise web.HTTPSeeOther(f"/stripe/pay/{session_id}?refused")
        raise web.HTTPSeeOther(success_url(session))

    def _page(self, request: web.Request, *, refused: bool) -> web.Response:
        session_id = request.match_info["id"]
        accepted = request.headers.get("Accept-Language", "")
        try:
            session = self._till.session(session_id)
        except StripeError:
            texts = TEXTS[language(None, accepted)]
            return _html(texts, f'<p class="note">{escape(texts["unknown"])}</p>', 404)
        texts = TEXTS[language(session["locale"], accepted)]
        if session["status"] != "open":
            return _html(texts, _over(texts, session))
        return _html(
            texts, _order(texts, session, self._book.line_items[session_id]) + _choices(texts, session, refused)
        )


def success_url(session: Json) -> str:
    """Where a buyer who paid is sent; `{CHECKOUT_SESSION_ID}` in the address is filled in."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def money(amount: int, currency: str) -> str:
    """Minor units as people read them: `4,99 €`."""
    return f"{amount // 100},{amount % 100:02d} {SIGNS.get(currency, currency.upper())}"


def _order(texts: dict[str, str], session: Json, lines: list[Json]) -> str:
    total = money(session["amount_total"], session["currency"])
    rows = "".join(
        f"<li><span>{escape(line['description'])}{_times(line['quantity'])}</span>"
        f"<b>{money(line['amount_total'], line['currency'])}</b></li>"
        for line in lines
    )
    return f'<p class="sum"><span>{escape(texts["total"])}</span><strong>{total}</strong></p><ul>{rows}</ul>'


def _times(quantity: int) -> str:
    return f" × {quantity}" if quantity > 1 else ""


def _choices(texts: dict[str, str], session: Json, refused: bool) -> str:
    total = money(session["amount_total"], session["currency"])
    note = f'<p class="note bad" role="alert">{escape(texts["refused"])}</p>' if refused else ""
    buttons = [("card", f"{texts['card']} · {total}", texts["card_hint"])]
    if "sepa_debit" in session["payment_method_types"]:
        buttons.append(("later", texts["later"], texts["later_hint"]))
    buttons.append(("declined", texts["declined"], ""))
    forms = "".join(
        f'<form method="post" action="/stripe/pay/{session["id"]}/{how}"><button class="{how}">{escape(label)}'
        f"{f'<small>{escape(hint)}</small>' if hint else ''}</button></form>"
        for how, label, hint in buttons
    )
    cancel_url = session["cancel_url"]
    back = f'<a class="back" href="{escape(cancel_url)}">← {escape(texts["cancel"])}</a>' if cancel_url else ""
    return note + forms + back


def _over(texts: dict[str, str], session: Json) -> str:
    url = success_url(session) if session["status"] == "complete" else session["cancel_url"]
    back = f'<a class="back" href="{escape(url)}">{escape(texts["back"])} →</a>' if url else ""
    return f'<p class="note">{escape(texts[session["status"]])}</p>{back}'


def _html(texts: dict[str, str], content: str, status: int = 200) -> web.Response:
    title, stand_in = escape(texts["title"]), escape(texts["stand_in"])
    text = (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{title}</title><link rel="stylesheet" href="/stripe/static/checkout.css"></head><body><main>'
        f"<h1>{title}</h1>{content}</main><footer>{stand_in}</footer></body></html>"
    )
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'; form-action *"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)
