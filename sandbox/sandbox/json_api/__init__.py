"""The JSON API for scripts, tests and the chat page: players, faults, stats, the stream of effects."""
