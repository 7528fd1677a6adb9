"""What each Bot API method takes, as plain python checks; the source is aiogram's models, kept in methods.json."""
