"""microsoft/azure-container-apps #1749: the bundle has a CA of the right name, an older or newer
one. And its neighbours: a chain without its intermediate, a root that is right and out of date."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest

from arcprobe.model import Check, Exchange, Handshake, Kind, Observation, Report, Settings
from arcprobe.probes.trust.bundle import read_proxy_cert
from arcprobe.probes.trust.certificates import describe, name_matches
from arcprobe.probes.trust.roots import public_roots
from arcprobe.probes.trust.stores import Stores
from tests.cases import FOLDER, causes_of, report_of
from tests.findings.seen import PROXY, answer, check, head, observed, to_proxy
from tests.support.chains import NOW, Authority

CASE = FOLDER / "same-name-other-key"
INSPECTION_CA = "CN=Contoso Example TLS Inspection CA,O=Contoso Example,C=US"
HOST = "mcr.microsoft.com"


def _file(name: str) -> bytes:
    return (CASE / name).read_bytes()


def _chain(name: str) -> tuple[bytes, ...]:
    parts = _file(name).decode("ascii").split("-----BEGIN CERTIFICATE-----")[1:]
    return tuple(ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE-----" + part) for part in parts)


def _report(chain: tuple[bytes, ...], given: bytes, when: datetime = NOW) -> Report:
    """What is said of this chain with that file as --proxy-cert."""
    asked = check(host=HOST, proxy=PROXY, issuers=("microsoft", "digicert"))
    certificate: Check = check(Kind.TLS, host=HOST, proxy=PROXY, observed_with=asked.id)
    bundle = read_proxy_cert(given, "given.pem", when)
    shown = Handshake(
        server_name=HOST,
        version="TLSv1.3",
        chain=tuple(describe(der) for der in chain),
        trust=Stores(public_roots()[0], None, given).examine(chain, when),
        name_matches=name_matches(chain[0], HOST),
    )
    settings = Settings(
        proxy_https=PROXY,
        proxy_cert="given.pem",
        proxy_cert_notes=bundle.notes,
        proxy_cert_subjects=tuple(one.subject for one in bundle.certificates),
    )
    got = Exchange(method="GET", path="/", head=head(200, "OK"))
    seen = observed(asked, *to_proxy(PROXY), answer(head(200)), shown, got)
    nothing = Observation(check=certificate.id, attempts=())
    return report_of([(asked, seen), (certificate, nothing)], settings, when)


def test_the_case() -> None:
    """The verdict stays; that the bundle holds another CA of that name is said plainly."""
    report = _report(_chain("shown-by-the-proxy.pem"), _file("given.pem"))
    assert causes_of(report) == [("tls-intercepted", "fail", "proxy")]
    (cause,) = report.causes
    plain = (
        f"given.pem holds a CA named {INSPECTION_CA} with another key, an older or newer"
        " one: export the one in use from the proxy"
    )
    assert plain in cause.evidence
    assert cause.remedy.endswith(f"{plain}.")


def test_the_one_in_use() -> None:
    """With the right root the agents take the chain, and nothing of the kind is said."""
    report = _report(_chain("shown-by-the-proxy.pem"), _file("in-use.pem"))
    assert causes_of(report) == [("tls-intercepted", "warn", "proxy")]
    assert "another key" not in str(report.causes)


@pytest.mark.parametrize("identifiers", [True, False])
@pytest.mark.parametrize("is_root_sent", [True, False])
def test_by_the_signature_too(identifiers: bool, is_root_sent: bool) -> None:
    """Where identifiers lack, the signature tells; also where the proxy sends its root along."""
    older = Authority("CN=Corp TLS CA", identifiers=identifiers)
    in_use = Authority("CN=Corp TLS CA", identifiers=identifiers)
    chain = (in_use.leaf(HOST, identifiers=identifiers), *((in_use.der,) if is_root_sent else ()))
    report = _report(chain, older.pem)
    assert causes_of(report) == [("tls-intercepted", "fail", "proxy")]
    assert "holds a CA named CN=Corp TLS CA with another key" in str(report.causes)


def test_a_leaf_sent_alone() -> None:
    """The certificate between leaf and root is missing: it is named, and told from the root that
    was given."""
    root = Authority("CN=Corp Root")
    issuing = Authority("CN=Corp Issuing CA", root)
    leaf = issuing.leaf(HOST)
    report = _report((leaf,), root.pem)
    assert causes_of(report) == [("tls-intercepted", "fail", "proxy")]
    assert (
        "the certificate of CN=Corp Issuing CA is missing: the proxy sends its chain (1) without"
        " it, and given.pem holds CN=Corp Root instead; let the proxy send its whole"
        " chain, or add that certificate to given.pem"
    ) in report.causes[0].evidence
    whole = _report((leaf, issuing.der), root.pem)
    assert causes_of(whole) == [("tls-intercepted", "warn", "proxy")]


@pytest.mark.parametrize("is_root_sent", [True, False])
def test_a_bundle_that_is_right_and_out_of_date(is_root_sent: bool) -> None:
    """The root is the right one and expired: that is said of the bundle, not that it lacks."""
    root = Authority("CN=Corp Root", begin=datetime(2020, 1, 1, tzinfo=UTC), end=NOW.replace(day=1))
    chain = (root.leaf(HOST), *((root.der,) if is_root_sent else ()))
    report = _report(chain, root.pem)
    expired = next(cause for cause in report.causes if cause.code == "certificate-expired")
    assert (expired.verdict, expired.owner) == ("fail", "pki")
    assert (
        "given.pem holds the CA of this chain, but it has expired: export the renewed one"
    ) in expired.evidence
    assert "is missing" not in str(report.causes)
