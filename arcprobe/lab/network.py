"""The rehearsed enterprise network, whole: all peers on one event loop in one thread, and what a
preflight must be told of them.

    with Rehearsal(script) as network:
        run_check([*network.flags], rehearsal=network)

Nothing is left behind: sockets, thread and temporary folder are gone when the ``with`` ends,
however it ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from arcprobe.lab import kubernetes, squid
from arcprobe.lab.dns import PUBLIC_ADDRESSES, NameServer
from arcprobe.lab.origins import Origins, exists
from arcprobe.lab.peer import LOOPBACK, Peer, Resolve
from arcprobe.lab.pki import EnterpriseCa, PublicPki
from arcprobe.lab.proxy import ForwardProxy
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from arcprobe.lab.tls import ContextStore

PROXY_ADDRESS = "10.20.0.8"
PROXY_PORT = 3128
_TLS_PORTS = (443, 8084)
_PLAIN_PORT = 80
_START_LIMIT = 20.0  # seconds for all peers to listen, on a machine that is very busy
_STOP_LIMIT = 10.0


class Rehearsal:
    """A network by ``script``. Started and ended by ``with``; the attributes are filled in between.

    ``flags``: settings for ``arcprobe check``. ``environment``: what stands for the process
    environment (no proxy variables). ``dial_map``: where the bottom of a dial is led to instead,
    (address or name, port) to (loopback address, port); whatever is not in it and not loopback is
    not there. ``name_servers``: used instead of those in resolv.conf. ``service_account``: stands
    for /var/run/secrets/kubernetes.io/serviceaccount, None where the cluster is not read from a
    pod. ``faults``: what went wrong in the peers themselves; always empty, unless the rehearsal has
    a bug.
    """

    def __init__(self, script: NetworkScript) -> None:
        self.script = script
        self.flags: tuple[str, ...] = ()
        self.environment: dict[str, str] = {}
        self.dial_map: dict[tuple[str, int], tuple[str, int]] = {}
        self.name_servers: tuple[tuple[str, int], ...] = ()
        self.service_account: Path | None = None
        self.public_roots_pem = b""
        self.enterprise_root_pem = b""
        self.origin_port = 0
        self.proxy_port = 0
        self.faults: list[str] = []
        self._folder: TemporaryDirectory[str] | None = None
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._stop: Callable[[], object] = lambda: None

    @property
    def folder(self) -> Path:
        """The temporary folder with the files that the flags name."""
        if self._folder is None:
            raise RuntimeError("the rehearsal is not running")
        return Path(self._folder.name)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="arcprobe-rehearsal-", ignore_cleanup_errors=True)
        self._thread = threading.Thread(target=self._run, name="rehearsal", daemon=True)
        self._thread.start()
        try:
            if not self._started.wait(_START_LIMIT):
                raise TimeoutError("the rehearsed network did not start")
            if self._failure is not None:
                raise self._failure
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all peers and remove the folder. May be called twice."""
        self._stop()
        if self._thread is not None:
            self._thread.join(_STOP_LIMIT)
            self._thread = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # handed to the thread that waits in __enter__
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._note)
        stopped = asyncio.Event()
        async with AsyncExitStack() as stack:
            await self._start_peers(stack)
            self._stop = lambda: loop.is_closed() or loop.call_soon_threadsafe(stopped.set)
            self._started.set()
            await stopped.wait()

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, (OSError, EOFError)):
            return  # of a client that went away there is nothing to tell
        if isinstance(error, TypeError) and "SSLProtocol._abort()" in str(error):
            # asyncio before 3.13 trips over itself where TLS inside TLS ends without
            # close_notify
            return
        self.faults.append(f"{context.get('message')}: {error!r}")

    async def _start_peers(self, stack: AsyncExitStack) -> None:
        script = self.script
        pki, enterprise = PublicPki(script.origins), EnterpriseCa()
        self.public_roots_pem = pki.roots_pem
        self.enterprise_root_pem = enterprise.pem
        self._set("--region", script.region)
        self._set("--public-roots", self._file("public-roots.pem", self.public_roots_pem))
        origins = await self._start_internet(stack, pki)
        if script.proxy is not None:
            resolve = self._resolver_of(origins)
            proxy = ForwardProxy(script.proxy, pki, enterprise, self.folder, resolve)
            await self._start(stack, proxy)
            self._use_proxy(proxy, script.proxy)
        if script.credentials:
            path = self._file("proxy-auth", script.credentials.encode())
            self._set("--proxy-auth-file", path)
        if script.gives_proxy_cert:
            self._set("--proxy-cert", self._file("proxy-ca.pem", self.enterprise_root_pem))
        if script.cluster.source == "file":
            self._set("--services", self._file("services.json", kubernetes.services_file()))
        else:
            await self._start_cluster(stack)
        self.flags += script.flags

    async def _start(self, stack: AsyncExitStack, peer: Peer) -> None:
        stack.push_async_callback(peer.close)
        await peer.start()

    async def _start_internet(self, stack: AsyncExitStack, pki: PublicPki) -> Origins:
        contexts = ContextStore(self.folder, pki.leaf)
        front = contexts.by_server_name("front.rehearsal.azure.com", exists)
        origins = Origins(front, self.script.origins)
        servers = NameServer(self.script.dns, {squid.NAME: PROXY_ADDRESS})
        await self._start(stack, origins)
        await self._start(stack, servers)
        self.origin_port = origins.port
        self.name_servers = ((LOOPBACK, servers.port),)
        for address in PUBLIC_ADDRESSES:
            self.dial_map |= {(address, port): (LOOPBACK, origins.port) for port in _TLS_PORTS}
            self.dial_map[address, _PLAIN_PORT] = (LOOPBACK, origins.plain_port)
        return origins

    def _resolver_of(self, origins: Origins) -> Resolve:
        def resolve(host: str, port: int) -> tuple[str, int] | None:
            if not exists(host):
                return None
            return LOOPBACK, origins.plain_port if port == _PLAIN_PORT else origins.port

        return resolve

    def _use_proxy(self, proxy: ForwardProxy, policy: ProxyPolicy) -> None:
        self.proxy_port = proxy.port
        for name in (squid.NAME, PROXY_ADDRESS):
            self.dial_map[name, PROXY_PORT] = (LOOPBACK, proxy.port)
        scheme = self.script.proxy_scheme or ("https" if policy.over_tls else "http")
        self._set("--proxy-https", f"{scheme}://{squid.NAME}:{PROXY_PORT}")
        if self.script.skip_range:
            self._set("--proxy-skip-range", self.script.skip_range)

    async def _start_cluster(self, stack: AsyncExitStack) -> None:
        api = kubernetes.ApiServer(self.script.cluster, self.folder)
        await self._start(stack, api)
        self.service_account = self.folder / "serviceaccount"
        self.environment = {
            "KUBERNETES_SERVICE_HOST": LOOPBACK,
            "KUBERNETES_SERVICE_PORT": str(api.port),
        }

    def _set(self, flag: str, value: str) -> None:
        self.flags += (flag, value)

    def _file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)
