"""``arcprobe skip-range``: the bypass list against the cluster, the corrected list, and who
bypasses what by which entry."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import click

from arcprobe import no_proxy
from arcprobe.knowledge import catalogue
from arcprobe.model import Config
from arcprobe.model.errors import ConfigError
from arcprobe.settings import load as config

_HELP = {"help_option_names": ["-h", "--help"]}
_FROM_FILE = "proxy-skip-range of --config"
# too broad an entry is too broad in every region: their hosts differ in the first label
_ANY_REGION = "westeurope"
_LONGEST_HOST = 1024
_LONGEST_LIST = 131_072  # the most that one environment variable can hold (Linux, MAX_ARG_STRLEN)

_OWN_LISTS = ("ARCPROBE_PROXY_SKIP_RANGE", "ARCPROBE_SKIP_RANGE")

_Command = TypeVar("_Command", bound=Callable[..., None])

EXAMPLES = """\b
Examples:
  arcprobe skip-range check --skip-range 10.0.0.0/16,.svc,.svc.cluster.local
  kubectl get svc -A -o json | arcprobe skip-range check --services - --skip-range "$NO_PROXY"
  arcprobe skip-range suggest --service-cidr 10.96.0.0/12
  arcprobe skip-range explain --skip-range "$NO_PROXY" --hosts-file hosts.txt --format json
