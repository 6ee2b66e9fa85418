"""Genuine chains of the public web, in every state in which servers send them, and each's code."""

from __future__ import annotations

from datetime import timedelta

from arcprobe.model import Code
from tests.support.chains import NOW, Authority, Case, public_web


def genuine_chains() -> tuple[Case, ...]:
    """Each hierarchy whole and in pieces, then what is unusual and yet genuine."""
    web = public_web()
    cases: list[Case] = []
    stranger = Authority("C=NL; O=Unrelated; CN=Unrelated CA").der
    for title in web.hierarchies:
        whole = web.chain(title)
        root = web.root(title).der
        cases += [
            Case(title=f"{title}, complete", chain=whole, code=Code.CERTIFICATE_GENUINE),
            Case(title=f"{title}, leaf alone", chain=whole[:1], code=Code.CHAIN_INCOMPLETE),
            Case(
                title=f"{title}, root sent too", chain=(*whole, root), code=Code.CERTIFICATE_GENUINE
            ),
            Case(
                title=f"{title}, out of order, a stranger among",
                chain=(whole[0], stranger, *whole[:0:-1]),
                code=Code.CERTIFICATE_GENUINE,
            ),
        ]
    for title in ("Microsoft G2", "Microsoft ECC G2"):
        cases.append(
            Case(
                title=f"{title}, without cross-certificate",
                chain=web.chain(title)[:2],
                code=Code.CHAIN_INCOMPLETE,
            )
        )
    newer = (*web.chain("Microsoft G2")[:2], web.new_root.der)
    neighbour = web.chain("DigiCert 2020", "mcr.microsoft.com", marks=(), subject="")
    lone = web.chain("DigiCert 2020", marks=(), subject="")[:1]
    wide = web.chain(
        "Microsoft native",
        names=[f"name{number}.azure.com" for number in range(150)] + ["gbl.his.arc.azure.com"],
    )
    once = web.chain("Microsoft xsign")
    cases += [
        Case(title="root newer than the store, sent", chain=newer, code=Code.CERTIFICATE_UNTRUSTED),
        Case(
            title="no marks, no SCT, and a public anchor",
            chain=web.chain("Microsoft xsign", marks=()),
            code=Code.CERTIFICATE_GENUINE,
        ),
        Case(title="valid for 47 days", chain=web.chain(days=47), code=Code.CERTIFICATE_GENUINE),
        Case(title="valid for 398 days", chain=web.chain(days=398), code=Code.CERTIFICATE_GENUINE),
        Case(title="valid for 5 days", chain=web.chain(days=5), code=Code.CERTIFICATE_GENUINE),
        Case(
            title="a wildcard",
            chain=web.chain(names=["*.his.arc.azure.com"]),
            code=Code.CERTIFICATE_GENUINE,
        ),
        Case(title="150 names", chain=wide, code=Code.CERTIFICATE_GENUINE),
        Case(title="the intermediate twice", chain=(*once, once[1]), code=Code.CERTIFICATE_GENUINE),
        Case(
            title="a private link",
            host="vault.privatelink.vaultcore.azure.net",
            chain=web.chain(host="vault.privatelink.vaultcore.azure.net"),
            code=Code.CERTIFICATE_GENUINE,
        ),
        Case(
            title="leaf alone without marks, the link seen beside it",
            chain=lone,
            beside=(("mcr.microsoft.com", neighbour),),
            code=Code.CHAIN_INCOMPLETE,
        ),
        Case(
            title="expired",
            chain=web.chain(days=30, begin=NOW - timedelta(days=60)),
            code=Code.CERTIFICATE_EXPIRED,
        ),
        Case(
            title="for another name",
            chain=web.chain(names=["portal.example.com"]),
            code=Code.CERTIFICATE_WRONG_NAME,
        ),
        Case(
            title="one certificate for two hosts",
            chain=(shared := web.chain(names=["gbl.his.arc.azure.com", "mcr.microsoft.com"]))[:1],
            beside=(("mcr.microsoft.com", shared[:1]),),
            code=Code.CHAIN_INCOMPLETE,
        ),
    ]
    return tuple(cases)
