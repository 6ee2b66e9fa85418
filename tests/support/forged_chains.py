"""Forged chains as inspecting products send them: who copies what of the genuine one, and who drops
what."""

from __future__ import annotations

from arcprobe.model import Code
from tests.support.chains import (
    CA,
    HOST,
    PUBLIC_MARKS,
    SERVER,
    Authority,
    Case,
    new_key,
    public_web,
)

_PRODUCTS = (
    (
        "Fortinet",
        "C=US; ST=California; L=Sunnyvale; O=Fortinet; OU=Certificate Authority; CN=FortiGate CA; "
        "E=support@fortinet.com",
    ),
    (
        "Fortinet by serial",
        "C=US; O=Fortinet; OU=Certificate Authority; CN=FGT60FTK20000001; E=support@fortinet.com",
    ),
    (
        "Netskope",
        "C=NL; O=Contoso; OU=0123456789abcdef0123456789abcdef; CN=ca.contoso.goskope.com; "
        "E=certadmin@netskope.com",
    ),
    ("Cato", "C=IL; O=Cato Networks; CN=Cato Networks Root CA"),
    (
        "Cloudflare Gateway",
        "C=US; L=San Francisco; O=Cloudflare, Inc.; OU=www.cloudflare.com; "
        "CN=Gateway CA - Cloudflare Managed G1 0123",
    ),
    ("Palo Alto", "C=US; O=Palo Alto Networks; CN=PAN-FW Forward Trust"),
    ("Sophos", "C=GB; O=Sophos; CN=Sophos SSL CA_C0123"),
    (
        "WatchGuard",
        "O=WatchGuard_Technologies; OU=Fireware; CN=Fireware HTTPS Proxy (SN 80 2026) CA",
    ),
    ("Unknown CA", "C=NL; O=Contoso; CN=Contoso Corporate Root CA"),
    ("CA without organisation", "CN=proxy"),
    ("CA without common name", "O=Contoso; OU=Security"),
)


