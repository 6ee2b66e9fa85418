"""A rehearsal gives what a preflight needs, and leaves nothing behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from tests.lab.clients import dialled


def flags_of(running: Rehearsal) -> dict[str, str]:
    """The flags by name; each takes one value."""
    return dict(zip(running.flags[::2], running.flags[1::2], strict=True))


def test_flags() -> None:
    """The flags name region, roots, proxy, bypass list, credentials and CA, and the files that they
    name are there."""
    script = NetworkScript(
        proxy=ProxyPolicy(user="arc", password="x"), credentials="arc:x", gives_proxy_cert=True
    )
    with Rehearsal(script) as running:
        flags = flags_of(running)
        assert flags["--region"] == "eastus"
        assert flags["--proxy-https"] == "http://proxy.contoso.example:3128"
        assert "10.96.0.0/12" in flags["--proxy-skip-range"]
        assert Path(flags["--proxy-auth-file"]).read_text("ascii") == "arc:x"
        assert Path(flags["--public-roots"]).read_bytes() == running.public_roots_pem
        assert Path(flags["--proxy-cert"]).read_bytes() == running.enterprise_root_pem
        assert running.dial_map["10.20.0.8", 3128] == ("127.0.0.1", running.proxy_port)
        assert running.dial_map["proxy.contoso.example", 3128] == ("127.0.0.1", running.proxy_port)
        assert {address for address, _ in running.dial_map.values()} == {"127.0.0.1"}


def test_direct() -> None:
    """Without a proxy there is no flag of one, and public addresses lead to the origins."""
    with Rehearsal(NetworkScript(proxy=None)) as running:
        assert not any(name.startswith("--proxy") for name in flags_of(running))
        assert running.dial_map["192.88.99.1", 8084] == ("127.0.0.1", running.origin_port)


def test_nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the end, also by an exception and with connections open, folder, thread and listening
    sockets are gone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = threading.active_count()
    running = Rehearsal(NetworkScript())

    def fail_in_the_middle() -> None:
        with running, dialled(running.proxy_port) as idle, dialled(running.origin_port):
            assert list(tmp_path.iterdir())
            idle.sendall(b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n")
            assert b" 200 " in idle.recv(1000)
            raise KeyError("in the middle")

    with pytest.raises(KeyError):
        fail_in_the_middle()
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == before
    for port in (running.proxy_port, running.origin_port):
        with pytest.raises(ConnectionRefusedError), dialled(port):
            pass
    running.close()
    assert running.faults == []


def test_no_key_stays_in_files() -> None:
    """No private key is in the folder while the network runs."""
    with Rehearsal(NetworkScript(proxy=ProxyPolicy(over_tls=True))) as running:
        assert not [
            path
            for path in running.folder.rglob("*")
            if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
        ]


def test_failed_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that cannot start makes the rehearsal raise its error, and nothing is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def refuse(_: object) -> None:
        raise OSError("no port is free")

    monkeypatch.setattr("arcprobe.lab.proxy.ForwardProxy.start", refuse)
    with pytest.raises(OSError, match="no port is free"), Rehearsal(NetworkScript()):
        pass
    assert list(tmp_path.iterdir()) == []
