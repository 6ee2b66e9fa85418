"""Where addresses lead, and who gave them."""

from __future__ import annotations

import pytest

from arcprobe.findings.lookups import lookups_of
from arcprobe.findings.questions.sunk import is_of_this_machine, leads_nowhere
from arcprobe.model import Attempt, FailureKind
from tests.findings.questions.test_name import reading_of, said, server, system
from tests.findings.seen import ADDRESS


@pytest.mark.parametrize(
    ("addresses", "fails_beyond", "due"),
    [
        (("0.0.0.0",), False, True),
        (("::", "127.0.0.1"), False, True),
        ((ADDRESS,), True, False),
        (("::", ADDRESS), False, False),
        (("::", ADDRESS), True, True),
        (("0.0.0.0", ADDRESS), True, False),
    ],
)
def test_where_addresses_lead(addresses: tuple[str, ...], fails_beyond: bool, due: bool) -> None:
    """Nowhere, where all are nobody's; of one IP version alone only where the other fails."""
    assert leads_nowhere(addresses, fails_beyond) is due


@pytest.mark.parametrize(
    ("heard", "due"),
    [
        (server(said(ADDRESS)), True),
        (server(said("0.0.0.0")), False),
        (server(said(kind=FailureKind.NAME_UNKNOWN)), False),
        (server(said(kind=FailureKind.TIMED_OUT)), False),
    ],
)
def test_who_gave_them(heard: Attempt, due: bool) -> None:
    """This machine, where a name server gave others and none the same; what none of them gave an
    address for decides nothing."""
    seen = lookups_of(reading_of(system("0.0.0.0"), heard, server(address="10.0.0.54")))
    assert is_of_this_machine(seen, ("0.0.0.0",)) is due
