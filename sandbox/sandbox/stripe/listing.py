"""Lists as Stripe shows them: newest first, in pages, filtered, with references unfolded where asked."""

from collections.abc import Callable

from sandbox.stripe.book import Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import shown
from sandbox.stripe.params import Params

LIMIT_DEFAULT, LIMIT_MAX = 10, 100
FILTERS = {
    "sessions": ("payment_intent", "status"),
    "payment_intents": (),
    "charges": ("payment_intent",),
    "refunds": ("payment_intent", "charge"),
    "disputes": ("payment_intent", "charge"),
    "balance_transactions": ("type", "source", "currency"),
    "events": ("type",),
}
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
_OF_PREFIX = {
    "ch": "charges",
    "pi": "payment_intents",
    "re": "refunds",
    "du": "disputes",
    "txn": "balance_transactions",
}


def page(book: Book, kind: str, url: str, params: Params) -> Json:
    """One page: `{"object": "list", "url", "data", "has_more"}`."""
    limit = params.integer("limit", 1, LIMIT_MAX) or LIMIT_DEFAULT
    entries = _matching(book, kind, params)
    after, before = params.text("starting_after"), params.text("ending_before")
    expand = params.words("expand")
    params.done()
    if after is not None:
        entries = entries[_place(entries, after, "starting_after") + 1 :]
        cut = entries[:limit]
    elif before is not None:
        entries = entries[: _place(entries, before, "ending_before")]
        cut = entries[-limit:]
    else:
        cut = entries[:limit]
    inner = [way.removeprefix("data.") for way in expand]
    data = [unfolded(book, entry, inner) for entry in cut]
    return {"object": "list", "url": url, "data": data, "has_more": len(entries) > limit}


def unfolded(book: Book, entry: Json, ways: list[str]) -> Json:
    """The object as shown, with the named references (`source`, `charge.payment_intent`) replaced by objects."""
    found = shown(entry)
    for way in ways:
        name, _, rest = way.partition(".")
        if name == "line_items" and entry["object"] == "checkout.session":
            lines = book.line_items[entry["id"]]
            found[name] = {"object": "list", "data": lines, "has_more": False}
        elif isinstance(found.get(name), str):
            found[name] = unfolded(book, _referred(book, found[name], way), [rest] if rest else [])
        elif name not in found:
            raise StripeError(f"This property cannot be expanded ({way}).", param="expand")
    return found


def _matching(book: Book, kind: str, params: Params) -> list[Json]:
    """What passes the filters, newest first."""
    tests: list[Callable[[Json], bool]] = []
    for name in FILTERS[kind]:
        wanted = params.text(name)
        if wanted is not None:
            tests.append(lambda entry, name=name, wanted=wanted: entry[name] == wanted)
    created = params.object("created")
    for sign, compare in _COMPARE.items():
        bound = created.integer(sign, 0, 2**40)
        if bound is not None:
            tests.append(lambda entry, compare=compare, bound=bound: compare(entry["created"], bound))
    created.done()
    return [entry for entry in reversed(book.kinds[kind].values()) if all(test(entry) for test in tests)]


def _place(entries: list[Json], wanted: str, param: str) -> int:
    for place, entry in enumerate(entries):
        if entry["id"] == wanted:
            return place
    raise StripeError(f"No such object: '{wanted}'", code="resource_missing", param=param)


def _referred(book: Book, wanted: str, way: str) -> Json:
    kind = _OF_PREFIX.get(wanted.partition("_")[0])
    if kind is None:
        raise StripeError(f"This property cannot be expanded ({way}).", param="expand")
    return book.get(kind, wanted)
