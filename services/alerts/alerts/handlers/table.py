"""Alerts' table of handlers: every module of this package enters its own."""

from actors.actor import Actor

actor = Actor("alerts")
