"""The rules of money: pure functions and state structs. No clock, no dice, no I/O."""
