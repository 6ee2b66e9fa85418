"""``arcprobe skip-range``: the bypass list against the cluster, the corrected list, and who
bypasses what by which entry."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from arcprobe import no_proxy
from arcprobe.commands import speaking
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.near import NearGroup
from arcprobe.commands.settings_flags import Command, by_setting, setting_flag, settings_flags
from arcprobe.knowledge import catalogue
from arcprobe.knowledge.bypass_keywords import as_agents_have_it, keywords_in
from arcprobe.knowledge.catalogue import CLOUDS
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Config
from arcprobe.model.errors import ConfigError
from arcprobe.settings.gather import gather
from arcprobe.settings.problems import Problems
from arcprobe.settings.table import variable

_HELP = {"help_option_names": ["-h", "--help"]}
_LIST = "proxy-skip-range"
_OWN_VARIABLES = (variable(_LIST), variable("skip-range"))
_FROM_FILE = f"{_LIST} of --config"
# too broad an entry is too broad in every region: their hosts differ in the first label
_ANY_REGION = "westeurope"
_LONGEST_HOST = 1024  # characters of a line of --hosts-file; a DNS name has 253 at most
_LONGEST_LIST = 131_072  # the most that one environment variable can hold (Linux, MAX_ARG_STRLEN)

EXAMPLES = """\b
Examples:
  arcprobe skip-range check --skip-range 10.0.0.0/16,.svc,.svc.cluster.local
  kubectl get svc -A -o json | arcprobe skip-range check --services - --skip-range "$NO_PROXY"
  arcprobe skip-range suggest --service-cidr 10.96.0.0/12
  arcprobe skip-range explain --skip-range "$NO_PROXY" --hosts-file hosts.txt --format json
