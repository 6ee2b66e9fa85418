"""``arcprobe endpoints --update-from FILE|URL``: newer endpoints, shown beside those in use,
and kept where they are wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.private_files import replace_private
from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Catalogue
from arcprobe.knowledge.endpoint_data import LARGEST, Difference, Entry, difference
from arcprobe.knowledge.language import Language
from arcprobe.model import Config, line
from arcprobe.model.errors import ConfigError
from arcprobe.settings.endpoint_data import SETTING as KEPT_IN, data_in
from arcprobe.settings.files import read_file
from arcprobe.settings.gather import gather

SETTING = "--update-from"
FORMS = ("text", "json")
_READABLE = 0o644  # hosts of Microsoft are no secret, and a job of another user reads them
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Endpoints that are in use, and those that were offered with their text. ``kept``: the file
    that has them now; empty: none."""

    old: Catalogue
    new: Catalogue
    text: bytes
    found: Difference
    kept: str = ""


def check_flags(source: str, is_wanted: bool, form: str) -> None:
    """Raises ``ConfigError`` for what does not go together."""
    if is_wanted and not source:
        raise ConfigError("--yes", f"is given without {SETTING}", "leave it out")
    if source and form not in FORMS:
        raise ConfigError("--format", f"{form} is nothing for {SETTING}", "text or json")


def updated(
    source: str,
    form: str,
    words: Language,
    flags: Mapping[str, Any],
    file: str | None,
    *,
    is_wanted: bool,
) -> int:
    """Prints what differs, and keeps it where ``is_wanted``; the exit code. Raises
    ``ConfigError``."""
    keeping = gather(flags, os.environ, file).text("data")
    if is_wanted and not keeping:
        advice = f"{KEPT_IN} FILE, which `check` and `endpoints` then take too"
        raise ConfigError("--yes", "there is no file to keep it in", advice)
    offer = _offer(source, _config(flags, file, keeping))
    if is_wanted:
        offer = _kept(offer, keeping)
    click.echo(_as_json(offer) if form == "json" else "\n".join(_as_text(offer, words)))
    return FAILED if offer.found and not offer.kept else DONE


def _config(flags: Mapping[str, Any], file: str | None, keeping: str) -> Config:
    """The settings; a file of data that is still to be made is not read."""
    from arcprobe.commands import azure

    used = keeping if os.path.lexists(keeping) else ""
    return azure.read_config({**flags, "data": used}, file)


def _offer(source: str, config: Config) -> Offer:
    cloud = config.settings.cloud
    shown, text = _read(source, config)
    old, new = catalogue.load(cloud), data_in(SETTING, shown, text, cloud)
    day = max(map(catalogue.day_of, (old, catalogue.shipped(cloud))))
    if catalogue.day_of(new) < day:
        problem = f"{shown}: is of {catalogue.day_of(new)}, and what is here of {day}"
        raise ConfigError(SETTING, problem, "use newer endpoints")
    return Offer(old=old, new=new, text=text, found=difference(old, new))


def _read(source: str, config: Config) -> tuple[str, bytes]:
    """What a source is called, and what it holds."""
    if not _URL.match(source):
        return source, read_file(SETTING, source, LARGEST, has_stdin=True)
    from arcprobe.commands import azure
    from arcprobe.probes.download import NotLoaded, download

    shown = _without_secrets(source)
    try:
        return shown, download(source, lambda url: azure.way_to(config, url), LARGEST)
    except NotLoaded as error:
        raise ConfigError(SETTING, f"{shown}: {error}", "a file is taken too") from None


def _without_secrets(url: str) -> str:
    """An URL without user, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:120]


def _kept(offer: Offer, keeping: str) -> Offer:
    """The offer, written to its file: whoever reads that meanwhile sees the one before or this."""
    try:
        replace_private(keeping, offer.text, _READABLE)
    except OSError as error:
        problem = f"{keeping}: {error.strerror or type(error).__name__}"
        raise ConfigError(KEPT_IN, problem, "use a file that can be written") from None
    return msgspec.structs.replace(offer, kept=keeping)


# ------------------------------------------------------------------------------------- what is told


def _as_text(offer: Offer, words: Language) -> Iterator[str]:
    days = {"old": str(catalogue.day_of(offer.old)), "new": str(catalogue.day_of(offer.new))}
    yield words.say(line("endpoints.update.days", cloud=offer.new.cloud, **days))
    for name in offer.found.removed:
        yield f"- {name}"
    for sign, entries in (("+", offer.found.added), ("~", offer.found.changed)):
        for entry in entries:
            yield from _entry(sign, entry)
    yield words.say(_end(offer))


def _entry(sign: str, entry: Entry) -> Iterator[str]:
    yield f"{sign} {entry.name}"
    for field in entry.fields:
        old = "" if sign == "+" else f"{field.old} -> "
        yield f"    {field.name}: {old}{field.new}"


def _end(offer: Offer) -> Any:
    if offer.kept:
        return line("endpoints.update.kept", file=offer.kept)
    if offer.found:
        return line("endpoints.update.not-kept")
    return line("endpoints.update.same")


def _as_json(offer: Offer) -> str:
    days = {"in_use": catalogue.day_of(offer.old), "offered": catalogue.day_of(offer.new)}
    found = msgspec.structs.asdict(offer.found)
    document = {"cloud": offer.new.cloud, **days, **found, "kept": offer.kept or None}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
