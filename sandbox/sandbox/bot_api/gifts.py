"""Telegram Premium that the bot gives to somebody, paid for with its own Stars."""

from typing import Final

from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.entities.text import formatted
from sandbox.errors import bad_request
from sandbox.world.star_rows import NANOS, Movement

STARS_OF_MONTHS: Final = {3: 1000, 6: 1500, 12: 2500}
"""What so many months cost; Telegram wants to hear both."""
TEXT_LENGTH_MAX: Final = 128


def gift_premium_subscription(telegram: Telegram, args: Arguments) -> bool:
    """giftPremiumSubscription: the bot's balance falls by the price, and a row of its list says for whom."""
    world, user_id, months, price = telegram.world, args["user_id"], args["month_count"], args["star_count"]
    if user_id not in world.chats:
        raise bad_request("user not found")
    text, _ = formatted(args.get("text", ""), args.get("text_parse_mode"), args.get("text_entities"), TEXT_LENGTH_MAX)
    if STARS_OF_MONTHS.get(months) != price:
        raise bad_request("Wrong purchase price specified")
    if world.stars.nanos < price * NANOS:
        raise bad_request("BALANCE_TOO_LOW")
    partner = {
        "type": "user",
        "transaction_type": "premium_purchase",
        "user": world.chats[user_id].player.user,
        "premium_subscription_duration": months,
    }
    row = Movement(world.stars.new_id(), world.clock.now(), -price * NANOS, partner)
    world.stars.move(row)
    world.stars.gifts.append({"id": row.id, "player_id": user_id, "months": months, "stars": price, "text": text})
    return True


METHODS: dict[str, Handler] = {"giftPremiumSubscription": gift_premium_subscription}