"""


def _format(command: Command) -> Command:
    return click.option(
        "--format",
        "-o",
        "--output",
        "format",
        default="text",
        show_default=True,
        metavar="NAME",
        help="text or json.",
    )(command)


@click.group("skip-range", cls=NearGroup, epilog=EXAMPLES, context_settings=_HELP)
def command() -> None:
    """The bypass list (NO_PROXY, --proxy-skip-range) against the cluster and against five clients
    that read it."""


@command.command("check", epilog=EXAMPLES, context_settings=_HELP)
@settings_flags("skip-range")
@setting_flag("strict")
@_format
@speaking.lang_option
def check(format: str, file: str | None, words: Language, **flags: Any) -> None:
    """Judge the list: what of the cluster goes to the proxy, and what of Azure goes past it."""
    from arcprobe.commands import skip_range_answers as answers

    _refuse_unknown(format)
    config = _load(flags, os.environ, file)
    words = language() if format == "json" else words
    answer = answers.judged(config, words, is_given=_is_given(config))
    click.echo(answers.as_json(answer) if format == "json" else answers.as_text(answer, words))
    sys.exit(answers.exit_code(answer, config.settings.strict))


def _is_given(config: Config) -> bool:
    """Whether the list was given, and not found in NO_PROXY: who gives one means it for a proxy,
    whether or not this shell has one set."""
    setting = config.settings.skip_range_setting
    is_own = setting in ("--skip-range", *_OWN_VARIABLES) or setting.startswith(_FROM_FILE)
    return is_own and config.settings.skip_range is not None


@command.command("suggest", epilog=EXAMPLES, context_settings=_HELP)
@settings_flags("skip-range")
@_format
@speaking.lang_option
def suggest(format: str, file: str | None, words: Language, **flags: Any) -> None:
    """Print the corrected list, alone on one line, ready to paste.

    Exit code 3 when the cluster's Services could not be read: what is known stands in the list,
    their range does not.
    """
    from arcprobe.commands import skip_range_answers as answers

    _refuse_unknown(format)
    # The list is the same whatever proxy it bypasses; a proxy variable that is wrong is none of
    # this command's business.
    proxies = ("HTTPS_PROXY", "HTTP_PROXY")
    environ = {name: text for name, text in os.environ.items() if name.upper() not in proxies}
    suggested = answers.suggested(_load(flags, environ, file), words)
    suggestion = suggested.suggestion
    click.echo(answers.suggestion_json(suggestion) if format == "json" else suggestion.skip_range)
    for note in suggested.notes:
        click.echo(note, err=True)
    if suggested.lacking:
        click.echo(suggested.lacking, err=True)
        sys.exit(UNFINISHED)


@command.command("explain", epilog=EXAMPLES, context_settings=_HELP)
@click.argument("hosts", nargs=-1)
@setting_flag(_LIST)
@click.option("--hosts-file", metavar="FILE", help="One host or host:port a line; - is stdin.")
@_format
@speaking.lang_option
def explain(
    hosts: tuple[str, ...],
    proxy_skip_range: str | None,
    hosts_file: str | None,
    format: str,
    words: Language,
) -> None:
    """Say for each host which clients go past the proxy, and by which entry of the list. Needs no
    network."""
    from arcprobe.commands import skip_range_answers as answers

    _refuse_unknown(format)
    text, setting = _given_list(proxy_skip_range, os.environ)
    if text is None:
        raise ConfigError(setting, "is required", "for example --skip-range 10.0.0.0/16,.svc")
    if not hosts and hosts_file is None:
        advice = "FILE with one host a line, - for stdin, or hosts as arguments"
        raise ConfigError("--hosts-file", "is required", advice)
    text = as_agents_have_it(text, (), os.environ.get(variable("cloud")) or CLOUDS[0])
    rows = _rows(hosts, hosts_file)
    if format == "json":
        lines = answers.explained_json(text, rows)
    else:
        lines = answers.explained_text(text, rows, words)
    for line in lines:
        click.echo(line)


def _refuse_unknown(format: str) -> None:
    if format not in ("text", "json"):
        problem = f"{format[:40]!a} is unknown"
        raise ConfigError("--format", problem, "use one of text, json")


# ----------------------------------------------------------------------------------------- settings


def _load(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None) -> Config:
    """The settings as `check` reads them, but for the list, which may be as wrong as it likes, and
    the region, which may lack."""
    import msgspec

    from arcprobe.pipeline import prepare
    from arcprobe.settings.load import load

    named = by_setting(flags)
    given_list = named.pop(_LIST)
    in_file = gather({}, {}, file, Problems()).values.get(_LIST)
    rest = {name: text for name, text in environ.items() if name not in _OWN_VARIABLES}
    given = gather(named, rest, file, Problems())  # `load` tells them
    if not given.text("region"):
        named["region"] = _some_region(given.text("cloud"))
    named[_LIST] = ""  # switched off for now: the file's list must not be refused either
    config = prepare(load(named, rest, file))
    text, setting = _given_list(given_list, environ, (f"{_FROM_FILE} {file}", in_file))
    keywords = dict.fromkeys((*config.settings.proxy_bypass, *keywords_in(text or "")))
    settings = msgspec.structs.replace(
        config.settings, skip_range=text, skip_range_setting=setting, proxy_bypass=tuple(keywords)
    )
    return msgspec.structs.replace(config, settings=settings)


def _given_list(
    flag: str | None, environ: Mapping[str, str], in_file: tuple[str, str | None] = ("", None)
) -> tuple[str | None, str]:
    """The list and the setting that it comes from, in the order of `check`. Never refused here: it
    is what is to be judged."""
    own = [(name, environ.get(name) or None) for name in _OWN_VARIABLES]
    conventional = [(name, environ.get(name) or None) for name in ("NO_PROXY", "no_proxy")]
    for setting, text in (("--skip-range", flag), *own, in_file, *conventional):
        if text is not None:
            return _bounded(setting, text), setting
    return None, "--skip-range"


def _bounded(setting: str, text: str) -> str:
    if len(text) > _LONGEST_LIST:
        problem = f"is longer than {_LONGEST_LIST} characters"
        raise ConfigError(setting, problem, "use a shorter list")
    # Bytes of an argument that are no UTF-8 come as lone surrogates, which nothing can print.
    return text.encode("utf-8", "replace").decode("utf-8")


def _some_region(cloud: str) -> str:
    try:
        regions = catalogue.load(catalogue.check_cloud(cloud or catalogue.CLOUDS[0])).regions
    except catalogue.UnknownName:
        return _ANY_REGION  # `load` says what is wrong with the cloud
    return _ANY_REGION if _ANY_REGION in regions else next(iter(regions))


# ----------------------------------------------------------------------- hosts that an answer names


def _rows(hosts: Iterable[str], file: str | None) -> Iterator[tuple[str, str, int | None]]:
    """Text as given, host, port."""
    for text in hosts:
        yield _row("HOSTS", text)
    if file is None:
        return
    try:
        with click.open_file(file, "r", encoding="utf-8", errors="replace") as lines:
            for number, text in enumerate(_lines(lines), 1):
                if text and not text.startswith("#"):
                    yield _row(f"--hosts-file, line {number}", text)
    except OSError as error:
        problem = f"{file[:200]}: {error.strerror or error}"
        raise ConfigError("--hosts-file", problem, "a readable file, or - for stdin") from None


def _lines(file: Any) -> Iterator[str]:
    """The lines of a file, each bounded."""
    number = 0
    while line := file.readline(_LONGEST_HOST + 1):
        number += 1
        if len(line) > _LONGEST_HOST:
            problem = f"line {number} is too long"
            raise ConfigError("--hosts-file", problem, "use one host or host:port a line")
        yield line.strip().removeprefix("\ufeff")


def _row(setting: str, text: str) -> tuple[str, str, int | None]:
    try:
        if not text.isprintable():
            raise ValueError("a control character, or another that cannot be seen")
        host, port = no_proxy.split_host_port(text[:_LONGEST_HOST])
    except ValueError as error:
        problem = f"{text[:60]!a}: {error}"
        raise ConfigError(setting, problem, "use host or host:port") from None
    return text[:_LONGEST_HOST], host, port
