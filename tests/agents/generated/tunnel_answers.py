"""Answers of proxies to CONNECT and to SOCKS5, as they are on the wire."""

from __future__ import annotations

from random import Random

_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\r")
_VERSIONS = [
    *(b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/0.0"),
    *(
        b"HTTP/1",
        b"HTTP/1.10",
        b"HTTP/11",
        b"http/1.1",
        b"HTTP/1,1",
        b"HTTP /1.1",
        b"ICY",
        b" HTTP/1.1",
    ),
    *(b"HTTP/x.1", b"HTTP/1.1 HTTP/1.1", b""),
]
_STATUSES = [
    *(
        b"200",
        b"200",
        b"200",
        b"200",
        b"201",
        b"204",
        b"100",
        b"101",
        b"199",
        b"299",
        b"302",
        b"407",
    ),
    *(b"0200", b"20", b"2000", b"+20", b"-20", b"2x0", b"", b"000", b"99", b"600", b"999", b"2 00"),
]
_REASONS = [
    *(
        b" OK",
        b" Connection established",
        b"",
        b" ",
        b"  OK",
        b"\tOK",
        b" \xff\xfe",
        b" a\rb",
        b" \0",
    )
]
_HEADERS = [
    *(
        b"Via: 1.1 proxy",
        b"Via : x",
        b"Via:x",
        b"Via:",
        b": x",
        b"Via",
        b"Via x",
        b"V\xeda: x",
        b"V(a: x",
    ),
    *(
        b"Via\t: x",
        b" Via: x",
        b"X: a\0b",
        b"X: a\x01b",
        b"X: a\rb",
        b"X: \xc3\xa4",
        b"X: a\x7fb",
        b"X: a\tb",
    ),
    *(b"X: a\r\n b", b"X: a\r\n\tb", b"X: a\r\n \r\n b", b"X: a\n b", b"X: a\r\n  ", b"X Y Z: 1"),
    *(b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: ", b"Content-Length: x"),
    *(
        b"Content-Length: -1",
        b"Content-Length: +5",
        b"Content-Length: 5, 5",
        b"Content-Length: 0x5",
    ),
    *(b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 5\r\nContent-Length: 6"),
    *(b"Content-Length : x", b"Content-Length: 99999999999999999999", b"content-length: 5 "),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding: gzip"),
    *(b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding:"),
    *(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding : gzip"),
    *(b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"Trailer: Content-Length"),
    *(b"Transfer-Encoding: chunked\r\nTrailer: X, Content-Length", b"Connection: close"),
    *(
        b"Proxy-Authenticate: Basic realm=x",
        b"Location: https://portal.example/",
        b"X-" + b"a" * 5000 + b": 1",
    ),
    *(b"X: " + b"b" * 9000, b"Pragma: no-cache", b"Date: yesterday"),
]
_BODIES = [
    b"",
    b"",
    b"hello",
    b"<html>blocked</html>",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
]
_BEFORE = [
    *(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    *(b"HTTP/1.1 102 Processing\r\n\r\n", b"\r\n", b"\n", b" ", b"\xef\xbb\xbf", b"SSH-2.0-x\r\n"),
    *(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"\x05\x00",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ),
]


def connect_answers(seed: int, count: int) -> list[bytes]:
    """Every status, every header alone, then mixed ones."""
    found = [b"HTTP/1.1 %d Word\r\n\r\n" % status for status in range(100, 600)]
    for version in _VERSIONS:
        for status in _STATUSES:
            found.append(b"%s %s OK\r\n\r\n" % (version, status))
    found += [b"HTTP/1.1 200%s\r\n\r\n" % reason for reason in _REASONS]
    found += [b"HTTP/1.1 200 OK\r\n%s\r\n\r\n" % header for header in _HEADERS]
    found += [b"HTTP/1.1 200 OK\r\nA: b\r\n%s\r\n\r\n" % header for header in _HEADERS]
    found += [b"HTTP/1.0 200 OK\r\n%s\r\n\r\n" % header for header in _HEADERS]
    found += [before + b"HTTP/1.1 200 OK\r\n\r\n" for before in _BEFORE]
    found += [b"HTTP/1.1 200 OK\r\n\r\n" + body for body in _BODIES]
    found += [b"HTTP/1.1 200 OK\r\n"[:size] for size in range(17)]
    random = Random(seed)
    while len(found) < count:
        found.append(_mixed(random))
    return found


def _mixed(random: Random) -> bytes:
    end = random.choice(_ENDS)
    common = random.random() < 0.7
    version = b"HTTP/1.1" if common else random.choice(_VERSIONS)
    status = b"200" if common else random.choice(_STATUSES)
    lines = [b"%s %s%s" % (version, status, random.choice(_REASONS))]
    lines += random.choices(_HEADERS, k=random.choice((0, 1, 1, 2, 3)))
    data = end.join([*lines, b"", b""]) + random.choice(_BODIES)
    if random.random() < 0.1:
        data = random.choice(_BEFORE) + data
    if random.random() < 0.2:
        place = random.randrange(len(data))
        stray = bytes([random.choice((0, 9, 10, 13, 32, 58, 65, 127, 200))])
        data = data[:place] + stray + data[place + random.choice((0, 1)) :]
    return data if random.random() < 0.95 else data[: random.randrange(len(data))]


def socks_answers(seed: int, count: int) -> list[bytes]:
    """Method and reply of RFC 1928, each octet at its edges."""
    random = Random(seed)
    address = {1: bytes(4), 4: bytes(16), 3: b"\x05proxy"}
    found = [b"\x05\x00\x05%c\0\x01" % reply + bytes(6) for reply in range(256)]
    found += [b"\x05%c\x05\0\0\x01" % method + bytes(6) for method in range(256)]
    found += [b"\x05\x00\x05\0%c\x01" % reserved + bytes(6) for reserved in range(256)]
    found += [b"\x05\x00\x05\0\0%c" % kind + bytes(24) for kind in range(256)]
    whole = b"\x05\x00\x05\0\0\x01" + bytes(6)
    found += [whole[:size] for size in range(len(whole))]
    while len(found) < count:
        kind = random.choice((1, 3, 4))
        head = [
            random.choice((5, 5, 5, 5, 4, 0)),
            random.choice((0, 0, 0, 2, 255)),
            random.choice((5, 5, 5, 5, 1, 0)),
            random.choice((0, 0, 0, 1, 8)),
            random.choice((0, 0, 0, 1)),
            kind,
        ]
        found.append(
            bytes(head) + address[kind] + random.choice((b"\0\0", b"\0\0more", b"\0", b""))
        )
    return found
