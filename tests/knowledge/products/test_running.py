"""Envoy, Privoxy and Traffic Server, which no lab runs: each takes the lines in its place, and as a
running proxy on loopback it refuses a tunnel without them and opens it with them."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import written
from arcprobe.model import Code
from tests.knowledge.products.test_registry import ASKED
from tests.support.tools import program

LOOPBACK = "127.0.0.1"
SECONDS = 60.0  # until a proxy listens, on a machine that is very busy
PATIENCE = 0.05  # seconds between two tries
WHERE = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}:/usr/sbin"
DENIED, PORT, UPGRADE, IDLE = (
    Code.PROXY_DENIED,
    Code.PROXY_PORT_DENIED,
    Code.WEBSOCKET_STRIPPED,
    Code.WEBSOCKET_IDLE_CUT,
)


def lines_of(file: str, code: Code, asked: Asked = ASKED) -> list[str]:
    """What is pasted."""
    pasted = written(file, code, asked)
    assert pasted is not None
    return list(pasted.lines)


def said(*command: str) -> str:
    """What a program says that must be content with its configuration."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def free_port() -> int:
    """One that nobody listens on, and that no connection is given by the system."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port
    pytest.fail("each of a hundred ports is taken")


# ------------------------------------------------------------------------------------------- Envoy

_V3 = "type.googleapis.com/envoy.extensions"
_DNS = {"dns_cache_config": {"name": "names", "dns_lookup_family": "V4_ONLY"}}
_REFUSED = {"direct_response": {"status": 403}}


def envoy(port: int, hosts: list[str], options: list[str]) -> str:
    """A forward proxy that refuses every host but those of the lines, which stand in their place:
    ``hosts`` in virtual_hosts, ``options`` in the http_connection_manager."""
    others = {
        "name": "others",
        "domains": ["*"],
        "routes": [{"match": match, **_REFUSED} for match in _EVERYTHING],
    }
    manager = {
        "@type": f"{_V3}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "proxy",
        "route_config": {"virtual_hosts": [others, *(yaml.safe_load("\n".join(hosts)) or [])]},
        "http_filters": [
            _typed("http.dynamic_forward_proxy", "filters.http", "FilterConfig", _DNS),
            _typed("http.router", "filters.http", "Router", {}),
        ],
        **(yaml.safe_load("\n".join(options)) or {}),
    }
    network = {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
    cluster = {"@type": f"{_V3}.clusters.dynamic_forward_proxy.v3.ClusterConfig", **_DNS}
    listener = {
        "address": {"socket_address": {"address": LOOPBACK, "port_value": port}},
        "filter_chains": [{"filters": [network]}],
    }
    resources = {
        "listeners": [listener],
        "clusters": [
            {
                "name": "dynamic_forward_proxy_cluster",
                "lb_policy": "CLUSTER_PROVIDED",
                "cluster_type": {
                    "name": "envoy.clusters.dynamic_forward_proxy",
                    "typed_config": cluster,
                },
            }
        ],
    }
    return yaml.safe_dump({"static_resources": resources})


_EVERYTHING: tuple[dict[str, object], ...] = ({"connect_matcher": {}}, {"prefix": "/"})


def _typed(name: str, group: str, kind: str, rest: Mapping[str, object]) -> dict[str, object]:
    """A filter of Envoy by its name, with its configuration."""
    word = name.partition(".")[2]
    config = {"@type": f"{_V3}.{group}.{word}.v3.{kind}", **rest}
    return {"name": f"envoy.filters.{name}", "typed_config": config}


@pytest.mark.parametrize("code", [DENIED, PORT, UPGRADE, IDLE])
def test_envoy_takes_the_lines(code: Code, tmp_path: Path) -> None:
    """`envoy --mode validate`: known fields, their types, domains that no other host has."""
    lines = lines_of("envoy", code)
    in_hosts = code in (DENIED, PORT)
    file = tmp_path / "envoy.yaml"
    file.write_text(envoy(1, lines if in_hosts else [], [] if in_hosts else lines))
    assert "OK" in said(program("envoy", WHERE), "--mode", "validate", "-c", str(file))


def run_envoy(folder: Path, port: int, lines: list[str]) -> list[str]:
    """The command of an Envoy with these virtual hosts."""
    file = folder / "envoy.yaml"
    file.write_text(envoy(port, lines, []))
    return [program("envoy", WHERE), "-c", str(file), "--concurrency", "1", "--disable-hot-restart"]


# ----------------------------------------------------------------------------------------- Privoxy

_BLOCK_ALL = ["{ +block{nothing is open} }", "/", "{ +limit-connect{443} }", "/"]


def privoxy(folder: Path, port: int, lines: list[str]) -> Path:
    """One that blocks everything and opens port 443 alone, with the lines at the end of
    user.action."""
    (folder / "user.action").write_text("\n".join([*_BLOCK_ALL, *lines, ""]))
    file = folder / "config"
    told = [f"confdir {folder}", "actionsfile user.action", f"listen-address {LOOPBACK}:{port}"]
    file.write_text("\n".join([*told, "templdir /etc/privoxy/templates", ""]))
    return file


@pytest.mark.parametrize("code", [DENIED, PORT, Code.TLS_INTERCEPTED, UPGRADE])
def test_privoxy_takes_the_lines(code: Code, tmp_path: Path) -> None:
    """`privoxy --config-test`: known actions, patterns that are some."""
    file = privoxy(tmp_path, free_port(), lines_of("privoxy", code))
    said(program("privoxy", WHERE), "--config-test", "--no-daemon", str(file))


def run_privoxy(folder: Path, port: int, lines: list[str]) -> list[str]:
    """The command of a Privoxy with these lines."""
    return [program("privoxy", WHERE), "--no-daemon", str(privoxy(folder, port, lines))]


# ---------------------------------------------------------------------------------- Traffic Server

_RECORDS = """CONFIG proxy.config.http.server_ports STRING {port}:ip-in=127.0.0.1
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.reverse_proxy.enabled INT 0
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.connect_ports STRING 443
CONFIG proxy.config.websocket.no_activity_timeout INT 600
"""
_EVERYBODY = """ip_allow:
  - apply: in
    ip_addrs: 127.0.0.1
    action: allow
    methods: ALL
