"""The words of the checkout page, German and English."""

TEXTS = {
    "de": {
        "title": "Stripe-Testkasse",
        "stand_in": "Nachgebaut für diesen Rechner. Hier fließt kein echtes Geld.",
        "total": "Gesamtbetrag",
        "card": "Bezahlen",
        "card_hint": "Testkarte •••• 4242",
        "later": "Später bezahlen",
        "later_hint": "SEPA-Lastschrift, die Bank entscheidet danach",
        "declined": "Karte ablehnen lassen",
        "cancel": "Abbrechen und zurück",
        "refused": "Deine Karte wurde abgelehnt. Versuch es noch einmal.",
        "complete": "Diese Bestellung ist schon abgeschlossen.",
        "expired": "Diese Bestellung ist abgelaufen.",
        "unknown": "Diese Bestellung gibt es nicht.",
        "back": "Weiter",
    },
    "en": {
        "title": "Stripe test checkout",
        "stand_in": "A stand-in on this machine. No real money moves here.",
        "total": "Total",
        "card": "Pay",
        "card_hint": "Test card •••• 4242",
        "later": "Pay later",
        "later_hint": "SEPA debit, the bank decides afterwards",
        "declined": "Have the card declined",
        "cancel": "Cancel and go back",
        "refused": "Your card was declined. Please try again.",
        "complete": "This order is complete already.",
        "expired": "This order has expired.",
        "unknown": "There is no such order.",
        "back": "Continue",
    },
}


def language(locale: str | None, accepted: str) -> str:
    """`de` or `en`: what the session says, else what the browser likes best, else German."""
    if locale in ("de", "en", "en-GB"):
        return locale[:2]
    liked = [part.strip()[:2].lower() for part in accepted.split(",")]
    return next((one for one in liked if one in TEXTS), "de")
