"""Pure rules and state: no I/O, no clock, no library that talks to anyone."""
