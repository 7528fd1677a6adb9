"""Methods for the door: schema and handler by name, and what is known to Telegram but lacking here."""

from dataclasses import dataclass

from sandbox.bot_api.methods_by_name import HANDLERS
from sandbox.bot_api.telegram import Handler
from sandbox.schema.compile import MethodSchema, read_schemas


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
    """Methods by lower-cased name (Telegram ignores case). `lacking` are those of the Bot API that are not here."""

    def __init__(self) -> None:
        schemas, lacking = read_schemas()
        self.methods = {name.lower(): Method(schemas[name], handler) for name, handler in HANDLERS.items()}
        self.lacking = {name.lower(): name for name in lacking}
