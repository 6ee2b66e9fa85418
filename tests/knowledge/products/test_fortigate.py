"""The allow list for FortiGate."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products.fortigate import allow_list
from tests.knowledge.products.selections import TITLE, endpoint, selection


def test_objects_groups_services_and_exemptions() -> None:
    """Each host is an address, each port a group and a service, and each suffix an exemption from
    inspection."""
    chosen = selection(endpoint("*.relay.example"), endpoint("api.example", 8084))
    assert allow_list(chosen) == TITLE + (
        """\
# FortiOS CLI; not tested on a device. Use the groups and services in your policy; """
        """the exemptions go into your own
# (not a default) SSL inspection profile, here called azure-arc-inspection.
config firewall address
  edit "arc *.relay.example"
    set type fqdn
    set fqdn "*.relay.example"
  next
  edit "arc api.example"
    set type fqdn
    set fqdn "api.example"
  next
end
config firewall addrgrp
  edit "arc-hosts-443"
    set member "arc *.relay.example"
  next
  edit "arc-hosts-8084"
    set member "arc api.example"
  next
end
config firewall service custom
  edit "arc-tcp-443"
    set tcp-portrange 443
  next
  edit "arc-tcp-8084"
    set tcp-portrange 8084
  next
end
config firewall wildcard-fqdn custom
  edit "arc relay.example"
    set wildcard-fqdn "*.relay.example"
  next
  edit "arc api.example"
    set wildcard-fqdn "api.example"
  next
end
config firewall ssl-ssh-profile
  edit "azure-arc-inspection"
    config ssl-exempt
      edit 0
        set type wildcard-fqdn
        set wildcard-fqdn "arc relay.example"
      next
      edit 0
        set type wildcard-fqdn
        set wildcard-fqdn "arc api.example"
      next
    end
  next
end"""
    )


@pytest.mark.parametrize(("length", "kept"), [(70, 70), (71, 70)])
def test_a_long_name_is_cut_where_fortios_ends(length: int, kept: int) -> None:
    """The name of an object holds 70 characters of the host; the host itself stays whole."""
    host = "x" * (length - len(".example")) + ".example"
    rules = allow_list(selection(endpoint(host)))
    assert f'edit "arc {host[:kept]}"\n' in rules
    assert f'set fqdn "{host}"\n' in rules
