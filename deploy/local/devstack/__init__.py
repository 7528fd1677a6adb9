"""The whole of Starquiz on one machine, without Docker and without root rights."""
