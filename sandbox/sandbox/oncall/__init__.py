"""Where alerts go: a Slack, a PagerDuty, a hook for any JSON, and a heartbeat's other end."""
