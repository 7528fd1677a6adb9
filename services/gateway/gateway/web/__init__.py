"""The internal HTTP API (DOMAIN §11): a thin front to what other services do for operators."""
