"""An allow list for Palo Alto Networks firewalls, after the maker's documentation."""

from __future__ import annotations

from arcprobe.knowledge.products.lines import heading
from arcprobe.knowledge.selection import Selection


def allow_list(selection: Selection) -> str:
    """PAN-OS configuration commands: a URL category and a rule for each port, and a rule that does
    not decrypt."""
    rules = heading(selection, "palo_alto.untested")
    ports = selection.hosts_by_port()
    for port, hosts in ports.items():
        category = f"set profiles custom-url-category azure-arc-{port}"
        rules.append(f'{category} type "URL List"')
        rules += [f"{category} list {host}/" for host in hosts]
        rules.append(f"set service azure-arc-tcp-{port} protocol tcp port {port}")
        rules.append(
            f"set rulebase security rules azure-arc-{port} from any to any source any "
            "destination any application [ ssl web-browsing websocket ] "
            f"service azure-arc-tcp-{port} category azure-arc-{port} action allow"
        )
    categories = " ".join(f"azure-arc-{port}" for port in ports)
    rules.append(
        "set rulebase decryption rules azure-arc-no-decrypt from any to any source any "
        f"destination any category [ {categories} ] type ssl-forward-proxy action no-decrypt"
    )
    return "\n".join(rules)
