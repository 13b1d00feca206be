"""The data room, opened only where data is to be compared: Ibis takes a third of a second to import."""

import importlib
from typing import TYPE_CHECKING, cast

from mergegate.errors import BrokenError

if TYPE_CHECKING:
    from mergegate.dataset import room


def open_room() -> "type[room.Room]":
    """The room: an engine, and what compares datasets with it. Raises BrokenError where Ibis is missing."""
    try:
        module = importlib.import_module("mergegate.dataset.room")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("mergegate"):
            raise
        raise BrokenError(
            f"comparing data needs the Python package {error.name}, which is not installed",
            hint="pip install 'mergegate[data]'",
        ) from error
    return cast("type[room.Room]", module.Room)
