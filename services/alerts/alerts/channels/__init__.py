"""The ways to people: each takes notices and says what became of them."""
