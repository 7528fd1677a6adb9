"""What runs an actor: turns, effects, jobs and endpoints over NATS and Postgres. Its authors need not read this."""
