"""Every method this sandbox has, by its documented name."""

from sandbox.bot_api import gifts, messages, payments, profile, taps, updates
from sandbox.bot_api.telegram import Handler

HANDLERS: dict[str, Handler] = {
    **messages.METHODS,
    **taps.METHODS,
    **payments.METHODS,
    **gifts.METHODS,
    **profile.METHODS,
    **updates.METHODS,
}
