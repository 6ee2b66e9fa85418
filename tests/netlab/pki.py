"""The lab's certificates, made by ``arcprobe.lab.pki``: the public ones of the zone's front ends, a
company's own, and those that are odd on purpose.

Distinguished names of public authorities are the real ones, keys are not: arcprobe is told to trust
them with `--public-roots`. `leaves/`, `forged/`, `expired/` and the like hold one file for each
front end of the zone; `shapes/` one file for each odd chain of management.azure.com.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from msgspec.structs import replace

from arcprobe.lab.pki import (
    PUBLIC_MARKS,
    Authority,
    Credential,
    PublicWeb,
    key_pem,
    new_key,
    to_pem,
)
from arcprobe.lab.pki.der import Blank
from tests.support.hierarchies import HIERARCHIES

from .zone import FRONT_ENDS, FrontEnd

_ARM = FRONT_ENDS[0]
_PRIVATE = ("constraints", "ski")  # what a company's authority puts into its leaves
_PAST, _FUTURE = (-200, -10), (10, 190)
_ROOTS = ("Microsoft G2", "Microsoft ECC G2", "Microsoft native", "Google")
_CONTOSO = "C=NL; O=Contoso; CN="
_MICROSOFT = "C=US; O=Microsoft Corporation; CN="
_G2_ROOT, _G2_SIGNER = HIERARCHIES["Microsoft G2"].below


class Company:
    """The authorities of Contoso; ``borrowed`` bears the name of a public one."""

    def __init__(self) -> None:
        self.corporate = Authority(f"{_CONTOSO}Contoso Corporate Root CA", key=new_key("rsa"))
        self.stranger = Authority(f"{_CONTOSO}Contoso Legacy CA", key=new_key("rsa"))
        inspection = "C=NL; O=Contoso; OU=Web Security; CN=Contoso TLS Inspection CA"
        self.inspection = Authority(inspection, key=new_key("rsa"))
        self.namesake = Authority(inspection, key=new_key("rsa"))
        curve = ec.generate_private_key(ec.BrainpoolP256R1())
        self.brainpool = Authority(f"{_CONTOSO}Contoso Brainpool Root CA", key=curve)
        self.below = Authority(f"{_CONTOSO}Contoso Web Gateway Sub CA 3", self.corporate)
        self.borrowed = Authority(_G2_SIGNER)
        self.retired = Authority(
            f"{_CONTOSO}Contoso Root CA 2006",
            begin=self.corporate.day(-5000),
            end=self.corporate.day(-20),
        )


def _leaf(
    service: FrontEnd,
    authority: Authority,
    days: tuple[int, int] = (-30, 150),
    *,
    marks: tuple[str, ...] = PUBLIC_MARKS,
    kind: str = "ec",
) -> Credential:
    first = service.subject or service.names[0]
    return authority.issue(
        dict.fromkeys((first, *service.names)),
        f"{HIERARCHIES[service.issuer].server}{first}",
        key=new_key(kind),
        begin=authority.day(days[0]),
        end=authority.day(days[1]),
        marks=marks,
    )


def _own(
    authority: Authority, *names: str, days: tuple[int, int] = (-30, 150), kind: str = "rsa"
) -> Credential:
    """A leaf for a server of the company's own."""
    return authority.issue(
        names,
        f"{_CONTOSO}{names[0]}",
        key=new_key(kind),
        begin=authority.day(days[0]),
        end=authority.day(days[1]),
        marks=_PRIVATE,
    )


