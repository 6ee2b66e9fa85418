"""The allow list for Palo Alto Networks firewalls."""

from __future__ import annotations

from arcprobe.knowledge.products.palo_alto import allow_list
from tests.knowledge.products.selections import TITLE, endpoint, selection


def test_each_port_has_its_category_and_its_rule() -> None:
    """Hosts of a port are a URL category that its rule allows on that port alone; none of them is
    decrypted."""
    chosen = selection(endpoint("*.relay.example"), endpoint("api.example", 8084))
    any_to_any = "from any to any source any destination any"
    assert allow_list(chosen) == TITLE + (
        "# PAN-OS configuration mode; not tested on a device. "
        "Put your own zones and sources in place of `any`.\n"
        'set profiles custom-url-category azure-arc-443 type "URL List"\n'
        "set profiles custom-url-category azure-arc-443 list *.relay.example/\n"
        "set service azure-arc-tcp-443 protocol tcp port 443\n"
        f"set rulebase security rules azure-arc-443 {any_to_any} "
        "application [ ssl web-browsing websocket ] "
        "service azure-arc-tcp-443 category azure-arc-443 action allow\n"
        'set profiles custom-url-category azure-arc-8084 type "URL List"\n'
        "set profiles custom-url-category azure-arc-8084 list api.example/\n"
        "set service azure-arc-tcp-8084 protocol tcp port 8084\n"
        f"set rulebase security rules azure-arc-8084 {any_to_any} "
        "application [ ssl web-browsing websocket ] "
        "service azure-arc-tcp-8084 category azure-arc-8084 action allow\n"
        f"set rulebase decryption rules azure-arc-no-decrypt {any_to_any} "
        "category [ azure-arc-443 azure-arc-8084 ] type ssl-forward-proxy action no-decrypt"
    )
