"""A preflight through a real Squid, as Debian packages it: what it really sends is judged as the
rehearsed proxy's is.

The origins and the name server are the rehearsal's. They listen on ports that nobody knows before,
so Squid asks the rehearsal's own proxy, which lets everything through, to open each tunnel
(``cache_peer``): policy, credentials and inspection are Squid's.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

import msgspec
import pytest

from arcprobe.commands.demo import run_check
from arcprobe.knowledge.products import Asked, written
from arcprobe.lab.network import PROXY_ADDRESS, Rehearsal
from arcprobe.lab.peer import LOOPBACK
from arcprobe.lab.pki import EnterpriseCa, key_pem
from arcprobe.lab.script import NetworkScript
from arcprobe.lab.squid import NAME
from arcprobe.model import Code, Verdict

_USER = "proxy"  # whom Debian's Squid becomes when root starts it
_LIBRARY = Path("/usr/lib/squid")
_CERTGEN = (
    _LIBRARY / "security_file_certgen"
)  # of squid-openssl alone; Debian's package squid cannot inspect
_BASIC = _LIBRARY / "basic_ncsa_auth"
_START_LIMIT = 20.0  # seconds until Squid listens, on a machine that is very busy
_STOP_LIMIT = 20.0
_PATIENCE = 0.05  # seconds between two tries to connect
_PORTS_TRIED = 5
_PASSWORD = "p@ss:w%rd#1"
_DEMANDED = (
    f"auth_param basic program {_BASIC} @FOLDER@/accounts",
    "auth_param basic realm Contoso proxy",
    "acl known proxy_auth REQUIRED",
    "http_access deny !known",
)
_UPGRADES = "http_upgrade_request_protocols websocket allow all"  # Squid removes Upgrade without it


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How a preflight ended: the command's exit code, the report's verdict and the codes of its
    causes, lowest layer first."""

    code: int
    verdict: str
    causes: tuple[str, ...]


PASSED = Told(code=0, verdict=Verdict.PASS, causes=())


def failed(*causes: str) -> Told:
    """A preflight that failed for these causes and no other."""
    return Told(code=1, verdict=Verdict.FAIL, causes=causes)


