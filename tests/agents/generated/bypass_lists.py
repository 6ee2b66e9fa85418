"""Values of NO_PROXY, and URLs that are asked: every form of an entry, at every edge."""

from __future__ import annotations

from random import Random

_NAMES = [
    *("corp.example", "a.corp.example", "xcorp.example", "svc", "x.svc", "kubernetes.default.svc"),
    *("svc.cluster.local", "flux.svc.cluster.local.", "corp.example.", "localhost", "a.localhost"),
    *("localhost.localdomain", "CORP.Example", "bücher.example", "xn--bcher-kva.example", "1.a"),
    *("straße.example", "STRASSE.example", "İstanbul.example", "a_b.example", "10.0.0.1.example"),
    *("faß.de", "www.faß.de", "xn--fa-hia.de", "ä_b.example", "-ä.example", "中文.example", "10"),
]
_ADDRESSES = [
    *("10.0.0.1", "10.0.0.255", "10.1.0.0", "10.96.0.1", "10.255.255.255", "11.0.0.0", "0.0.0.0"),
    *("127.0.0.1", "127.9.9.9", "192.168.1.1", "255.255.255.255", "10.0.0.01", "10.0.1", "0x0a.1"),
    *(
        "::1",
        "fd00::1",
        "fd00::ff",
        "fd01::",
        "::ffff:10.0.0.1",
        "::ffff:a00:1",
        "::",
        "::10.0.0.1",
    ),
    *("::ffff:127.0.0.1", "fe80::1%25eth0", "64:ff9b::a00:1", "2001:db8:0:0::1"),
]
_ENTRIES = [
    *_NAMES,
    *(f".{name}" for name in _NAMES),
    *(f"*.{name}" for name in _NAMES[:8]),
    *(f"{name}:443" for name in _NAMES[:8]),
    *(f".{name}:8443" for name in _NAMES[:4]),
    *(f"{name}:80" for name in _NAMES[:4]),
    *("10.0.0.1:80", "[fd00::1]:80"),
    *(text.replace("%25", "%") for text in _ADDRESSES),
    *(f"{text}:443" for text in _ADDRESSES if ":" not in text),
    *(f"[{text}]:443" for text in _ADDRESSES if ":" in text),
    *(f"[{text}]" for text in _ADDRESSES if ":" in text),
    *("10.0.0.0/8", "10.0.0.1/8", "10.96.0.0/12", "10.0.0.0/0", "0.0.0.0/0", "10.0.0.0/32"),
    *("10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8.", "10.0.0/8", "10.0.0.0/255.0.0.0"),
    *(
        "10.0.0.0/",
        "/8",
        "010.0.0.0/8",
        "10.0.0.0/8:443",
        "[10.0.0.0]/8",
        "10.0.0.0/8 ",
        "10.0.0.0 /8",
    ),
    *("fd00::/8", "fd00::1/128", "fd00::/129", "::/0", "::ffff:10.0.0.0/104", "::ffff:0:0/96"),
    *("::ffff:0:0/95", "fe80::/10", "fe80::1%eth0/64", "[fd00::]/8", "::10.0.0.0/104", "::1/127"),
    *(
        "*",
        "**",
        "*.*",
        "*corp.example",
        "c*rp.example",
        "*.",
        ".",
        "..",
        ".*",
        "*:443",
        "10.*",
        "10.0.0.*",
    ),
    *(
        "",
        " ",
        "\t",
        "\n",
        "\u00a0",
        "\u200b",
        "\x1f",
        "\x85",
        ":",
        ":443",
        ".:443",
        "*.:443",
        "[",
        "]",
    ),
    *("[]", "[]:443", "a:b:c", "corp.example:", "corp.example:https", "corp.example:0443"),
    *(
        "corp.example:-1",
        "10.0.0.1:",
        "10.0.0.1:0443",
        "[fd00::1]:",
        "[[fd00::1]]:443",
        "fd00::1]:443",
    ),
    *(
        "http://corp.example",
        "corp.example/path",
        "corp.example;svc",
        "corp.example svc",
        "<local>",
    ),
    *('"corp.example"', "'svc'", "corp..example", "corp.example..", "a." * 130 + "b", "x" * 70),
    *(f".{number}" for number in (0, 1, 255, 256)),
    *("1", "0.1", ".0.1", "10.0.0.", "10.0.0", "10."),
]
_BLANKS = [
    "",
    "",
    "",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\n  ",
    "\u00a0",
    "\u3000",
    "\v",
    "\x1c",
    "\ufeff",
]
_URL_PORTS = ["", "", "", ":443", ":80", ":8443", ":"]


def bypass_lists(seed: int, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Lists, and the URLs that are asked of each: every entry alone, then mixed lists."""
    random = Random(seed)
    hosts = (*_NAMES, *_ADDRESSES)
    every = tuple(f"{scheme}://{_host(host)}/" for scheme in ("https", "http") for host in hosts)
    found: list[tuple[str, tuple[str, ...]]] = [(entry, every) for entry in dict.fromkeys(_ENTRIES)]
    while len(found) < count:
        found.append((_list(random), tuple(_url(random) for _ in range(8))))
    return found


def _list(random: Random) -> str:
    tokens = []
    for _ in range(random.randint(1, 6)):
        entry = random.choice(_ENTRIES)
        if random.random() < 0.15 and entry:
            place = random.randrange(len(entry))
            stray = random.choice((".", "*", ":", "/", "0", "-", "[", " ", "%", "A", "ä", ""))
            entry = entry[:place] + stray + entry[place + random.choice((0, 1)) :]
        tokens.append(random.choice(_BLANKS) + entry + random.choice(_BLANKS))
    return ",".join(tokens)


def _url(random: Random) -> str:
    scheme = random.choice(("https", "https", "https", "http"))
    if random.random() < 0.6:
        host = random.choice((*_NAMES, *_ADDRESSES))
    else:
        host = random.choice(_ENTRIES).strip("*./: ").partition("/")[0]
        host = host.partition(":")[0] if host.count(":") == 1 else host
        host = random.choice(("", "", "a.", "x")) + (host or "svc")
    return f"{scheme}://{_host(host)}{random.choice(_URL_PORTS)}/"


def _host(host: str) -> str:
    host = host.replace("]", "")  # in a host that is no address Go refuses it, or goes direct
    return f"[{host}]" if host.count(":") > 1 else host
