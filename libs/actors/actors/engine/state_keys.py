"""Which states a message is about, by a field of it or by another state that it names, and who looks them up."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from actors.actor import StateNeed
from actors.store import Loader, ReadModel

States = dict[ReadModel[Any, Any], dict[Any, Any]]
"""What a turn has loaded: store → key → state."""


def key_of(need: StateNeed, message: Any, states: States) -> Any:
    """Return the key of the state that a handler needs for `message`; None names nothing."""
    if need.via is None:
        return need.store.key(message, need.field)
    first, find = need.via
    key = key_of(first, message, states)
    other = states[first.store].get(key)
    if other is None and key is not None:
        other = first.store.blank(key)
    return None if other is None else find(other, message)


def keys_of(wanted: Sequence[tuple[StateNeed, Any]], states: States) -> list[Any]:
    """Return the keys that are needed of one store, sorted. Raises LookupError when one cannot be found.

    Whatever a key's function raises (an OSError, say) is the message's failure, which must not pass for an outage.
    """
    try:
        return sorted({key_of(need, message, states) for need, message in wanted} - {None})
    except Exception as error:
        raise LookupError(f"a key cannot be found: {type(error).__name__}: {error}") from error


def loaders(
    stores: Iterable[ReadModel[Any, Any]], resources: Mapping[type, Any]
) -> Mapping[ReadModel[Any, Any], Loader]:
    """Return who loads for each of the stores: itself, or the resource that it names.

    Raises TypeError for a resource that nobody provided.
    """
    found: dict[ReadModel[Any, Any], Loader] = {}
    for store in stores:
        if store.loaded_by is not None and store.loaded_by not in resources:
            raise TypeError(f"{type(store).__name__} is loaded by {store.loaded_by.__name__}, which nobody provided")
        found[store] = store if store.loaded_by is None else resources[store.loaded_by]
    return found
