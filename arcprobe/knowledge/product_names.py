"""The names of the products' files, for who needs none of them (``products/``)."""

from __future__ import annotations

PRODUCTS = tuple(
    """
    squid mitmproxy zscaler netskope cato cloudflare_gateway fortigate palo_alto cisco_umbrella
    cisco_swa cisco broadcom_proxysg skyhigh forcepoint sophos watchguard barracuda iboss
    check_point aruba huawei unifi trend_micro kaspersky eset avast avg bitdefender charles
    fiddler burp zap smoothwall untangle contentkeeper lightspeed goguardian securly
    menlo_security akamai_etp tinyproxy haproxy apache 3proxy privoxy dante azure_firewall envoy
    nginx entra_internet_access forefront_tmg traffic_server bind unbound dnsmasq windows_dns
    coredns nftables
    iptables aws azure_nsg
    """.split()
)
"""The names of the files, in the order in which an issuer is compared: the first match wins."""
