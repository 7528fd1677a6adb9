"""The rules of the game: pure functions and state structs. No clock, no dice, no I/O."""
