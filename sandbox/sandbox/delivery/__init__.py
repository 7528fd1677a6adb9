"""How updates reach the bot: the waiting updates, the webhook with Telegram's retries, and getUpdates."""
