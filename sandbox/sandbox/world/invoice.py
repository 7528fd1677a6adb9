"""An invoice: what the bot wants Stars for. It sits in a message or behind a link and can be paid more than once."""

from dataclasses import dataclass
from typing import Any

CURRENCY = "XTR"
"""Telegram Stars; the sandbox knows no other money."""


@dataclass(slots=True)
class Invoice:
    """`amount` is in whole Stars, `payload` is the bot's own; `subscription_period` is in seconds."""

    title: str
    description: str
    payload: str
    amount: int
    currency: str = CURRENCY
    start_parameter: str = ""
    photo_url: str | None = None
    subscription_period: int | None = None
    paid: bool = False

    def telegram(self) -> dict[str, Any]:
        """The invoice as the Bot API shows it in a message: the payload stays the bot's secret."""
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": self.currency,
            "total_amount": self.amount,
        }

    def view(self) -> dict[str, Any]:
        """The invoice as scripts and the chat page see it."""
        view: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "amount": self.amount,
            "currency": self.currency,
            "paid": self.paid,
            "start_parameter": self.start_parameter,
        }
        if self.photo_url is not None:
            view["photo_url"] = self.photo_url
        return view
