"""The chat page: static files and the event feed behind it."""
