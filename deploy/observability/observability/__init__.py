"""What Starquiz promises its players, and what Prometheus makes of it."""
