"""Every method: name → schema and handler, and what is known to Telegram but lacking here."""

from dataclasses import dataclass

from sandbox.bot_api import messages, profile, taps, updates
from sandbox.bot_api.telegram import Handler
from sandbox.schema.compile import Compiler, MethodSchema, known_methods

ROOMS = (messages.METHODS, taps.METHODS, profile.METHODS, updates.METHODS)


@dataclass(slots=True, frozen=True)
class Method:
    """A method this sandbox has."""

    schema: MethodSchema
    handler: Handler

    @property
    def name(self) -> str:
        """The documented name."""
        return self.schema.name


class Registry:
    """Methods by lower-cased name. `lacking` are those aiogram knows and this sandbox does not."""

    def __init__(self) -> None:
        known = known_methods()
        compiler = Compiler()
        handlers = {name: handler for room in ROOMS for name, handler in room.items()}
        self.methods = {
            name.lower(): Method(compiler.method(known[name.lower()]), handler) for name, handler in handlers.items()
        }
        self.lacking = {lower: str(model.__api_method__) for lower, model in known.items() if lower not in self.methods}
