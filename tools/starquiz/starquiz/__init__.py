"""The operators' command line. It knows what is on NATS and nothing else: no service's code, no database."""
