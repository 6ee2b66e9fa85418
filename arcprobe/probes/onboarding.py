"""What would az, helm and kubectl do on this machine? Their versions, the environment that they
read, the API server of the current context. Nothing is asked of any network."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from arcprobe.model import Attempt, Check, Experiment, Machine, Tool, TrustFile
from arcprobe.model.text import host_port, one_line, printable
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.trust.certificates import describe
from arcprobe.probes.trust.go.pem import certificates_in_pem
from arcprobe.probes.wire.descriptors import CLUSTER, held
from arcprobe.probes.wire.local_file import read_local

PROXIES = tuple("HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy".split())
LISTS = ("NO_PROXY", "no_proxy")
TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_SECONDS = 20.0  # az is a Python program of a hundred modules: some seconds on a busy machine
_LARGEST_BUNDLE = 16 << 20  # bytes
_MOST_SUBJECTS = 500  # a whole store has some 150
_MOST_CHARACTERS = 4_000
# az reports what was called in a process of its own, and looks for news
_QUIET = {"AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes"}
_EXTENSIONS = ("connectedk8s", "arcgateway")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.+-]*")


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """One attempt with one step."""
    environ = os.environ if context.cluster.environ is None else context.cluster.environ
    started = context.now()
    async with held(CLUSTER):
        tools, server = await asyncio.gather(_tools(environ), _server(environ, context))
    machine = Machine(
        started=started,
        took=context.now() - started,
        tools=tools,
        environment=tuple(_environment(environ)),
        trust=tuple(_trust(name, environ[name]) for name in TRUST if environ.get(name)),
        **server,
    )
    return (Attempt(label=Experiment.CLUSTER, steps=(machine,)),)


# --------------------------------------------------------------------------------------- programs


async def _tools(environ: Mapping[str, str]) -> tuple[Tool, ...]:
    az, helm, kubectl = await asyncio.gather(
        _printed(environ, "az", "version", "--output", "json"),
        _printed(environ, "helm", "version", "--short"),
        _printed(environ, "kubectl", "version", "--client", "--output", "json"),
    )
    of_az = _json(az[0])
    of_kubectl = _json(kubectl[0]).get("clientVersion")
    own = of_kubectl if isinstance(of_kubectl, dict) else {}
    more = of_az.get("extensions")
    extensions = more if isinstance(more, dict) else {}
    return (
        Tool(name="az", version=_version(of_az.get("azure-cli")), problem=az[1]),
        *(Tool(name=name, version=_version(extensions.get(name))) for name in _EXTENSIONS),
        Tool(name="helm", version=_version(helm[0]), problem=helm[1]),
        Tool(name="kubectl", version=_version(own.get("gitVersion")), problem=kubectl[1]),
    )


async def _printed(environ: Mapping[str, str], name: str, *arguments: str) -> tuple[str, str]:
    """What a program prints, and why it does not."""
    try:
        program = Kubectl({**environ, **_QUIET}, program=name)
    except KubectlError:
        return "", ""  # not installed
    try:
        printed = await program.run(*arguments, timeout=_SECONDS)
    except KubectlError as error:
        return "", one_line(str(error), 160)
    return printed.decode("utf-8", "replace"), ""


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _version(text: object) -> str:
    found = _VERSION.search(str(text or ""))
    return found[0][:40] if found else ""


# ------------------------------------------------------------------------------------ environment


def _environment(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [(name, _without_user(environ[name])) for name in PROXIES if environ.get(name)]
    found += [
        (name, printable(environ[name], _MOST_CHARACTERS)) for name in LISTS if environ.get(name)
    ]
    return found


def _without_user(url: str) -> str:
    """A proxy's URL without user and password, whether it has a scheme or not."""
    scheme, separator, rest = url.strip().rpartition("://")
    return printable(f"{scheme}{separator}{rest.rpartition('@')[2]}".rstrip("/"), 300)


def _trust(variable: str, path: str) -> TrustFile:
    shown = printable(path, 300)
    if Path(path).is_dir():
        return TrustFile(variable=variable, path=shown, problem="is a folder")
    try:
        data = read_local(path, _LARGEST_BUNDLE)
    except OSError as error:
        problem = one_line(error.strerror or type(error).__name__, 160)
        return TrustFile(variable=variable, path=shown, problem=problem)
    ders = certificates_in_pem(data)[:_MOST_SUBJECTS]
    subjects = dict.fromkeys(describe(der).subject for der in ders)
    return TrustFile(
        variable=variable, path=shown, subjects=tuple(islice(subjects, _MOST_SUBJECTS))
    )


# ------------------------------------------------------------------------------------- API server


async def _server(environ: Mapping[str, str], context: ProbeContext) -> dict[str, Any]:
    source = context.cluster
    try:
        kubectl = Kubectl(environ, source.kubeconfig, source.context)
        printed = await kubectl.run(
            "config", "view", "--minify", "--output", "json", timeout=context.timeout
        )
    except KubectlError as error:
        return {"api_problem": one_line(str(error), 160)}
    try:
        view = msgspec.json.decode(bytes(printed), type=_View)
        url = urlsplit(view.clusters[0].cluster.server)
        server = host_port(url.hostname or "", url.port or 443)
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError, ValueError):
        return {"api_problem": "kubectl config view"}
    has_own_proxy = bool(view.clusters[0].cluster.proxy_url)
    return {"api_server": printable(server, 300), "has_own_proxy": has_own_proxy}


class _Server(msgspec.Struct, rename="kebab"):
    server: str = ""
    proxy_url: str = ""


class _Named(msgspec.Struct):
    cluster: _Server


class _View(msgspec.Struct):
    clusters: list[_Named]
