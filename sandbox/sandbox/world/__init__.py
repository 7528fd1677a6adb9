"""What exists in this Telegram: players, chats, messages, pictures, pending taps. State only, no HTTP."""
