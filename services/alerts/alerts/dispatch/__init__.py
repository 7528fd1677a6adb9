"""Bringing deliveries to their channels, each at its own pace."""
