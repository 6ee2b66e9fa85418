"""The whole reports of a run, kept beside the picture of all."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import click

from arcprobe.commands.private_files import write_private
from arcprobe.fleet.places import Place
from arcprobe.model.errors import ConfigError


class Keeper:
    """Keeps every report, compressed, and writes each to a folder where one is named."""

    def __init__(self, folder: str = "") -> None:
        self._folder = Path(folder) if folder else None
        self._reports: dict[tuple[str, str], bytes] = {}
        self.is_written = True
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                advice = "use a folder that can be written"
                raise ConfigError("--keep-reports", error.strerror or str(error), advice) from None

    def __call__(self, place: Place, report: str) -> None:
        """Takes the report of one place."""
        data = report.encode()
        self._reports[place.where] = zlib.compress(data)
        if self._folder is None:
            return
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{place.node}-{place.vantage}.json").lstrip(".")
        try:
            write_private(str(self._folder / name), data)
        except OSError as error:
            self.is_written = False
            reason = error.strerror or error
            click.echo(f"arcprobe: --keep-reports: cannot write {name}: {reason}", err=True)

    def reports(self) -> list[bytes]:
        """All reports as JSON, in order of vantage and node."""
        return [zlib.decompress(packed) for _, packed in sorted(self._reports.items())]
