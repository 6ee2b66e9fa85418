"""Python requests: ``requests.utils.should_bypass_proxies`` of 2.32 to 2.34, which asks urllib
after its own rules."""

from __future__ import annotations

from ipaddress import IPv4Network

from arcprobe.no_proxy import python_urllib as _python_urllib
from arcprobe.no_proxy.addresses import EVERYTHING, Network, alone, ascii_name, aton, bare, strict
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher


def network_of(token: str) -> IPv4Network | None:
    """An IPv4 network as ``is_valid_cidr`` takes it: lengths 1 to 32, written as Python's int()
    reads them, never 0."""
    head, slash, mask = token.partition("/")
    if not slash or "/" in mask:
        return None
    try:
        bits = int(mask)
    except ValueError:
        return None
    address = aton(head)
    return (
        None
        if address is None or not 1 <= bits <= 32
        else IPv4Network((int(address), bits), strict=False)
    )


def matcher(skip_range: str) -> Matcher:
    """Blanks are taken out of the whole list first. A host that inet_aton(3) reads is an address,
    any other is a name."""
    tokens = [token for token in skip_range.replace(" ", "").split(",") if token]
    networks = [(token, network_of(token)) for token in tokens]

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = ascii_name(bare(host)).lower()
        if not name:
            return PROXIED
        address = aton(name)
        found: str | None = None
        if address is not None:
            for token, network in networks:
                if address in network if network is not None else token == name:
                    found = token
                    break
        else:
            with_port = f"{name}:{port}" if port else name
            for token in tokens:
                plain = token.lstrip(".")
                if (
                    plain in (name, with_port)
                    or name.endswith("." + plain)
                    or with_port.endswith("." + plain)
                ):
                    found = token
                    break
        if found is None:
            found = _python_urllib.entry_for(name, skip_range)
        return PROXIED if found is None else Bypass(bypassed=True, entry=found)

    return match


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass: IPv4 networks, and addresses in their usual spelling."""
    if skip_range == "*":
        return EVERYTHING
    found: list[Network] = []
    for token in skip_range.replace(" ", "").split(","):
        network: Network | None = network_of(token)
        if (
            network is None
            and (address := strict(token)) is not None
            and str(address) == token.lower()
        ):
            network = alone(address)
        if network is not None:
            found.append(network)
    return tuple(found)
