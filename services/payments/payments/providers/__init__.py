"""Who takes the money: Telegram Stars and Stripe, as clients."""
