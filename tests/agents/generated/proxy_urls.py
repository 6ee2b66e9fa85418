"""Values of HTTPS_PROXY: every character at every place of a URL, and what people get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_ASCII = [chr(number) for number in range(1, 128)]
_OTHERS = [
    *"äßéøπдשع中あﬀⅣ①３٣\u00a0\u2003\u200b\u200d\u202e\ufeff\u3002…–’😀İıK",
    "xn--",
    "%41",
    "%zz",
]
_ESCAPED = [f"%{number:02X}" for number in (*range(0, 256, 5), 0x25, 0x2F, 0x3A, 0x40, 0x5C)]
_SCHEMES = [
    *("http", "https", "socks5", "socks5h", "HTTP", "Socks5"),
    *("socks4", "socks4a", "socks", "ftp", "h ttp", "ht\u00f6p", "1http", ""),
]
_HOSTS = [
    *("proxy", "proxy.corp.example", "PROXY.Corp", "proxy.", "proxy..", ".proxy", "a..b", "."),
    *("10.0.0.1", "010.0.0.1", "10.0.1", "10", "0x7f.1", "1.2.3.4.", "256.1.1.1", "1.2.3.4.5"),
    *("[::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fe80::1%25]", "[::ffff:10.0.0.1]"),
    *("[10.0.0.1]", "[::1", "::1]", "[]", "[::1]x", "x[::1]", "[[::1]]", "fd00::1", "[FD00::A]"),
    *("-proxy", "proxy-", "pro-xy", "pro_xy", "_proxy", "1-2", "1_2", "a.-b", "a-.b", "1.a", "a.1"),
    *("bücher.example", "straße.example", "xn--bcher-kva.example", "b%C3%BCcher.example", "%61.b"),
    *("中文.example", "faß.de", "ab--cd.ä", "-ä.example", "ä-.example", "ä_b.example", "ⓐ.example"),
    *("a" * 63, "a" * 64, f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}", "a." * 126 + "a"),
    *(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 62}", "a." * 127 + "a", "ä" * 30, "ä" * 60),
    *("", "*", "*.corp", "a,b", "<proxy>", "proxy;x", "$PROXY", "${PROXY}", "http"),
]
_PORTS = [
    *("", ":3128", ":", ":0", ":1", ":65535", ":65536", ":99999", ":03128", ":000000003128"),
    *(":31 28", ":+3128", ":-1", ":0x50", ":http", ":٣١٢٨", ":３１２８", ":3128:", ":3128:80"),
    *("::3128", ":1e3", ":3_128", ":99999999999999999999999"),
]
_TAILS = ["", "/", "", "", "/", "//", "/path", "/proxy.pac", "?", "?a=b", "#", "#a", " ", "\n"]
_USERS = [
    *("", "svc@", "svc:pw@", "svc:@", ":pw@", "@", ":@", "CORP\\svc:pw@", "CORP%5Csvc:pw@"),
    *("svc@corp.example:pw@", "svc%40corp.example:pw@", "svc:p:w@", "svc:p%3Aw@", "svc:pä@"),
    *("svc:p%C3%A4@", "svc:p%ff%00@", "svc:pa ss@", "svc:pa%20ss@", "svc:p^{1}@", 'svc:p"w@'),
    *("svc:p[1]@", "svc:p|w@", "svc:p<w>@", "svc:p`w@", "svc:100%@", "svc:p%w@", "svc:p%4@"),
    *("-._~!$&'()*+,;=:-._~!$&'()*+,;=@", "svc:p/w@", "svc:p#w@", "svc:p?w@", "svc:p%2Fw@"),
]


def proxy_urls(seed: int, count: int) -> list[str]:
    """At least ``count`` values, each once."""
    found = dict.fromkeys(_every_character())
    random = Random(seed)
    while len(found) < count:
        found[_mixed(random)] = None
    return list(found)


def _every_character() -> Iterator[str]:
    """One character more at one place of a URL that is right."""
    for char in (*_ASCII, *_OTHERS, *_ESCAPED):
        yield f"http://sv{char}c:password@proxy.corp:3128"
        yield f"http://svc:pass{char}word@proxy.corp:3128"
        yield f"http://pro{char}xy.corp:3128"
        yield f"http://proxy.corp:31{char}28"
        yield f"http://proxy.corp{char}"
        yield f"{char}http://proxy.corp:3128"
        yield f"http://proxy.corp:3128{char}"
        yield f"socks5://svc:pass{char}word@proxy.corp:1080"
    for scheme in _SCHEMES:
        yield f"{scheme}://proxy.corp"
        yield f"{scheme}:proxy.corp:3128"
    for host in _HOSTS:
        yield from (f"http://{host}:3128", f"https://{host}", f"socks5://u:p@{host}", f"{host}:80")
    for port in _PORTS:
        yield from (f"http://proxy.corp{port}", f"http://u:p@[::1]{port}", f"socks5h://p{port}")
    yield from (f"http://{user}proxy.corp:3128" for user in _USERS)
    yield from (f"http://proxy.corp:3128{tail}" for tail in _TAILS)


def _mixed(random: Random) -> str:
    """Any part with any other; sometimes a character changed, doubled or lost."""
    separator = random.choice(("://", "://", "://", "://", ":/", ":", "//"))
    text = random.choice(_SCHEMES[: random.choice((4, len(_SCHEMES)))]) + separator
    text = random.choice((text, text, text, text, ""))
    text += random.choice(("", random.choice(_USERS))) + random.choice(_HOSTS)
    text += random.choice(_PORTS[: random.choice((2, len(_PORTS)))])
    text += random.choice(_TAILS[: random.choice((2, len(_TAILS)))])
    if random.random() < 0.3 and text:
        place = random.randrange(len(text))
        stray = random.choice((*_ASCII, *_OTHERS, ""))
        text = text[:place] + stray + text[place + random.choice((0, 1)) :]
    return text
