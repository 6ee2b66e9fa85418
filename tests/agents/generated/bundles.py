"""PEM bundles as people make them: pasted, glued, indented, folded, with text and marks between."""

from __future__ import annotations

from base64 import b64encode
from random import Random

from tests.agents.generated.chains import chains

_MARK = b"\xef\xbb\xbf"
_ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\r")
_LABELS = [
    *(b"CERTIFICATE", b"CERTIFICATE", b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"),
    *(
        b"certificate",
        b"CERTIFICATE ",
        b" CERTIFICATE",
        b"X509 CRL",
        b"PRIVATE KEY",
        b"",
        b"CERT:IFICATE",
    ),
]
_BETWEEN = [
    *(
        b"",
        b"",
        b"",
        b"\n",
        b"# Contoso root\n",
        b"subject=CN=x\n\n",
        b" ",
        b"\t\n",
        b"text without an end",
    ),
    *(
        b"Bag Attributes: <No Attributes>\n",
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----END CERTIFICATE-----\n",
    ),
    *(
        b"-----\n",
        b"\n-----END X-----\n",
        b"\0",
        _MARK,
        "\u00e4\n".encode(),
        b"-----BEGIN RSA KEY-----\nAAAA\n",
    ),
]


def bundles(seed: int, count: int) -> list[bytes]:
    """The forms of the public reports, each by itself, then mixed ones."""
    random = Random(seed)
    ders = [chain.roots[0] for _words, chain in chains(seed, 0) if chain.roots]
    one, two = ders[0], ders[1]
    good, other = _pem(one), _pem(two)
    found = [
        *(
            good,
            good + other,
            good.rstrip(b"\n"),
            good.replace(b"\n", b"\r\n"),
            good.replace(b"\n", b"\r"),
        ),
        *(_MARK + good, _MARK + good + other, good + _MARK + other, good.rstrip(b"\n") + other),
        *(b"  " + good, good.replace(b"\n", b"\n  "), b"    ".join(good.splitlines(keepends=True))),
        *(
            good.replace(b"\n", b" "),
            good.replace(b"\n", b""),
            good.replace(b"\n", b"\n\n"),
            _pem(one, 1000),
        ),
        *(
            _pem(one, 76),
            _pem(one, 5),
            good.upper(),
            good.replace(b"=", b""),
            b"\n" + good,
            b"text\n" + good,
        ),
        *(
            b"text " + good,
            good + b"text",
            good + b" text\n",
            good.replace(b"E-----\n", b"E----- \t\n"),
        ),
        *(
            _pem(one, headers=b"Proc-Type: 4\n\n"),
            _pem(one, headers=b"Name: x\n"),
            _pem(one, headers=b"\n"),
        ),
        *(
            good.replace(b"-----END", b" -----END"),
            good.replace(b"-----END", b"----- END"),
            b"",
            b"\n",
            _MARK,
        ),
        *(good.replace(b"BEGIN C", b"BEGIN  C"), good[:-30], good[30:]),
        *(good.decode().encode("utf-16"), one, b64encode(one), good[: len(good) // 2] + other),
        *(
            good.replace(b"\n", b"\n>"),
            good.replace(b"\n", b"\\n"),
            good + good,
            other + good + other,
        ),
        *(good.replace(b"M", b"-", 1), good.replace(b"I", b":", 1), good.replace(b"\nM", b"\n\nM")),
    ]
    found += [_pem(der) for der in ders]
    found += [_pem(one, label=label) for label in _LABELS]
    found += [good + between + other for between in _BETWEEN]
    while len(found) < count:
        found.append(_mixed(random, ders))
    return found


def _pem(
    der: bytes, width: int = 64, *, label: bytes = b"CERTIFICATE", headers: bytes = b""
) -> bytes:
    text = b64encode(der)
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    begin, end = b"-----BEGIN %s-----\n" % label, b"-----END %s-----\n" % label
    return begin + headers + b"\n".join([*lines, b""]) + end


def _mixed(random: Random, ders: list[bytes]) -> bytes:
    data = random.choice((b"", b"", b"", _MARK, b"\n", b" "))
    for _ in range(random.randint(1, 4)):
        label = random.choice(_LABELS) if random.random() < 0.2 else b"CERTIFICATE"
        headers = b"Key: value\n\n" if random.random() < 0.1 else b""
        block = _pem(
            random.choice(ders), random.choice((64, 64, 76, 9000)), label=label, headers=headers
        )
        if random.random() < 0.15:
            block = block.rstrip(b"\n")
        if random.random() < 0.1:
            block = block.replace(b"\n", b"\n" + random.choice((b" ", b"\t", b"  ")))
        data += block.replace(b"\n", random.choice(_ENDS) if random.random() < 0.2 else b"\n")
        data += random.choice(_BETWEEN)
    if random.random() < 0.25:
        place = random.randrange(len(data))
        stray = random.choice((b"-", b" ", b"\n", b"\r", b":", b"=", b"\0", b"A", b""))
        data = data[:place] + stray + data[place + random.choice((0, 1)) :]
    return data
