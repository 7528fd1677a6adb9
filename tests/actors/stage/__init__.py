"""A toy service for the ground's tests: accounts that take deposits, move coins, ring bells and keep a journal."""
