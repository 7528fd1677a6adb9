"""The rules of alerts, pure."""
