"""How whoever runs name servers finds the one that fails."""

from __future__ import annotations

import msgspec

from arcprobe.model import Lookup, Report
from arcprobe.report.searching import Search, search
from tests.support.golden import played


def asked_of(scenario: str, server: str) -> Search | None:
    """What is to be asked in this network, whose name server has that address."""
    report = played(scenario)
    observations = tuple(
        msgspec.structs.replace(
            each,
            attempts=tuple(
                msgspec.structs.replace(
                    attempt,
                    steps=tuple(
                        msgspec.structs.replace(step, engine=server)
                        if isinstance(step, Lookup) and step.engine.startswith("127.")
                        else step
                        for step in attempt.steps
                    ),
                )
                for attempt in each.attempts
            ),
        )
        for each in report.observations
    )
    return _search(msgspec.structs.replace(report, observations=observations))


def _search(report: Report) -> Search | None:
    return search(report, report.causes)


def test_a_name_that_nobody_knows() -> None:
    """Is asked of the server that said so, beside a name that the Internet has."""
    found = asked_of("name-unknown", "10.20.0.53")
    assert found == Search(
        "find-unknown", ("dig @10.20.0.53 gbl.his.arc.azure.com", "dig @10.20.0.53 www.example.com")
    )


def test_a_server_that_fails() -> None:
    """Is asked without validation, too."""
    found = asked_of("dns-broken", "10.20.0.53")
    assert found is not None
    assert found.meaning == "find-failed"
    assert found.commands[1] == "dig +cd @10.20.0.53 management.azure.com"


def test_a_server_on_another_port() -> None:
    """Is asked there."""
    found = asked_of("name-unknown", "10.20.0.53#5353")
    assert found is not None
    assert found.commands[0] == "dig @10.20.0.53 -p 5353 gbl.his.arc.azure.com"


def test_a_server_that_others_do_not_reach() -> None:
    """Of a host's own there is no address that somebody else could ask."""
    found = asked_of("name-unknown", "127.0.0.1")
    assert found is not None
    assert found.commands[0] == "dig gbl.his.arc.azure.com"


def test_nothing_is_to_be_found() -> None:
    """Where a name server answers with an address, or none is at fault."""
    assert _search(played("sinkholed")) is None
    assert _search(played("denied")) is None


def test_hostile_names_stay_words() -> None:
    """A report of strangers makes no command of theirs."""
    report = played("name-unknown")
    (cause,) = report.causes
    change = msgspec.structs.replace(cause.change[0], hosts=("x; rm -rf /",))
    found = search(report, [msgspec.structs.replace(cause, change=(change,))])
    assert found is not None
    assert found.commands[0] == "dig 'x; rm -rf /'"
