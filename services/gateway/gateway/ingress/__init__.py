"""The way in: an update is authenticated, addressed and made durable here. Nothing is decided."""