def make(folder: Path) -> None:
    """Fills `folder` with every certificate that a scenario can name; about two seconds, once a
    machine and day."""
    folder.mkdir(parents=True)
    web, company = PublicWeb(Authority, rsa=True), Company()
    roots = b"".join(web.root(HIERARCHIES[name]).pem for name in _ROOTS)
    cross = web.issuing(HIERARCHIES["Microsoft G2"]).sent[1]
    proxy = ("proxy.corp.lab", "10.77.3.2")
    inspection = company.inspection
    files = {
        "public-roots.pem": roots,
        "completed-bundle.pem": roots + to_pem(cross),
        "corporate-ca.pem": company.corporate.pem,
        "inspection-ca.pem": inspection.pem,
        "inspection-below.pem": company.below.pem,
        "inspection-other-key.pem": company.namesake.pem,
        "brainpool-ca.pem": company.brainpool.pem,
        "retired-ca.pem": company.retired.pem,
        "inspection-ca-with-key.pem": key_pem(inspection.key) + inspection.pem,
        "proxy.pem": _own(company.corporate, *proxy).pem(),
        "proxy-stranger.pem": _own(company.stranger, *proxy).pem(),
        "proxy-expired.pem": _own(company.corporate, *proxy, days=(-400, -20)).pem(),
        "proxy-other-name.pem": _own(company.corporate, "cache1.corp.lab").pem(),
        "block-page.pem": _own(company.corporate, "blocked.corp.lab").pem(),
    }
    for name, pem in files.items():
        (folder / name).write_bytes(pem)
    for name, leaf in _folders(web, company).items():
        (folder / name).mkdir()
        for number, service in enumerate(FRONT_ENDS):
            (folder / name / f"{number}.pem").write_bytes(leaf(service).pem())
    (folder / "shapes").mkdir()
    shapes = _shapes(web, company) | _forgeries(company) | _refusable(company)
    for name, shape in shapes.items():
        (folder / "shapes" / f"{name}.pem").write_bytes(shape.pem())


def _folders(
    web: PublicWeb[Authority], company: Company
) -> dict[str, Callable[[FrontEnd], Credential]]:
    """What is made for each front end, by folder."""

    def genuine(service: FrontEnd, days: tuple[int, int] = (-30, 150)) -> Credential:
        return _leaf(service, web.issuing(HIERARCHIES[service.issuer]), days)

    def without_cross(service: FrontEnd) -> Credential:
        made = genuine(service)
        return replace(made, chain=made.chain[:1])

    return {
        "leaves": lambda service: _leaf(
            service, web.issuing(HIERARCHIES[service.issuer]), kind=service.key
        ),
        "expired": lambda service: genuine(service, _PAST),
        "future": lambda service: genuine(service, _FUTURE),
        "without-cross": without_cross,
        "forged": lambda service: _forged(service, company.inspection),
        "forged-below": lambda service: _leaf(service, company.below, (-1, 13), marks=_PRIVATE),
        "forged-below-alone": lambda service: replace(
            _leaf(service, company.below, (-1, 13), marks=_PRIVATE), chain=()
        ),
        "forged-brainpool": lambda service: _leaf(service, company.brainpool, marks=_PRIVATE),
        # a box that copies all extensions of the genuine leaf, as some do, and sends it alone
        "forged-copied": lambda service: _leaf(service, company.inspection),
        "forged-borrowed": lambda service: _leaf(service, company.borrowed),
        "forged-borrowed-bare": lambda service: _leaf(service, company.borrowed, marks=_PRIVATE),
    }


def _forged(
    service: FrontEnd, inspection: Authority, days: tuple[int, int] = (-30, 150)
) -> Credential:
    """As an inspecting firewall makes it, which sends its root along."""
    return replace(_leaf(service, inspection, days, marks=_PRIVATE), chain=(inspection.der,))


