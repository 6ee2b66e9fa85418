"""A selection as a table, as data, for a spreadsheet."""

from __future__ import annotations

import json

import msgspec

from arcprobe.report.of_endpoints import as_csv, as_json, as_text
from tests.knowledge.products.selections import FOUR, endpoint, selection

PERHAPS = msgspec.structs.replace(endpoint("api.example", 8084), required=False)
TWO = selection(endpoint("*.relay.example", protocol="wss"), PERHAPS)


def test_text() -> None:
    """Columns are aligned, and the notes are those that this selection needs."""
    assert (
        as_text(TWO)
        == """\
Azure Arc-enabled Kubernetes, AzureCloud, eastus, without gateway; features: core

HOST             PORT  PROTOCOL  FEATURE  INITIATOR  NEEDED   PURPOSE
*.relay.example  443   wss       core     agents     yes      Microsoft Entra tokens.
api.example      8084  https     core     agents     perhaps  Microsoft Entra tokens.

All connections are outbound, over TCP. A host that begins with *. stands for every name below it.
wss: the proxy and the firewall must allow the WebSocket upgrade.
perhaps: Microsoft's documents disagree, or only some uses of the feature need it.
The newest source of this list is dated 2026-08-21; a newer arcprobe has newer ones."""
    )


def test_notes_of_features() -> None:
    """GitOps tells of one's own source, and a feature without hosts of its own is named."""
    chosen = msgspec.structs.replace(
        selection(endpoint("a.example")),
        features=("core", "gitops", "defender"),
        unlisted=("gitops", "defender"),
    )
    assert as_text(chosen).splitlines()[-4:-1] == [
        "All connections are outbound, over TCP. "
        "A host that begins with *. stands for every name below it.",
        "gitops: your own Git, Helm or OCI source must be reachable too (443, or 22 for SSH); "
        "test it with check --endpoint.",
        "defender: no document lists hosts of its own in AzureCloud.",
    ]


def test_notes_of_what_may_be_closed() -> None:
    """What may be closed has the hour to wait, and nothing about what must be open."""
    notes = as_text(msgspec.structs.replace(FOUR, removable=True)).splitlines()[-5:-1]
    assert notes[0] == (
        "Microsoft asks to wait at least an hour after the switch to the gateway "
        "before anything is closed."
    )
    assert notes[2] == "need (arcprobe endpoints --feature onboarding --gateway-url …)."
    assert notes[3].startswith("Hosts of the gateway's property gatewayBypass, ")


def test_text_is_printable() -> None:
    """Whatever stands in a host, no control character reaches the terminal."""
    text = as_text(selection(endpoint("a\x1b[2J.example")))
    assert all(line.isprintable() for line in text.splitlines())


def test_json() -> None:
    """The document has the fields that programs rely on, with their types."""
    assert json.loads(as_json(TWO)) == {
        "cloud": "AzureCloud",
        "region": "eastus",
        "gateway": None,
        "endpoints": [
            {
                "host": host,
                "port": port,
                "protocol": protocol,
                "feature": "core",
                "purpose": "Microsoft Entra tokens.",
                "initiator": "agents",
                "via_gateway": False,
                "source": "made up",
                "as_of": "2026-11-01",
            }
            for host, port, protocol in (
                ("*.relay.example", 443, "wss"),
                ("api.example", 8084, "https"),
            )
        ],
    }


def test_csv() -> None:
    """One line an endpoint; a cell that a spreadsheet would take for a formula is quoted."""
    rest = "443,https,core,Microsoft Entra tokens.,agents,false,true,made up,2026-11-01"
    rows = as_csv(selection(endpoint("*.relay.example"), endpoint("=cmd()")))
    assert rows.splitlines() == [
        "host,port,protocol,feature,purpose,initiator,via_gateway,required,source,as_of",
        f"*.relay.example,{rest}",
        f"'=cmd(),{rest}",
    ]
