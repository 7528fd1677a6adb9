"""Pure functions from what happened to how it looks: event and voice in, screen out."""
