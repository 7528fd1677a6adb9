"""Where states live: every query named in the .sql file beside the store that uses it."""