"""


def _format(command: _Command) -> _Command:
    return click.option(
        "--format", "form", default="text", show_default=True, metavar="NAME", help="text or json."
    )(command)


def _list(command: _Command) -> _Command:
    words = "The bypass list; absent: NO_PROXY."
    return click.option(
        "--skip-range", "--proxy-skip-range", "skip_range", metavar="LIST", help=words
    )(command)


def _cluster(command: _Command) -> _Command:
    options = (
        (
            "--services",
            "services",
            False,
            "FILE",
            "Output of `kubectl get svc -A -o json`; - is stdin.",
        ),
        (
            "--service-cidr",
            "service_cidr",
            True,
            "RANGE",
            "The cluster's Service range; repeatable.",
        ),
        ("--pod-cidr", "pod_cidr", True, "RANGE", "The cluster's pod range; repeatable."),
        (
            "--api-server",
            "api_server",
            True,
            "HOST",
            "The API server, host or host:port; repeatable.",
        ),
        ("--kubeconfig", "kubeconfig", False, "FILE", "Handed to kubectl."),
        ("--context", "context", False, "NAME", "Handed to kubectl."),
        ("--proxy-https", "proxy_https", False, "URL", "The proxy; absent: HTTPS_PROXY."),
        ("--proxy-http", "proxy_http", False, "URL", "The proxy for http; absent: HTTP_PROXY."),
        ("--cloud", "cloud", False, "NAME", f"One of {', '.join(catalogue.CLOUDS)}."),
        ("--gateway-url", "gateway_url", False, "URL", "Host or URL of the Arc gateway resource."),
        ("--timeout", "timeout", False, "SECONDS", "For one operation on the wire (default 10)."),
    )
    words = "YAML file with settings, as for `check`."
    command = click.option(
        "--config", "file", envvar="ARCPROBE_CONFIG", metavar="FILE", help=words
    )(command)
    for flag, name, several, metavar, words in reversed(options):
        command = click.option(flag, name, multiple=several, metavar=metavar, help=words)(command)
    region = click.option(
        "--region",
        "--location",
        "region",
        metavar="NAME",
        help="Azure region, for the names of its hosts.",
    )
    return region(command)


@click.group("skip-range", epilog=EXAMPLES, context_settings=_HELP)
def command() -> None:
    """The bypass list (NO_PROXY, --proxy-skip-range) against the cluster and against five clients
    that read it."""


@command.command("check", epilog=EXAMPLES, context_settings=_HELP)
@_list
@_cluster
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@_format
def check(form: str, strict: bool, file: str | None, **flags: Any) -> None:
    """Judge the list: what of the cluster goes to the proxy, and what of Azure goes past it."""
    from arcprobe.commands import skip_range_answers as answers

    _known_format(form)
    settings = _load({**flags, "strict": strict or None}, os.environ, file)
    # Who gives a list means it for a proxy, whether or not this shell has one set.
    setting = settings.settings.skip_range_setting
    named = setting in ("--skip-range", *_OWN_LISTS) or setting.startswith(_FROM_FILE)
    given = named and settings.settings.skip_range is not None
    answer = answers.judged(settings, _read(settings), _azure_hosts(settings), assume_proxy=given)
    click.echo(answers.as_json(answer) if form == "json" else answers.as_text(answer))
    sys.exit(answers.exit_code(answer, settings.settings.strict))


@command.command("suggest", epilog=EXAMPLES, context_settings=_HELP)
@_list
@_cluster
@_format
def suggest(form: str, file: str | None, **flags: Any) -> None:
    """Print the corrected list, alone on one line, ready to paste.

    Exit code 3 when the cluster's Services could not be read: what is known stands in the list,
    their range does not.
    """
    import json

    from arcprobe.commands import skip_range_answers as answers

    _known_format(form)
    # The list is the same whatever proxy it bypasses; a proxy variable that is wrong is none
    # of this command's business.
    settings = _load(
        flags,
        {
            name: text
            for name, text in os.environ.items()
            if name.upper() not in ("HTTPS_PROXY", "HTTP_PROXY")
        },
        file,
    )
    cluster = _read(settings)
    suggestion = answers.suggest(
        settings.settings.skip_range or "", cluster, _azure_hosts(settings)
    )
    if form == "json":
        fields = {
            "skip_range": suggestion.skip_range,
            "added": suggestion.added,
            "removed": suggestion.removed,
        }
        click.echo(json.dumps(fields))
    else:
        click.echo(suggestion.skip_range)
    if lack := answers.lacking(cluster):
        click.echo(f"arcprobe: the list lacks the Service range: {lack}", err=True)
        sys.exit(3)


@command.command("explain", epilog=EXAMPLES, context_settings=_HELP)
@click.argument("hosts", nargs=-1)
@_list
@click.option("--hosts-file", metavar="FILE", help="One host or host:port a line; - is stdin.")
@_format
def explain(
    hosts: tuple[str, ...], skip_range: str | None, hosts_file: str | None, form: str
) -> None:
    """Say for each host which clients go past the proxy, and by which entry of the list. Needs no
    network."""
    from arcprobe.commands import skip_range_answers as answers

    _known_format(form)
    text, setting = _given_list(skip_range, os.environ)
    if text is None:
        raise ConfigError(setting, "is required", "for example --skip-range 10.0.0.0/16,.svc")
    if not hosts and hosts_file is None:
        raise ConfigError(
            "--hosts-file",
            "is required",
            "FILE with one host a line, - for stdin, or hosts as arguments",
        )
    rows = _rows(hosts, hosts_file)
    for line in (
        answers.explained_json(text, rows) if form == "json" else answers.explained_text(text, rows)
    ):
        click.echo(line)


def _known_format(form: str) -> None:
    if form not in ("text", "json"):
        raise ConfigError(
            "--format", f"{form[:40]!a} is unknown", "one of text, json would be right"
        )


def _given_list(
    flag: str | None, environ: Mapping[str, str], in_file: tuple[str, str | None] = ("", None)
) -> tuple[str | None, str]:
    """The list and the setting that it comes from, in the order of `check`. Never refused here: it
    is what is to be judged."""
    own, conventional = (
        [(name, environ.get(name) or None) for name in names]
        for names in (_OWN_LISTS, ("NO_PROXY", "no_proxy"))
    )
    sources = [("--skip-range", flag), *own, in_file, *conventional]
    setting, text = next(
        ((name, found) for name, found in sources if found is not None), ("--skip-range", None)
    )
    if text is not None and len(text) > _LONGEST_LIST:
        raise ConfigError(
            setting, f"is longer than {_LONGEST_LIST} characters", "a shorter list would be right"
        )
    # Bytes of an argument that are no UTF-8 come as lone surrogates, which nothing can print.
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8"), setting


def _load(flags: Mapping[str, Any], environ: Mapping[str, str], file: str | None = None) -> Config:
    """The settings as `check` reads them, but for the list, which may be as wrong as it likes, and
    the region, which may lack."""
    import msgspec

    given = {
        name.replace("_", "-"): value
        for name, value in flags.items()
        if name != "skip_range" and value not in (None, ())
    }
    rest = {name: text for name, text in environ.items() if name not in _OWN_LISTS}
    written = config.gathered({}, {}, file)[0]
    if not (rest.get("ARCPROBE_REGION") or rest.get("ARCPROBE_LOCATION") or written.get("region")):
        given.setdefault("region", _region_of(given, rest, written))
    given["proxy-skip-range"] = (
        ""  # switched off for now: the file's list must not be refused either
    )
    loaded = config.load(given, rest, file)
    text, setting = _given_list(
        flags["skip_range"], environ, (f"{_FROM_FILE} {file}", written.get("proxy-skip-range"))
    )
    return msgspec.structs.replace(
        loaded,
        settings=msgspec.structs.replace(
            loaded.settings, skip_range=text, skip_range_setting=setting
        ),
    )


def _region_of(
    given: Mapping[str, Any], environ: Mapping[str, str], written: Mapping[str, Any]
) -> str:
    cloud = str(
        given.get("cloud")
        or environ.get("ARCPROBE_CLOUD")
        or written.get("cloud")
        or catalogue.CLOUDS[0]
    )
    try:
        regions = catalogue.load(catalogue.check_cloud(cloud)).regions
    except catalogue.UnknownName:
        return _ANY_REGION  # config.load says what is wrong with the cloud
    return _ANY_REGION if _ANY_REGION in regions else next(iter(regions))


def _read(loaded: Config) -> Any:
    from arcprobe.probes.cluster import observe as cluster

    return cluster.read(loaded.cluster, timeout=loaded.settings.timeout)


def _azure_hosts(loaded: Config) -> tuple[tuple[str, int], ...]:
    settings = loaded.settings
    rows = catalogue.endpoints(
        settings.cloud,
        settings.region,
        settings.features,
        settings.gateway_host or None,
        settings.key_vaults,
    )
    return tuple(dict.fromkeys((row.host, row.port) for row in rows if row.required))


def _rows(hosts: Iterable[str], file: str | None) -> Iterator[tuple[str, str, int | None]]:
    """Text as given, host, port. Lines are bounded; blank ones and those that begin with # are
    passed over."""
    for text in hosts:
        yield _row("HOSTS", text)
    if file is None:
        return
    try:
        with click.open_file(file, "r", encoding="utf-8", errors="replace") as lines:
            number = 0
            while line := lines.readline(_LONGEST_HOST + 1):
                number += 1
                text = line.strip().removeprefix("\ufeff")
                if len(line) > _LONGEST_HOST:
                    raise ConfigError(
                        "--hosts-file",
                        f"line {number} is too long",
                        "one host or host:port a line would be right",
                    )
                if text and not text.startswith("#"):
                    yield _row(f"--hosts-file, line {number}", text)
    except OSError as error:
        raise ConfigError(
            "--hosts-file",
            f"{file[:200]}: {error.strerror or error}",
            "a readable file, or - for stdin",
        ) from None


def _row(setting: str, text: str) -> tuple[str, str, int | None]:
    try:
        host, port = no_proxy.split_host_port(text[:_LONGEST_HOST])
    except ValueError as error:
        raise ConfigError(
            setting, f"{text[:60]!a}: {error}", "host or host:port would be right"
        ) from None
    return text[:_LONGEST_HOST], host, port
