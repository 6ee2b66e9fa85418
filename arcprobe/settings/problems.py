"""What is wrong with the settings, all of it at once: who has three slips need not try three
times."""

from __future__ import annotations

from types import TracebackType

from arcprobe.model.errors import ConfigError, ConfigErrors


class Problems:
    """Keeps the ConfigError that is raised within ``with problems:``, until all are told."""

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, ConfigError):
            return False
        self._found += error.errors if isinstance(error, ConfigErrors) else (error,)
        return True

    def tell(self) -> None:
        """Raises what was kept, if anything."""
        told = {str(error): error for error in self._found}
        if len(told) > 1:
            raise ConfigErrors(told.values())
        for error in told.values():
            raise error
