"""The enterprise's own CA: it signs its servers' certificates, and forges those of others for its
inspecting proxy."""

from __future__ import annotations

import msgspec
from cryptography import x509

from arcprobe.lab.pki.authority import Authority, Credential
from arcprobe.lab.pki.public import common_name


class EnterpriseCa(Authority):
    """The root of an enterprise, or of its cluster."""

    def __init__(self, cn: str = "Contoso Corporate Root CA") -> None:
        super().__init__(f"C=US; O=Contoso Ltd (arcprobe rehearsal); OU=Network Security; CN={cn}")

    def server(self, *names: str) -> Credential:
        """A certificate for a server of the enterprise's own; its first name is the common one."""
        subject = f"O=Contoso Ltd; CN={names[0]}"
        return self.issue(names, subject, end=self.day(355), marks=("ski",))

    def forged(self, host: str, genuine: x509.Certificate | None, shape: str) -> Credential:
        """A certificate as an inspecting proxy makes it: by this CA, with the CA's own key, and
        with the root sent along.

        ``squid``: subject, dates and names of the genuine one, but of its extensions only the
        names, the key usages and the AKI; without a genuine one (the proxy answers itself) the
        name alone, and the CA's dates. ``mitmproxy``: for a year, common name and names alone.
        Measured by tests/netlab bump-stare-untrusted, mitmproxy-untrusted.
        """
        names: tuple[str, ...] = (host,)
        subject: str | x509.Name = f"CN={common_name(host)}"
        begin, end = self.day(-2), self.day(365)
        if shape == "squid":
            begin, end = self.begin, self.end
        if shape == "squid" and genuine is not None:
            subject = genuine.subject
            begin, end = genuine.not_valid_before_utc, genuine.not_valid_after_utc
            san = genuine.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = tuple(san.value.get_values_for_type(x509.DNSName))
        made = self.issue(names, subject, key=self.key, begin=begin, end=end, marks=())
        return msgspec.structs.replace(made, chain=(self.der,))
