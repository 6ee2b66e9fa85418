"""The rehearsed internet answers as Azure does, over certificates as Azure's are."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, OriginScript
from tests.lab.clients import ask, dialled, trusting, tunnelled

STATUSES = [
    ("management.azure.com", "/metadata/endpoints?api-version=2022-09-01", 200),
    ("eastus.dp.kubernetesconfiguration.azure.com", "/", 404),
    ("login.microsoftonline.com", "/common/oauth2", 200),
    ("login.microsoftonline.com", "/", 404),
    ("eastus.login.microsoft.com", "/", 404),
    ("sts.windows.net", "/common/oauth2", 200),
    ("mcr.microsoft.com", "/v2/", 200),
    ("eastus.data.mcr.microsoft.com", "/", 400),
    ("gbl.his.arc.azure.com", "/", 400),
    ("eus.his.arc.azure.com", "/", 400),
    ("eastus.obo.arc.azure.com", "/", 500),
    ("graph.microsoft.com", "/v1.0/", 200),
    ("graph.windows.net", "/", 401),
    ("linuxgeneva-microsoft.azurecr.io", "/", 404),
    ("gcs.prod.monitoring.core.windows.net", "/healthcheck", 200),
    ("shop.vault.azure.net", "/", 403),
    ("dl.k8s.io", "/", 302),
]


@pytest.fixture(scope="module")
def network() -> Iterator[Rehearsal]:
    """A network whose proxy lets everything through."""
    with Rehearsal(NetworkScript()) as running:
        yield running
    assert running.faults == []


def leaf_of(network: Rehearsal, host: str) -> x509.Certificate:
    """The certificate that a host presents through the proxy."""
    with tunnelled(network, host) as stream:
        der = stream.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


@pytest.mark.parametrize(("host", "path", "status"), STATUSES)
def test_statuses(network: Rehearsal, host: str, path: str, status: int) -> None:
    """Each endpoint answers an unauthenticated request with the status that was measured on the
    real one."""
    with tunnelled(network, host, 8084 if ".obo." in host else 443) as stream:
        assert ask(stream, "GET", path, host).status == status


def test_discoveries(network: Rehearsal) -> None:
    """The three discoveries give hosts: identity as a URL, relays as an array with duplicates, the
    registry by a redirect."""
    with tunnelled(network, "gbl.his.arc.azure.com") as stream:
        identity = ask(
            stream,
            "GET",
            "/discovery?location=eastus&api-version=1.1-preview",
            "gbl.his.arc.azure.com",
        )
    assert json.loads(identity.body) == "https://eus.his.arc.azure.com"
    with tunnelled(network, "guestnotificationservice.azure.com") as stream:
        relays = ask(
            stream,
            "GET",
            "/urls/allowlist?api-version=2020-01-01&location=eastus",
            "guestnotificationservice.azure.com",
        )
    names = json.loads(relays.body)
    assert len(names) == 3
    assert len(set(names)) == 2
    assert all(name.endswith(".servicebus.windows.net") for name in names)
    with tunnelled(network, "mcr.microsoft.com") as stream:
        manifest = ask(stream, "GET", "/v2/oss/kubernetes/pause/manifests/3.9", "mcr.microsoft.com")
        digest = json.loads(manifest.body)["config"]["digest"]
        blob = ask(stream, "GET", f"/v2/oss/kubernetes/pause/blobs/{digest}", "mcr.microsoft.com")
    assert blob.status == 307
    assert blob.header("location").startswith("https://eastus.data.mcr.microsoft.com/")


@pytest.mark.parametrize(
    ("zone", "region", "identity", "relays"),
    [
        ("us", "usgovvirginia", "https://usgv.his.arc.azure.us", "servicebus.usgovcloudapi.net"),
        ("cn", "chinaeast2", "https://chinaeast2.his.arc.azure.cn", "servicebus.chinacloudapi.cn"),
    ],
)
def test_other_clouds(
    network: Rehearsal, zone: str, region: str, identity: str, relays: str
) -> None:
    """The discoveries of the other clouds name hosts of those clouds."""
    with tunnelled(network, f"gbl.his.arc.azure.{zone}") as stream:
        answer = ask(stream, "GET", f"/discovery?location={region}", f"gbl.his.arc.azure.{zone}")
    assert json.loads(answer.body) == identity
    with tunnelled(network, f"guestnotificationservice.azure.{zone}") as stream:
        answer = ask(
            stream,
            "GET",
            f"/urls/allowlist?location={region}",
            f"guestnotificationservice.azure.{zone}",
        )
    names = json.loads(answer.body)
    assert all(name.endswith(relays) for name in names)
    for name in names:
        with tunnelled(network, name) as stream:
            assert ask(stream, "GET", "/", name).status == 200


def test_chains_differ_by_operator(network: Rehearsal) -> None:
    """Azure's hosts chain to one root, dl.k8s.io to another one that has nothing to do with it."""
    issuers = {
        host: leaf_of(network, host)
        .issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0]
        .value
        for host in ("management.azure.com", "login.microsoftonline.com", "dl.k8s.io")
    }
    assert issuers == {
        "management.azure.com": "Microsoft Corporation",
        "login.microsoftonline.com": "DigiCert Inc",
        "dl.k8s.io": "Google Trust Services",
    }
    roots = x509.load_pem_x509_certificates(network.public_roots_pem)
    assert len(roots) == 2
    assert all("rehearsal" in root.subject.rfc4514_string() for root in roots)


def test_leaves_look_public(network: Rehearsal) -> None:
    """A leaf has what public ones have and forged ones lose: two SCTs, AIA, CRL, policy, SKI, and a
    key of its own."""
    leaf = leaf_of(network, "management.azure.com")
    present = {extension.oid for extension in leaf.extensions}
    assert {
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    } <= present
    stamps = leaf.extensions.get_extension_for_class(
        x509.PrecertificateSignedCertificateTimestamps
    ).value
    assert len(list(stamps)) == 2
    assert leaf.public_key() != leaf_of(network, "mcr.microsoft.com").public_key()


def test_unknown_names_have_no_certificate(network: Rehearsal) -> None:
    """A server name that does not exist is shown the front end's own certificate, which does not
    fit."""
    with (
        dialled(network.origin_port) as connection,
        pytest.raises(ssl.SSLCertVerificationError, match="mismatch"),
    ):
        trusting(network.public_roots_pem).wrap_socket(
            connection, server_hostname="nowhere.example"
        )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("expired", "expired"),
        ("not-yet-valid", "not yet valid"),
        ("wrong-name", "mismatch"),
        ("incomplete", "unable to get local issuer"),
    ],
)
def test_certificate_faults(fault: str, words: str) -> None:
    """A scripted fault of one host's certificate is the one that OpenSSL names, and other hosts are
    well."""
    script = NetworkScript(origins=OriginScript(certificates=(("mcr.*", fault),)))
    with Rehearsal(script) as network:
        with (
            pytest.raises(ssl.SSLCertVerificationError, match=words),
            tunnelled(network, "mcr.microsoft.com"),
        ):
            pass
        with tunnelled(network, "management.azure.com"):
            pass
