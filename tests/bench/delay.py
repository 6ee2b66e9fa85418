"""A line that takes its time: ``python -m tests.bench.delay NAMESPACE SECONDS``, run at the lab's
node, hands every packet between it and the router in NAMESPACE over after so many seconds.

Two TUN devices and a process between them, since netem is not in every kernel. Ends when killed.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque

_SET_INTERFACE = 0x400454CA  # TUNSETIFF, linux/if_tun.h
_TUN, _NO_INFO = 0x0001, 0x1000
_NETWORK = 0x40000000  # CLONE_NEWNET, sched.h
_PACKET = 65536
_NODE = "10.77.1.2"
READY = "the line stands"


def _device(name: str) -> int:
    """A TUN device of the namespace that this process is in."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _SET_INTERFACE, struct.pack("16sH22x", name.encode(), _TUN | _NO_INFO))
    subprocess.run(["ip", "link", "set", name, "up", "txqueuelen", "10000"], check=True)
    return device


def _enter(namespace: str) -> None:
    """As os.setns of Python 3.12."""
    library = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as file:
        if library.setns(file.fileno(), _NETWORK):
            raise OSError(ctypes.get_errno(), "setns")


def _carry(ends: tuple[int, int], seconds: float) -> None:
    """Every packet that comes in at one end goes out at the other, later."""
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    waiting: deque[tuple[float, int, bytes]] = deque()
    poll = select.epoll()
    for end in ends:
        poll.register(end, select.EPOLLIN)
    while True:
        patience = max(waiting[0][0] - time.monotonic(), 0) if waiting else -1
        for end, _event in poll.poll(patience):
            try:
                while True:
                    waiting.append((time.monotonic() + seconds, other[end], os.read(end, _PACKET)))
            except BlockingIOError:
                pass
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, end, packet = waiting.popleft()
            os.write(end, packet)


def main() -> None:
    """Makes the line, says so, and carries."""
    namespace, seconds = sys.argv[1], float(sys.argv[2])
    near = _device("wan")
    subprocess.run(
        ["ip", "route", "replace", "default", "dev", "wan", "src", _NODE, "mtu", "1500"], check=True
    )
    _enter(namespace)
    far = _device("wan")
    subprocess.run(["ip", "route", "replace", f"{_NODE}/32", "dev", "wan"], check=True)
    sys.stdout.write(f" {READY}\n")
    sys.stdout.flush()
    _carry((near, far), seconds)


if __name__ == "__main__":
    main()
