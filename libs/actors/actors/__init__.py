"""The ground every Starquiz actor stands on: turns, mailboxes, timers, effects, endpoints, and a way to start and stop.

It knows NATS and Postgres and no business noun. A service author writes pure handlers (`actors.actor`), stores
(`actors.store`) and a spec (`actors.spec`); everything else in here runs them.
"""
