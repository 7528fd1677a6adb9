"""A Telegram for one machine: Bot API, chat page, JSON API, faults. No business noun of Starquiz lives here."""