def forged_chains() -> tuple[Case, ...]:
    """The products by name, then who copies what and who drops what."""
    web = public_web()
    cases: list[Case] = []
    host = HOST
    kept = f"{SERVER}{host}"

    def add(
        title: str, chain: tuple[bytes, ...], *, code: Code = Code.TLS_INTERCEPTED, **more: object
    ) -> None:
        cases.append(Case(title=title, chain=chain, code=code, **more))  # type: ignore[arg-type]

    for title, subject in _PRODUCTS:
        authority = Authority(subject)
        add(f"{title}: own key, CA sent", (authority.leaf(host, subject=kept), authority.der))
        add(f"{title}: leaf alone", (authority.leaf(host, subject=kept),))

    squid = Authority("C=NL; O=Contoso; CN=Contoso Web Filter")
    mimic = squid.leaf(host, subject=kept, key=squid.key)
    add("Squid: CA's key, CA sent twice", (mimic, squid.der, squid.der))
    add(
        "Squid: CA's key, leaf alone",
        (squid.leaf(host, subject=kept, key=squid.key, marks=("ski",)),),
    )
    untrusted = Authority('C=NL; O=Contoso; CN=Not trusted by "Contoso Web Filter"')
    add("Squid: distrusts the origin", (untrusted.leaf(host), untrusted.der))
    add("Squid: error page, ten years", (squid.leaf(host, key=squid.key, days=3650), squid.der))
    mitmproxy = Authority("CN=mitmproxy; O=mitmproxy")
    add("mitmproxy: CA's key", (mitmproxy.leaf(host, key=mitmproxy.key, days=367), mitmproxy.der))
    organisation = "C=US; ST=California; O=Zscaler Inc.; OU=Zscaler Inc."
    zscaler_root = Authority(f"{organisation}; CN=Zscaler Root CA")
    zscaler = Authority(
        f"{organisation}; CN=Zscaler Intermediate Root CA (zscalerthree.net) (t) ", zscaler_root
    )
    add("Zscaler: 14 days", (zscaler.leaf(host, subject=kept, days=14), zscaler.der))
    umbrella_root = Authority("O=Cisco; CN=Cisco Umbrella Root CA")
    primary = Authority("CN=Cisco Umbrella Primary SubCA; O=Cisco", umbrella_root)
    pop = Authority("CN=Cisco Umbrella Secondary SubCA ams-SG; O=Cisco", primary)
    first = pop.leaf(host, names=(), key=pop.key, days=5, version=1)
    add(
        "Umbrella: version 1, SubCA's key, 5 days", (first, pop.der, primary.der, umbrella_root.der)
    )
    add("Umbrella: version 1, alone", (pop.leaf(host, names=(), days=5, version=1),))
    contoso = Authority("C=NL; O=Contoso; CN=Contoso Root CA")
    entra = Authority("C=NL; O=Contoso; CN=Contoso TLS ICA", contoso)
    tier = Authority("C=NL; O=Contoso; CN=Contoso TLS ICA 7f31", entra)
    add(
        "Entra GSA: customer's CA, two tiers, short",
        (tier.leaf(host, subject=kept, days=4), tier.der, entra.der),
    )
    add("root included", (entra.leaf(host, subject=kept), entra.der, contoso.der))
    panos = Authority("C=NL; O=Contoso; CN=PAN Forward Untrust")
    add("PAN-OS: forward untrust", (panos.leaf(host, subject=kept), panos.der))
    copier = Authority("C=NL; O=Contoso; CN=Contoso Inspection")
    add(
        "copies SCT, AIA, CRL, policies",
        (copier.leaf(host, subject=kept, marks=PUBLIC_MARKS), copier.der),
    )
    add("copies all of it, leaf alone", (copier.leaf(host, subject=kept, marks=PUBLIC_MARKS),))
    lookalike = Authority(f"{CA}Microsoft Azure RSA TLS Issuing CA 03")
    add(
        "CA named like Microsoft's, sent",
        (lookalike.leaf(host, subject=kept, marks=("ski",)), lookalike.der),
    )
    add("CA named like Microsoft's, leaf alone", (lookalike.leaf(host, subject=kept),))
    add(
        "CA named like Microsoft's, sent, marks copied",
        (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS), lookalike.der),
    )
    genuine = web.chain("Microsoft xsign", "mcr.microsoft.com")
    add(
        "CA named like Microsoft's, marks copied, leaf alone, the true one beside it",
        (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS),),
        beside=(("mcr.microsoft.com", genuine),),
    )
    add(
        "CA named like Microsoft's, marks copied, signs for Google's host too",
        (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS),),
        beside=(("dl.k8s.io", (lookalike.leaf("dl.k8s.io", marks=PUBLIC_MARKS),)),),
    )
    one_key = new_key()
    add(
        "CA named like Microsoft's, one key for unrelated hosts",
        (lookalike.leaf(host, subject=kept, marks=PUBLIC_MARKS, key=one_key),),
        beside=(
            (
                "mcr.microsoft.com",
                (lookalike.leaf("mcr.microsoft.com", marks=PUBLIC_MARKS, key=one_key),),
            ),
        ),
    )
    namesake = Authority("C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2")
    add(
        "root named like DigiCert's, sent",
        (namesake.leaf(host, subject=kept, marks=PUBLIC_MARKS), namesake.der),
    )
    below = Authority(f"{CA}Microsoft TLS G2 RSA CA OCSP 04", namesake)
    add(
        "root named like DigiCert's, not sent",
        (below.leaf(host, subject=kept, marks=PUBLIC_MARKS), below.der),
    )
    quiet = Authority(
        "C=US; O=DigiCert Inc; OU=www.digicert.com; CN=DigiCert Global Root G2", identifiers=False
    )
    add(
        "root named like DigiCert's, no identifiers",
        (quiet.leaf(host, marks=PUBLIC_MARKS, identifiers=False),),
    )
    true = web.issuing("Microsoft xsign")
    borrowed = Authority(
        f"{CA}Microsoft Azure RSA TLS Issuing CA 03", key=new_key(), identifiers=False
    )
    add(
        "the genuine intermediate sent, signed by another",
        (borrowed.leaf(host, subject=kept, identifiers=False), true.der),
    )
    add("self-signed, for the very name", (Authority(f"CN={host}").der,), host=host)
    own = Authority(kept)
    add("self-signed leaf with names", (own.leaf(host, subject=kept, key=own.key),))
    legacy = Authority("C=NL; O=Contoso; CN=Contoso Legacy Root", sha1=True, serial=-77)
    add("negative serial, SHA-1", (legacy.leaf(host, serial=-5, sha1=True), legacy.der))
    add("common name only", (legacy.leaf(host, names=()), legacy.der))
    unflagged = Authority("C=NL; O=Contoso; CN=Contoso Sloppy Root", flag=False)
    add("CA without the CA flag", (unflagged.leaf(host), unflagged.der))
    first_version = Authority("C=NL; O=Contoso; CN=Contoso Old Root", version=1)
    add("CA of version 1", (first_version.leaf(host), first_version.der))
    stolen = web.chain("Microsoft xsign", "leaf-as-ca.azure.com")[0]
    thief_key = new_key()
    thief = Authority(f"{SERVER}leaf-as-ca.azure.com", key=thief_key)
    add("signed by a name that is a leaf", (thief.leaf(host), stolen, true.der))
    selective = Authority("C=NL; O=Contoso; CN=Contoso Selective Inspection")
    add(
        "selective: other hosts are spared",
        (selective.leaf(host, subject=kept),),
        beside=(
            ("mcr.microsoft.com", web.chain("Microsoft native", "mcr.microsoft.com")),
            ("dl.k8s.io", web.chain("Google", "dl.k8s.io")),
        ),
    )
    add(
        "wrong name, by a CA that signs right names beside it",
        (selective.leaf("block.contoso.example"),),
        beside=(("mcr.microsoft.com", (selective.leaf("mcr.microsoft.com"),)),),
    )
    add(
        "a person's endpoint, by the CA that signs Azure's names",
        (selective.leaf("intranet.contoso.example"),),
        host="intranet.contoso.example",
        custom=True,
        beside=(("mcr.microsoft.com", (selective.leaf("mcr.microsoft.com"),)),),
    )
    add(
        "a public leaf's key is its issuer's",
        (true.leaf(host, subject=kept, key=true.key, marks=PUBLIC_MARKS), true.der),
    )
    return tuple(cases)
