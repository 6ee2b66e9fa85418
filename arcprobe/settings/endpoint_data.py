"""The endpoints that a run is about: the shipped ones, or those of ``--data FILE``."""

from __future__ import annotations

from datetime import UTC, datetime

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Catalogue
from arcprobe.knowledge.endpoint_data import LARGEST, read_data
from arcprobe.model.errors import ConfigError
from arcprobe.settings.files import read_file

SETTING = "--data"


def use_data(path: str, cloud: str) -> None:
    """From now on the endpoints of ``cloud`` are those of a file; of an empty name: the shipped
    ones. Raises ``ConfigError``."""
    catalogue.use(None)
    if path:
        catalogue.use(data_in(SETTING, path, read_file(SETTING, path, LARGEST), cloud))


def data_in(setting: str, name: str, text: bytes, cloud: str) -> Catalogue:
    """The endpoints that a setting gave, by the name of the file or URL that they are from. Raises
    ``ConfigError`` where they are none, or of another cloud."""
    try:
        found = read_data(text, datetime.now(UTC).date())
    except ValueError as error:
        raise ConfigError(setting, f"{name}: {error}") from None
    if found.cloud != cloud:
        raise ConfigError(setting, f"{name}: is of {found.cloud}", "--cloud names another one")
    return found
