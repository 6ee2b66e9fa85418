"""TLS, second round: what a server offers and agents do not, kinds of alerts, and company CAs that
Go refuses, or takes, though they are given."""

from __future__ import annotations

from ..fronts import FRONT_PORT, inspector, led_to_front, led_to_inspector
from ..name_servers import bind
from ..scenario import Filter, Scenario, fails, passes, warns
from ..scripted_proxy import Script
from ..software import PORT, haproxy, transparent_peer
from .handshakes import s_server
from .ways import ARM

_ONE = led_to_front("arm")
_LED_TO_BOX = (
    Filter(
        host="router",
        hook="prerouting",
        kind="nat",
        rules=(f"ip daddr 203.0.113.20 tcp dport 443 redirect to :{PORT}",),
    ),
)


def _offers(name: str, story: str, cause: str, *options: str) -> Scenario:
    """One host is served by OpenSSL with these options."""
    given = (bind(), s_server(*options))
    if not cause:
        return passes(f"tls-{name}", story, "openssl", *given, filters=_ONE)
    hits = (f"{cause} proxy {ARM}",)
    return fails(f"tls-{name}", story, "openssl", cause, *given, filters=_ONE, hits=hits)


def _alert(name: str, story: str, cause: str, number: int) -> Scenario:
    """A box on the way answers every ClientHello to one host with a fatal alert (RFC 8446 6)."""
    record = "\x15\x03\x03\x00\x02\x02" + chr(number)
    return fails(
        f"tls-alert-{name}",
        story,
        "scripted",
        cause,
        bind(),
        transparent_peer(Script(raw=True, answer=record, then="close")),
        filters=_LED_TO_BOX,
    )


OFFERS = (
    _offers(
        "suite-of-nobody",
        "The server has one cipher suite, which OpenSSL knows and Go does not (CBC with SHA-384).",
        "tls-too-old",
        *("-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"),
    ),
    _offers(
        "suite-cbc-sha-256",
        "The server has one cipher suite, which Go knows and does not offer (CBC with SHA-256).",
        "tls-too-old",
        *("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"),
    ),
    _offers(
        "suite-cbc-sha-1",
        "The server has one old cipher suite, which Go still offers (ECDHE, CBC with SHA-1).",
        "",
        *("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"),
    ),
    _offers(
        "suite-chacha",
        "The server has ChaCha20 alone.",
        "",
        *("-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"),
    ),
    _offers("group-p-521", "The server has the group P-521 alone.", "", "-groups", "P-521"),
    _offers("group-p-384", "The server has the group P-384 alone.", "", "-groups", "P-384"),
    _offers(
        "group-x448",
        "The server has the group X448 alone, which Go has not got.",
        "tls-too-old",
        *("-groups", "X448"),
    ),
    _offers(
        "no-tickets",
        "The server gives no tickets, and asks for a new key share.",
        "",
        *("-num_tickets", "0", "-groups", "P-384:P-521"),
    ),
)

ALERTS = (
    _alert(
        "handshake-failure",
        "A box answers the hello for one host with handshake_failure, whatever is offered.",
        "tls-rejected",
        40,
    ),
    _alert(
        "protocol-version",
        "A box answers the hello for one host with protocol_version.",
        "tls-too-old",
        70,
    ),
    _alert(
        "internal-error",
        "A box answers the hello for one host with internal_error.",
        "tls-rejected",
        80,
    ),
    _alert(
        "unrecognized-name",
        "A box answers the hello for one host with unrecognized_name.",
        "tls-rejected",
        112,
    ),
    _alert(
        "no-application-protocol",
        "A box answers the hello for one host with no_application_protocol.",
        "tls-rejected",
        120,
    ),
    _alert(
        "insufficient-security",
        "A box answers the hello for one host with insufficient_security.",
        "tls-too-old",
        71,
    ),
    fails(
        "tls-close-notify-at-once",
        "A box answers the hello for one host with close_notify.",
        "scripted",
        "tls-closed",
        bind(),
        transparent_peer(Script(raw=True, answer="\x15\x03\x03\x00\x02\x01\x00", then="close")),
        filters=_LED_TO_BOX,
    ),
    fails(
        "tls-half-a-record",
        "A box answers the hello for one host with the head of a record, and is silent.",
        "scripted",
        "tls-silent",
        bind(),
        transparent_peer(Script(raw=True, answer="\x16\x03\x03\x00\x7a\x02", then="silence")),
        filters=_LED_TO_BOX,
    ),
    fails(
        "tls-garbage",
        "A box answers the hello for one host with bytes of no protocol.",
        "scripted",
        "tls-plaintext-answer",
        bind(),
        transparent_peer(Script(raw=True, answer="\x00\x01\x02\x03" * 8, then="close")),
        filters=_LED_TO_BOX,
    ),
)