def _shapes(web: PublicWeb[Authority], company: Company) -> dict[str, Credential]:
    """Chains of management.azure.com that genuine servers send, by name."""
    genuine = web.issuing(HIERARCHIES["Microsoft G2"])
    whole = _leaf(_ARM, genuine)
    signer, cross = whole.chain
    root = web.root(HIERARCHIES["Microsoft G2"])
    # The G2 root itself, self-signed, with everything below it: newer than the roots that are
    # shipped.
    newer = Authority(_G2_ROOT)
    newest = _leaf(_ARM, Authority(_G2_SIGNER, newer))
    other = "C=US; O=Contoso; CN=www.contoso.example"
    late = Authority(
        f"{_MICROSOFT}Microsoft TLS G2 RSA CA OCSP 02", root, begin=root.day(-400), end=root.day(-5)
    )
    return {
        "leaf-only": replace(whole, chain=()),
        "without-cross": replace(whole, chain=(signer,)),
        "disordered": replace(whole, chain=(cross, signer)),
        "with-root": replace(whole, chain=(signer, cross, root.der)),
        "with-stranger": replace(
            whole, chain=(signer, cross, web.issuing(HIERARCHIES["DigiCert 2020"]).der)
        ),
        "sent-twice": replace(whole, chain=(signer, signer, cross)),
        "newer-root": replace(newest, chain=(*newest.chain, newer.der)),
        "by-google": _leaf(_ARM, web.issuing(HIERARCHIES["Google"])),
        "by-digicert": _leaf(_ARM, web.issuing(HIERARCHIES["DigiCert 2020"])),
        "by-2017": _leaf(_ARM, web.issuing(HIERARCHIES["Microsoft native"])),
        "by-ecc": _leaf(_ARM, web.issuing(HIERARCHIES["Microsoft ECC G2"])),
        "expired": _leaf(_ARM, genuine, _PAST),
        "future": _leaf(_ARM, genuine, _FUTURE),
        "expired-signer": _leaf(_ARM, late),
        "other-name": genuine.issue(("www.contoso.example",), other),
    }


def _below(
    issuer: Authority, subject: str, *extra: x509.ExtensionType, longest: int | None = None
) -> Authority:
    """An authority below another, with further extensions, or with a limit of how many may follow
    it."""
    made = Authority(f"{_CONTOSO}{subject}", issuer)
    usual = x509.load_der_x509_certificate(made.der).extensions
    basic = x509.BasicConstraints(ca=True, path_length=longest)
    kept = [each for each in usual if not isinstance(each.value, x509.BasicConstraints)]
    added = [x509.Extension(value.oid, False, value) for value in extra]
    blank = Blank(
        subject=made.subject,
        issuer=issuer.subject,
        key=made.key,
        begin=made.begin,
        end=made.end,
        extensions=(*kept, x509.Extension(basic.oid, True, basic), *added),
    )
    made.der = blank.signed_by(issuer.key)
    made.sent = (made.der, *issuer.sent)
    return made


def _refusable(company: Company) -> dict[str, Credential]:
    """Chains of management.azure.com that lead to a root of the company's, by what is odd in
    them."""
    corporate, inspection = company.corporate, company.inspection
    for_mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    own_names = x509.NameConstraints([x509.DNSName("corp.lab")], None)
    last = _below(corporate, "Contoso Last CA", longest=0)
    names, subject = _ARM.names, f"CN={_ARM.names[0]}"
    return {
        "by-mail-authority": _leaf(_ARM, _below(corporate, "Contoso Mail CA", for_mail)),
        "by-constrained": _leaf(_ARM, _below(corporate, "Contoso Inner CA", own_names)),
        "by-one-too-many": _leaf(_ARM, Authority(f"{_CONTOSO}Contoso Sub CA", last)),
        "by-retired": _leaf(_ARM, company.retired),
        "for-clients": inspection.issue(names, subject, for_clients=True),
        "p-521": inspection.issue(names, subject, key=ec.generate_private_key(ec.SECP521R1())),
    }


def _forgeries(company: Company) -> dict[str, Credential]:
    """Chains of management.azure.com that are not its own, by name."""
    name = _ARM.names[0]
    own = Authority(f"CN={name}")
    # As old inspectors make them: the host stands in the common name alone, which Go has not
    # read since 1.15.
    nameless = company.inspection.issue((), f"CN={name}", marks=("constraints",), identifiers=False)
    return {
        "portal": _own(company.corporate, "portal.corp.lab", kind="ec"),
        "self-signed": own.issue(_ARM.names, own.subject, key=own.key, marks=(), identifiers=False),
        "common-name-only": replace(nameless, chain=(company.inspection.der,)),
        "expired-forged": _forged(_ARM, company.inspection, _PAST),
    }
