"""The internal API under schemathesis, from its own OpenAPI document: `make fuzz-api`."""
