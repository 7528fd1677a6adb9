"""What each Bot API method takes, compiled at start from aiogram's models into plain python checks."""
