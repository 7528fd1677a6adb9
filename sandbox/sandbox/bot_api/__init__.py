"""The Bot API: the HTTP door and the methods behind it. Payments get a module of their own here when they come."""
