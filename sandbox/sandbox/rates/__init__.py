"""A central bank for one machine: its daily reference rates, fresh, stale, broken or not to be had."""
