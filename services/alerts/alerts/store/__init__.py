"""Every query of alerts."""
