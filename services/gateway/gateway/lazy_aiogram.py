"""Imports aiogram without building its 470 models; must be imported before anything else imports aiogram.

aiogram calls `model_rebuild` for every type while it is imported, which builds validators that a bot never uses:
3 s and 100 MB of memory, and neither aiogram nor pydantic can be told not to (decision 32). Here that call is kept
back; each type is given the names its annotations speak of, so that pydantic builds it at first use, as it does by
itself for any deferred model.
"""

import importlib
import sys
from typing import Any

from pydantic import BaseModel

_PACKAGE = "aiogram"


class _Postponed:
    """Stands in for `BaseModel.model_rebuild` during the import and remembers the namespace it was called with."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {}

    def __get__(self, instance: object, owner: type) -> "_Postponed":
        return self

    def __call__(self, *, _types_namespace: dict[str, Any] | None = None, **_: object) -> None:
        if _types_namespace:
            self.namespace.update(_types_namespace)


def import_aiogram() -> None:
    """Import aiogram leanly; does nothing when it is imported already."""
    if f"{_PACKAGE}.types" in sys.modules:
        return
    original = BaseModel.__dict__["model_rebuild"]
    postponed = _Postponed()
    type.__setattr__(BaseModel, "model_rebuild", postponed)
    try:
        importlib.import_module(_PACKAGE)
    finally:
        type.__setattr__(BaseModel, "model_rebuild", original)
    _tell_names(postponed.namespace)


def _tell_names(names: dict[str, Any]) -> None:
    """Let every module of aiogram's types resolve the annotations that it imports for type checkers only."""
    for name, module in list(sys.modules.items()):
        if name.startswith((f"{_PACKAGE}.types.", f"{_PACKAGE}.methods.")):
            inside = module.__dict__
            for known, value in names.items():
                inside.setdefault(known, value)


import_aiogram()