@pytest.fixture(scope="module")
def program() -> str:
    """The path of Squid. Without it the test is skipped, and in CI, which installs it, fails."""
    found = shutil.which("squid", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is not None and _CERTGEN.exists():
        return found
    seen = f"squid: {found}, {_CERTGEN}: {_CERTGEN.exists()}"
    reason = f"there is no Squid with OpenSSL here ({seen}); install squid-openssl"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def folder(program: str, tmp_path: Path) -> Iterator[Path]:
    """Where Squid has its files: the test's own folder; where root starts it, one that the user
    whom it becomes can reach."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="arcprobe-squid-") as made:
        yield Path(made)


class Bench:
    """Runs preflights through a Squid of its own each. ``authority`` signs for Squid: its own name,
    and what it inspects."""

    def __init__(self, program: str, folder: Path, reports: Path) -> None:
        self._program = program
        self._folder = folder
        self._reports = reports
        self.authority = EnterpriseCa()

    @property
    def proxy_cert(self) -> tuple[str, str]:
        """The flag that hands the authority to arcprobe."""
        file = self._reports / "proxy-ca.pem"
        file.write_bytes(self.authority.pem)
        return "--proxy-cert", str(file)

    def preflight(
        self,
        *lines: str,
        listen: str = "http_port @WHERE@",
        scheme: str = "http",
        flags: tuple[str, ...] = (),
        user: str = "",
    ) -> Told:
        """``check`` against the rehearsed internet, through Squid with these lines before its stock
        ones.

        ``listen``: Squid's line for its port. ``user``: user:password that arcprobe is given, in a
        file.
        """
        recording = self._reports / "report.json"
        with Rehearsal(NetworkScript(credentials=user)) as network:
            self._write("public-roots.pem", network.public_roots_pem)
            with self._running(listen, lines, network.proxy_port) as port:
                network.dial_map[PROXY_ADDRESS, port] = (LOOPBACK, port)
                given = (*network.flags, "--proxy-https", f"{scheme}://{NAME}:{port}", *flags)
                code = run_check([*given, "--report", f"json={recording}"], rehearsal=network)
        assert network.faults == []
        report = json.loads(recording.read_bytes())
        assert report["run"]["settings"]["proxy_https"]["port"] == port
        return Told(
            code=code,
            verdict=report["verdict"],
            causes=tuple(cause["code"] for cause in report["causes"]),
        )

    @contextmanager
    def running(self, lines: tuple[str, ...]) -> Iterator[int]:
        """Squid with these lines before its stock ones, and nobody behind it; its port."""
        self._write("public-roots.pem", b"")
        with socket.create_server((LOOPBACK, 0)) as found:
            nobody = found.getsockname()[1]
        with self._running("http_port @WHERE@", lines, nobody) as port:
            yield port

    def status(self, port: int, target: str) -> int:
        """What Squid answers to a CONNECT."""
        with socket.create_connection((LOOPBACK, port), _START_LIMIT) as asked:
            asked.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            asked.settimeout(_START_LIMIT)
            return int(asked.recv(64).split()[1])

    def tunnels(self) -> set[str]:
        """The ``host:port`` for which Squid was asked to open a tunnel, as its own log has them."""
        rows = (
            line.split()
            for line in (self._folder / "access.log").read_text(encoding="utf-8").splitlines()
        )
        return {row[6] for row in rows if row[5] == "CONNECT"}

    def _write(self, name: str, content: bytes) -> None:
        file = self._folder / name
        file.write_bytes(content)

    @contextmanager
    def _running(self, listen: str, lines: tuple[str, ...], parent: int) -> Iterator[int]:
        """Squid in the foreground, until the ``with`` ends; its port."""
        self._write(
            "accounts",
            f"arc:{md5(_PASSWORD.encode(), usedforsecurity=False).hexdigest()}\n".encode(),
        )
        self._write("authority.pem", key_pem(self.authority.key) + self.authority.pem)
        self._write("own.pem", self.authority.server(NAME).pem())
        minted = (str(_CERTGEN), "-c", "-s", str(self._folder / "minted"), "-M", "4MB")
        subprocess.run(minted, check=True, timeout=_START_LIMIT, stdout=subprocess.DEVNULL)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, _USER, _USER)
        for _ in range(_PORTS_TRIED):
            with socket.create_server((LOOPBACK, 0)) as found:
                port: int = found.getsockname()[1]
            text = self._configuration(
                listen.replace("@WHERE@", f"{LOOPBACK}:{port}"), lines, parent
            )
            self._write("squid.conf", text.replace("@FOLDER@", str(self._folder)).encode())
            # a name of its own: two Squids of one name want the same shared memory,
            # and the second one ends (Squid 5.7)
            process = subprocess.Popen(
                (
                    self._program,
                    "-N",
                    "-n",
                    f"arcprobe{port}",
                    "-f",
                    str(self._folder / "squid.conf"),
                )
            )
            try:
                if _listens(process, port):
                    yield port
                    return
            finally:
                process.terminate()
                process.wait(_STOP_LIMIT)
            told = (self._folder / "cache.log").read_text(encoding="utf-8", errors="replace")
            assert "Address already in use" in told, (
                f"Squid ended with {process.returncode}:\n{told}"
            )
        pytest.fail(f"Squid found each of {_PORTS_TRIED} free ports taken")

    def _configuration(self, listen: str, lines: tuple[str, ...], parent: int) -> str:
        """Debian's stock rules for ports, everything else allowed; nothing cached, nobody asked but
        ``parent``."""
        return "\n".join(
            (
                listen,
                "acl SSL_ports port 443 8084",
                *lines,
                "http_access deny CONNECT !SSL_ports",
                "http_access allow all",
                f"cache_peer {LOOPBACK} parent {parent} 0 "
                "no-query no-digest no-netdb-exchange default",
                "never_direct allow all",
                "cache deny all",
                f"cache_effective_user {_USER}",
                "pid_filename @FOLDER@/squid.pid",
                "access_log stdio:@FOLDER@/access.log",
                "cache_log @FOLDER@/cache.log",
                "coredump_dir @FOLDER@",
                "netdb_filename none",
                "pinger_enable off",
                f"dns_nameservers {LOOPBACK}",
                f"visible_hostname {NAME}",
                "shutdown_lifetime 0 seconds",
                "max_filedescriptors 1024",
                "",
            )
        )


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Waits until the port takes a connection; False when the process ended before."""
    end = time.monotonic() + _START_LIMIT
    while time.monotonic() < end:
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        else:
            return False
        with socket.socket() as tried:
            tried.settimeout(_START_LIMIT)
            if tried.connect_ex((LOOPBACK, port)) == 0:
                return True
    pytest.fail(f"Squid did not listen within {_START_LIMIT} s")


def inspecting(*bumping: str) -> tuple[str, tuple[str, ...]]:
    """Squid's port line and lines for inspection; ``bumping`` are its ssl_bump lines in order."""
    listen = "http_port @WHERE@ ssl-bump cert=@FOLDER@/authority.pem generate-host-certificates=on"
    lines = (
        f"sslcrtd_program {_CERTGEN} -s @FOLDER@/minted -M 4MB",
        "sslcrtd_children 2",
        "tls_outgoing_options cafile=@FOLDER@/public-roots.pem",
        "acl step1 at_step SslBump1",
        *bumping,
    )
    return listen, lines


@pytest.fixture
def bench(program: str, folder: Path, tmp_path: Path) -> Bench:
    return Bench(program, folder, tmp_path)


def test_allowed(bench: Bench) -> None:
    """A Squid that lets everything through is a clean path, and every way went through it."""
    assert bench.preflight() == PASSED
    assert {"management.azure.com:443", "mcr.microsoft.com:443"} < bench.tunnels()


def test_denied_by_name(bench: Bench) -> None:
    """A name that Squid's policy denies is the one cause."""
    rules = ("acl unwanted dstdomain .his.arc.azure.com", "http_access deny unwanted")
    assert bench.preflight(*rules) == failed("proxy-denied")


def test_denied_by_port(bench: Bench) -> None:
    """A Squid that opens tunnels to port 443 alone denies a port, not a name."""
    assert bench.preflight("acl secure port 443", "http_access deny CONNECT !secure") == failed(
        "proxy-port-denied"
    )


def test_allowed_names_are_no_addresses(bench: Bench, folder: Path) -> None:
    """The lines that a report gives let the name through, and no address whose owner says that it
    has such a name."""
    (folder / "hosts").write_text("127.0.0.9 mine.servicebus.windows.net\n", encoding="utf-8")
    asked = Asked(targets=(("*.servicebus.windows.net", 443),))
    pasted = written("squid", Code.PROXY_DENIED, asked)
    assert pasted is not None
    lines = ("hosts_file @FOLDER@/hosts", *pasted.lines, "http_access deny all")
    with bench.running(lines) as port:
        assert bench.status(port, "mine.servicebus.windows.net:443") >= 500  # nobody is behind it
        assert bench.status(port, "127.0.0.9:443") == 403


def test_credentials_required(bench: Bench) -> None:
    """A Squid that asks for Basic credentials, where none are given, is told so."""
    assert bench.preflight(*_DEMANDED) == failed("proxy-auth-required")


def test_credentials_wrong(bench: Bench) -> None:
    """A password that Squid does not take is told from one that is missing."""
    assert bench.preflight(*_DEMANDED, user="arc:mistyped") == failed("proxy-auth-rejected")


def test_credentials_right(bench: Bench) -> None:
    """The right password, special characters and all, opens every way."""
    assert bench.preflight(*_DEMANDED, user=f"arc:{_PASSWORD}") == PASSED


def test_inspected(bench: Bench) -> None:
    """Certificates that Squid forged with an authority that nobody trusts are interception, which
    fails."""
    listen, lines = inspecting("ssl_bump bump all", _UPGRADES)
    assert bench.preflight(*lines, listen=listen) == failed("tls-intercepted")


def test_inspected_and_trusted(bench: Bench) -> None:
    """Interception that --proxy-cert makes the agents accept is a warning."""
    listen, lines = inspecting("ssl_bump bump all", _UPGRADES)
    told = bench.preflight(*lines, listen=listen, flags=bench.proxy_cert)
    assert told == Told(code=0, verdict=Verdict.WARN, causes=("tls-intercepted",))


def test_inspected_and_stripped(bench: Bench) -> None:
    """Squid's default, to take the WebSocket upgrade out of what it inspects, is a second cause
    that fails."""
    listen, lines = inspecting("ssl_bump bump all")
    assert bench.preflight(*lines, listen=listen, flags=bench.proxy_cert) == failed(
        "tls-intercepted", "websocket-stripped"
    )


def test_inspected_after_a_look(bench: Bench) -> None:
    """A Squid that reads the server's name before it inspects is found as one that does not."""
    listen, lines = inspecting("ssl_bump peek step1", "ssl_bump bump all", _UPGRADES)
    assert bench.preflight(*lines, listen=listen) == failed("tls-intercepted")


def test_spliced(bench: Bench) -> None:
    """A Squid that could inspect, but hands TLS through untouched, is a clean path."""
    listen, lines = inspecting("ssl_bump peek step1", "ssl_bump splice all")
    assert bench.preflight(*lines, listen=listen) == PASSED


def test_denied_inside(bench: Bench) -> None:
    """A denial that Squid sends inside the session that it forged is its page, and not a
    certificate's fault."""
    listen, lines = inspecting(
        "acl unwanted dstdomain .his.arc.azure.com",
        "http_access deny unwanted",
        "acl unwanted_name ssl::server_name .his.arc.azure.com",
        "ssl_bump bump unwanted_name",
        "ssl_bump splice all",
    )
    assert bench.preflight(*lines, listen=listen) == failed("block-page")


def test_tls_to_the_proxy(bench: Bench) -> None:
    """TLS to Squid itself is a clean path where --proxy-cert has the authority of its
    certificate."""
    listen = "https_port @WHERE@ tls-cert=@FOLDER@/own.pem"
    assert bench.preflight(listen=listen, scheme="https", flags=bench.proxy_cert) == PASSED


def test_tls_to_the_proxy_without_its_authority(bench: Bench) -> None:
    """TLS to Squid itself fails where nobody has the authority of its certificate."""
    listen = "https_port @WHERE@ tls-cert=@FOLDER@/own.pem"
    assert bench.preflight(listen=listen, scheme="https") == failed("proxy-certificate-untrusted")


def test_scheme_mistaken(bench: Bench) -> None:
    """A URL with https:// for a port where Squid speaks plain HTTP is the one cause."""
    assert bench.preflight(scheme="https") == failed("proxy-speaks-plain")