def _given(name: str, story: str, shape: str, bundle: str) -> Scenario:
    """One host is inspected, with a CA that the agents are given, and that Go refuses."""
    return fails(
        f"tls-{name}",
        story,
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates=f"@PKI@/shapes/{shape}.pem"),
        filters=led_to_inspector("arm"),
        settings=("--proxy-cert", f"@PKI@/{bundle}.pem"),
        hits=(f"tls-intercepted proxy {ARM}",),
    )


def _taken(name: str, story: str, shape: str, bundle: str) -> Scenario:
    """One host is inspected, with a CA that the agents are given, and that Go takes."""
    return warns(
        f"tls-{name}",
        story,
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates=f"@PKI@/shapes/{shape}.pem"),
        filters=led_to_inspector("arm"),
        settings=("--proxy-cert", f"@PKI@/{bundle}.pem"),
        hits=(f"tls-intercepted proxy {ARM}",),
    )


AUTHORITIES = (
    _given(
        "authority-for-mail",
        "The CA between, of a given root, is for mail alone.",
        "by-mail-authority",
        "corporate-ca",
    ),
    _given(
        "authority-constrained",
        "The CA between, of a given root, may sign the company's own names alone.",
        "by-constrained",
        "corporate-ca",
    ),
    _given(
        "authority-one-too-many",
        "The CA between, of a given root, may have none below it, and has.",
        "by-one-too-many",
        "corporate-ca",
    ),
    _given(
        "leaf-for-clients",
        "The box's leaf, of a given CA, is for clients.",
        "for-clients",
        "inspection-ca",
    ),
    _taken(
        "leaf-p-521",
        "The box's leaf, of a given CA, has a key of the curve P-521.",
        "p-521",
        "inspection-ca",
    ),
)

INSIDE = (
    fails(
        "tls-authority-retired",
        "One host is inspected, and the root that the agents are given has expired.",
        "haproxy",
        "certificate-expired tls-intercepted",
        bind(),
        inspector(certificates="@PKI@/shapes/by-retired.pem"),
        filters=led_to_inspector("arm"),
        settings=("--proxy-cert", "@PKI@/retired-ca.pem"),
        hits=(f"certificate-expired pki {ARM}", f"tls-intercepted proxy {ARM}"),
    ),
    warns(
        "tls-identity-alone-inspected",
        "The identity service alone is inspected, with a CA that the agents are given.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector("identity"),
        settings=("--proxy-cert", "@PKI@/inspection-ca.pem"),
        hits=("tls-intercepted proxy gbl.his.arc.azure.com weu.his.arc.azure.com",),
    ),
    fails(
        "tls-page-of-503-inside",
        "A box whose CA the agents have been given denies one host inside of TLS, with a 503.",
        "haproxy",
        "block-page",
        bind(),
        inspector(
            "http-request return status 503 content-type text/html string "
            '"<html><title>Access denied</title>Blocked by the policy of Contoso.</html>"'
        ),
        filters=led_to_inspector("arm"),
        settings=("--proxy-cert", "@PKI@/inspection-ca.pem"),
    ),
    fails(
        "tls-box-refuses-clients",
        "A box wants a certificate of its own clients before it lets one host through.",
        "haproxy",
        "tls-rejected",
        bind(),
        haproxy(
            f"frontend box\n  bind :{FRONT_PORT} ssl crt @PKI@/leaves/0.pem"
            " ca-file @PKI@/corporate-ca.pem verify required\n  default_backend none\n"
            "backend none\n  server none 127.0.0.1:9\n",
            host="router",
            port=FRONT_PORT,
        ),
        filters=led_to_inspector("arm"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*OFFERS, *ALERTS, *AUTHORITIES, *INSIDE)
