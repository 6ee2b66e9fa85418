"""What SOCKS5 servers say, whole and broken, to clients with and without user and password."""

from __future__ import annotations

from random import Random
from urllib.parse import quote

from tests.agents.oracle import Dialogue

_HOSTS = ("endpoint.example", "203.0.113.7", "2001:db8::7", "x" * 63 + ".example")
_USERS = ("arc", "", "p\u00e4ss", "u" * 255, "u" * 256, "a:b@c")
_PASSWORDS = ("secret", "", "s" * 255, "s" * 256, "%41 \\")
_VERSIONS = (5,) * 60 + (4, 0, 72)
_METHODS = (0,) * 12 + (2,) * 14 + (1, 3, 128, 254, 255)
_STATUSES = ((1, 0),) * 15 + ((1, 1), (1, 255), (0, 0), (5, 0), (2, 0))
_REPLIES = (0,) * 36 + (1, 2, 3, 4, 5, 6, 7, 8, 9, 91, 255)
_RESERVED = (0,) * 40 + (1, 255)
_ADDRESSES = (
    *((b"\x01" + bytes(4),) * 12),
    *(b"\x04" + bytes(16), b"\x03\x00", b"\x03\x03abc", b"\x03\xff" + b"x" * 255),
    *(b"\x00", b"\x02" + bytes(4), b"\x05" + bytes(4), b"\xff"),
)


def socks_dialogues(seed: int, count: int) -> list[Dialogue]:
    """The same for the same seed."""
    random = Random(seed)
    return [_one(random) for _number in range(count)]


def _one(random: Random) -> Dialogue:
    method = random.choice(_METHODS)
    said = bytes((random.choice(_VERSIONS), method))
    # mostly where it is due, now and then where it is not, or left out
    if (method == 2) is (random.random() < 0.9):
        said += bytes(random.choice(_STATUSES))
    said += bytes((random.choice(_VERSIONS), random.choice(_REPLIES), random.choice(_RESERVED)))
    said += random.choice(_ADDRESSES) + b"\x1f\x90"
    if random.random() < 0.15:
        said = said[: random.randrange(len(said) + 1)]
    if random.random() < 0.1:
        said += b"more"
    return Dialogue(login=_login(random), host=random.choice(_HOSTS), answer=said)


def _login(random: Random) -> str:
    """The user part of a URL: none, a user alone, or both."""
    if random.random() < 0.3:
        return ""
    user = quote(random.choice(_USERS), safe="")
    if random.random() < 0.2:
        return f"{user}@"
    return f"{user}:{quote(random.choice(_PASSWORDS), safe='')}@"
