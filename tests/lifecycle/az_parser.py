"""The arguments of az as its reference has them (learn.microsoft.com/cli/azure/connectedk8s,
…/arcgateway 1.0.0b1, …/provider, …/extension, …/cloud; 2026-08-20, connectedk8s 1.11.4), for the
parser of the standard library, which az's own is made of (knack: ``CLICommandParser``)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from typing import Any, NoReturn

# "!" required, "+" one or more values, "?" none or one, "0" none; else one value
_GLOBAL = "--query --output/-o --subscription --only-show-errors:0 --debug:0 --verbose:0"
_CLUSTER = "--name/-n:! --resource-group/-g:!"
_AGENTS = """--proxy-https --proxy-http --proxy-skip-range --proxy-cert/--custom-ca-cert
--add-proxy-bypass --gateway-resource-id --kube-config --kube-context --tags:+ --distribution
--distribution-version --azure-hybrid-benefit --container-log-path --skip-ssl-verification:0
--yes/-y:0 --enable-oidc-issuer:? --enable-workload-identity/--enable-wi:?
--config:+ --config-protected:+"""
_ONE = "--name/-n/--gateway-name --resource-group/-g --ids:+"

COMMANDS = {
    "connectedk8s connect": f"""{_CLUSTER} {_AGENTS} --location/-l --infrastructure --no-wait:0
        --disable-auto-upgrade:0 --cl-oid/--custom-locations-oid --enable-private-link:?
        --private-link-scope-resource-id --correlation-id --onboarding-timeout""",
    "connectedk8s update": f"""{_CLUSTER} {_AGENTS} --auto-upgrade --disable-proxy:0
        --disable-gateway:0 --clear-proxy-bypass:0 --disable-workload-identity/--disable-wi:?""",
    "connectedk8s show": _CLUSTER,
    "connectedk8s enable-features": f"""{_CLUSTER} --features:!+ --kube-config --kube-context
        --cl-oid/--custom-locations-oid --app-id --app-secret --skip-azure-rbac-list""",
    "arcgateway create": """--name/-n/--gateway-name:! --resource-group/-g:! --location/-l
        --gateway-type --allowed-features:+ --tags:+ --no-wait:?""",
    "arcgateway list": "--resource-group/-g --max-items --next-token",
    "arcgateway show": _ONE,
    "arcgateway delete": f"{_ONE} --yes/-y:0 --no-wait:?",
    "provider register": """--namespace/-n:! --wait:0 --management-group-id/-m
        --consent-to-permissions/-c:0 --accept-terms:0""",
    "extension add": """--name/-n --source/-s --version --index --upgrade/-U:0 --yes/-y:0 --system:0
        --allow-preview/--allow-prerelease:? --pip-extra-index-urls:+ --pip-proxy""",
    "cloud set": "--name/-n:! --profile",
}
CHOICES = {
    "--gateway-type": ("Public",),
    "--features": ("azure-rbac", "cluster-connect", "custom-locations"),
    "--output": ("json", "jsonc", "none", "table", "tsv", "yaml", "yamlc"),
    "--allow-preview": ("false", "true"),
}
_MANY = {"+": "+", "?": "?"}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{self.prog}: {message}")


def parse_az(argv: Sequence[str]) -> dict[str, Any]:
    """What az makes of a command line, which begins with ``az``: the command, and each argument
    that was given. ``ValueError`` where it would print its usage."""
    program, *rest = argv
    if program != "az":
        raise ValueError(program)
    return {name: value for name, value in vars(_parser().parse_args(rest)).items() if value}


@cache
def _parser() -> argparse.ArgumentParser:
    parser = _Parser("az", allow_abbrev=False, add_help=False)
    groups = parser.add_subparsers(dest="group", required=True)
    below: dict[str, Any] = {}
    for command, arguments in COMMANDS.items():
        group, name = command.split()
        if group not in below:
            made = groups.add_parser(group, allow_abbrev=False, add_help=False)
            below[group] = made.add_subparsers(dest="command", required=True)
        leaf = below[group].add_parser(name, allow_abbrev=False, add_help=False)
        for text in (*_GLOBAL.split(), *arguments.split()):
            _add(leaf, *text.partition(":")[::2])
    return parser


def _add(leaf: argparse.ArgumentParser, names: str, form: str) -> None:
    flags = names.split("/")
    if form == "0":
        leaf.add_argument(*flags, action="store_true")
        return
    many = next((_MANY[sign] for sign in form if sign in _MANY), None)
    leaf.add_argument(*flags, nargs=many, required="!" in form, choices=CHOICES.get(flags[0]))
