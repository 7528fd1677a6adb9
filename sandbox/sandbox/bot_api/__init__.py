"""The Bot API: the HTTP door and the methods behind it."""
