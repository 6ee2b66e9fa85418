"""The lines for the clouds' own filters, run by the clouds' own programs: the request that `aws`
sends, to a server of the test; the arguments as `az` reads them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qsl

import pytest

from arcprobe.knowledge.products.lines import Asked
from arcprobe.knowledge.products.registry import written
from arcprobe.model import Code
from tests.support.tools import named_folder

AZ_NETWORK = Path(__file__).with_name("az_network.py")
BOTH = ("192.0.2.1", "2001:db8::1")
ASKED = Asked(targets=(("a.example", 8084),), addresses=(("a.example", BOTH),))
SECONDS = 300.0  # of a program that reads all of its modules, on a machine that is very busy


def folder() -> Path:
    """Where `aws` and the Python of `az` are."""
    return named_folder("ARCPROBE_TEST_CLOUDS", "awscli and azure-cli")


def lines(file: str) -> list[str]:
    """What is pasted, and what undoes it."""
    pasted = written(file, Code.TARGET_SILENT, ASKED)
    assert pasted is not None
    return [*pasted.lines, *(pasted.undo or "").splitlines()]


class Recorder(BaseHTTPRequestHandler):
    """An EC2 that says yes to everything."""

    seen: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        asked = dict(parse_qsl(body))
        self.seen.append(asked)
        name = f"{asked['Action']}Response"
        answer = f"<{name}><return>true</return></{name}>".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def ec2() -> Iterator[str]:
    """Its URL, on loopback."""
    server = HTTPServer(("127.0.0.1", 0), Recorder)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(600)
def test_aws_sends_what_is_meant(ec2: str, tmp_path: Path) -> None:
    """A rule with the address in the list of its IP version, made and taken away."""
    environment = {
        "PATH": f"{folder()}:{os.defpath}",
        "HOME": str(tmp_path),
        "GROUP_ID": "sg-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": ec2,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    script = "set -e\n" + "\n".join(lines("aws"))
    done = subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    one = "IpPermissions.1"
    ports = {f"{one}.IpProtocol": "tcp", f"{one}.FromPort": "8084", f"{one}.ToPort": "8084"}
    due = [
        {f"{one}.IpRanges.1.CidrIp": "192.0.2.1/32"},
        {f"{one}.Ipv6Ranges.1.CidrIpv6": "2001:db8::1/128"},
    ]
    assert Recorder.seen == [
        {"Action": action, "Version": "2016-11-15", "GroupId": "sg-1", **ports, **address}
        for action in ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress")
        for address in due
    ]


GIVEN = {"$GROUP": "group", "$NSG": "nsg", "$PRIORITY": "200", "$PRIORITY_6": "201"}


def read_by_az(line: str, home: Path) -> dict[str, object]:
    """The arguments that az makes of a line, by their names in its requests."""
    program, *words = (GIVEN.get(word, word) for word in shlex.split(line))
    assert program == "az"
    done = subprocess.run(
        [str(folder() / "python"), "-B", str(AZ_NETWORK), *words],
        env={"AZURE_CONFIG_DIR": str(home), "AZURE_CORE_COLLECT_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.timeout(900)
def test_az_reads_what_is_meant(tmp_path: Path) -> None:
    """A rule for each IP version, which lets out to the address and port, and its end."""
    found = [read_by_az(line, tmp_path) for line in lines("azure_nsg")]
    names = [str(one["name"]) for one in found]
    assert names[0].startswith("arcprobe_target_silent_")
    assert names == [names[0], f"{names[0]}_6"] * 2
    place = {"resource_group": "group", "nsg_name": "nsg"}
    everything = {"source_address_prefixes": ["*"], "source_port_ranges": ["*"]}
    lets_out = {"access": "Allow", "direction": "Outbound", "protocol": "Tcp"}
    rules = [
        {"name": name, "priority": priority, "destination_address_prefixes": [address]}
        for name, priority, address in zip(names, (200, 201), BOTH, strict=False)
    ]
    port = {"destination_port_ranges": ["8084"]}
    assert found[:2] == [place | everything | lets_out | port | rule for rule in rules]
    assert found[2:] == [place | {"name": name} for name in names[:2]]


@pytest.mark.timeout(600)
def test_az_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    """Else the test above would say nothing."""
    wrong = lines("azure_nsg")[0].replace("--direction Outbound", "--direction Outwards")
    with pytest.raises(AssertionError, match="Allowed values: Inbound, Outbound"):
        read_by_az(wrong, tmp_path)
