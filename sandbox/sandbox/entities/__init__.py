"""Text as Telegram reads it: parse modes, entities in UTF-16 units, links and commands found in plain text."""