"""
_LAYOUT = """prefix: {0}
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: {0}
datadir: {0}
includedir: {0}
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
localstatedir: {0}
runtimedir: {0}
logdir: {0}
cachedir: {0}
"""


def traffic_server(folder: Path, port: int, lines: list[str]) -> None:
    """The files of one that opens port 443 alone; each line stands in the place of the one that
    sets the same record."""
    records = _RECORDS.format(port=port).splitlines()
    set_anew = {line.split()[1] for line in lines}
    kept = [line for line in records if line.split()[1] not in set_anew]
    (folder / "records.config").write_text("\n".join([*kept, *lines, ""]))
    (folder / "ip_allow.yaml").write_text(_EVERYBODY)
    (folder / "storage.config").write_text("cache 16M\n")
    (folder / "runroot.yaml").write_text(_LAYOUT.format(folder))


def run_traffic_server(folder: Path, port: int, lines: list[str]) -> list[str]:
    """The command of a Traffic Server with these lines."""
    traffic_server(folder, port, lines)
    return ["env", f"TS_RUNROOT={folder / 'runroot.yaml'}", program("traffic_server", WHERE)]


# ------------------------------------------------------------------------------------ all of them


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """The proxy, once it listens; SIGKILL ends it and no file of it is needed after."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(PATIENCE)
        yield
    finally:
        process.kill()
        process.wait(SECONDS)


def until_told(log: Path, end: str) -> str:
    """The log, once that is in it."""
    deadline = time.monotonic() + SECONDS
    while end not in (text := log.read_text()):
        assert time.monotonic() < deadline, text
        time.sleep(PATIENCE)
    return text


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5):
        return True
    return False


def status_of_a_tunnel(port: int, target: str) -> int:
    """What the proxy answers to CONNECT."""
    request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"
    with socket.create_connection((LOOPBACK, port), timeout=SECONDS) as connection:
        connection.sendall(request.encode())
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])


Run = Callable[[Path, int, list[str]], list[str]]


@pytest.mark.parametrize(
    ("file", "code", "run"),
    [
        ("envoy", DENIED, run_envoy),
        ("privoxy", PORT, run_privoxy),
        ("traffic_server", PORT, run_traffic_server),
    ],
)
def test_a_tunnel_is_refused_before_and_open_after(
    file: str, code: Code, run: Run, tmp_path: Path
) -> None:
    """What stands at its end is a server of the test, on a port of its own."""
    with socket.create_server((LOOPBACK, 0)) as target:
        port = int(target.getsockname()[1])
        asked = Asked(targets=((LOOPBACK, port), ("*.c.example", 443)))
        opening = lines_of(file, code, asked)
        if file == "privoxy":
            opening = [*lines_of(file, DENIED, asked), *opening]
        found = []
        for name, lines in (("before", []), ("after", opening)):
            folder = tmp_path / name
            folder.mkdir()
            own = free_port()
            with running(run(folder, own, lines), own, folder / "said"):
                found.append(status_of_a_tunnel(own, f"{LOOPBACK}:{port}"))
    assert found == [403, 200]


@pytest.mark.parametrize("code", [PORT, IDLE])
def test_traffic_server_knows_the_records(code: Code, tmp_path: Path) -> None:
    """A record that it does not have is told in its log, and left out."""
    lines, logs = lines_of("traffic_server", code), []
    for place, pasted in enumerate((lines, [line.replace("config.", "conf.") for line in lines])):
        folder, port = tmp_path / str(place), free_port()
        folder.mkdir()
        with running(run_traffic_server(folder, port, pasted), port, folder / "said"):
            logs.append(until_told(folder / "diags.log", "traffic server running"))
    assert ["Unrecognized configuration" in text for text in logs] == [False, True]


def test_traffic_server_has_one_line_for_all_ports() -> None:
    """Of two for the same record the last counts."""
    assert lines_of("traffic_server", PORT) == [
        "CONFIG proxy.config.http.connect_ports STRING 443 8084 80"
    ]
