"""What gameplay does when it hears something: the table of contents is `gameplay.app`."""

from actors.actor import Actor

actor = Actor("gameplay")
"""Every module of this package enters its handlers here."""
