"""The way out to Telegram: lean import of aiogram, session, limits, sender."""
