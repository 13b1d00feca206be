"""Which stages a run has finished, on disk, so that one that was killed is continued and not begun again."""

from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate import atomic
from mergegate.records.reproduce import ReproducedStage


class Journal:
    """The finished stages of one room; `file` None keeps none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._done: dict[str, ReproducedStage] = {}
        if file is not None:
            with suppress(OSError, msgspec.DecodeError):
                done = msgspec.json.decode(file.read_bytes(), type=list[ReproducedStage])
                self._done = {stage.name: stage for stage in done}

    def find(self, address: str) -> ReproducedStage | None:
        """A stage as it was finished, None for one that was not."""
        return self._done.get(address)

    def add(self, stage: ReproducedStage) -> None:
        """Note a stage as finished."""
        self._done[stage.name] = stage
        if self._file is not None:
            atomic.write_bytes(self._file, msgspec.json.encode(list(self._done.values())))
