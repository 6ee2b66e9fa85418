"""The request to one owner: all that this owner needs, and nothing of the others."""

from __future__ import annotations

import itertools
import re

import msgspec
import pytest

from arcprobe.model import Attempt, Dial, Failure, FailureKind, Handshake, Owner, Report
from arcprobe.pipeline import judged_again
from arcprobe.report import ticket
from tests.knowledge.products.test_parsers import parsed
from tests.support.golden import SCENARIOS, played

from . import sample


def render(
    owner: Owner,
    scenario: str = "everything",
    *,
    product: str = "",
    markdown: bool = False,
    **settings: object,
) -> str:
    """The ticket of a scenario, judged with the lines of the product, under these settings."""
    report = played(scenario)
    given = msgspec.structs.replace(report.run.settings, **settings)
    run = msgspec.structs.replace(report.run, settings=given)
    asked = msgspec.structs.replace(report, run=run)
    judged = judged_again(asked, products=(product,) if product else ())
    return ticket.render(judged, owner, product=product, markdown=markdown)


def test_what_an_administrator_needs() -> None:
    """Who asks, what Arc is with Microsoft's page, host, port and purpose, source address and UTC
    times to look up, the change, and when it is done."""
    text = render(Owner.PROXY)
    for words in (
        "Proxy team: Azure Arc\n",
        "https://learn.microsoft.com/azure/azure-arc/kubernetes/network-requirements",
        "Test ran at:     2026-11-23 16:53:17 – 16:53:18 UTC\n",
        "eastus.obo.arc.azure.com:8084  16:53:17Z\n",
        "Configuration service: agents report status",
        "*.guestnotificationservice.azure.com  (not tested yet, but required)",
        "> X-Squid-Error: ERR_ACCESS_DENIED 0",
        "    squid -k parse && squid -k reconfigure\n",
        "prints 200 and a number other than 000\n",
    ):
        assert words in text


def seen_from(source: str) -> str:
    """The proxy team's ticket of the story, where each endpoint was asked from this address."""
    report = played("everything")
    replaced = msgspec.structs.replace
    moved = [
        replaced(
            each,
            attempts=tuple(
                replaced(
                    attempt,
                    steps=tuple(
                        replaced(step, source=source) if isinstance(step, Dial) else step
                        for step in attempt.steps
                    ),
                )
                for attempt in each.attempts
            ),
        )
        for each in report.observations
    ]
    return ticket.render(replaced(report, observations=tuple(moved)), Owner.PROXY)


def test_who_asks_is_filled_in_where_nobody_else_can_see_it() -> None:
    """Name and cluster are the sender's to write. A request from this host itself has no address
    that a log could show."""
    for source in ("10.20.30.7", "2001:db8::7"):
        text = seen_from(source)
        assert f"Test came from:  {source}\n" in text
        assert f"Look for {source} and these times (UTC)" in text
    text = seen_from("127.0.0.1")
    for name in ("Asked by:", "Cluster:", "Test came from:"):
        assert re.search(rf"{name} +\[please fill in\]\n", text)
    assert "Look for these times (UTC)" in text
    assert "fill in" not in render(Owner.YOU)


def test_an_example_says_so_before_all_else() -> None:
    """Nobody changes a firewall for a simulated network."""
    assert render(Owner.PROXY).startswith("EXAMPLE, change nothing. Proxy team: ")
    report = played("everything")
    own = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, demo=""))
    text = ticket.render(own, Owner.PROXY)
    assert text.startswith("Proxy team: Azure Arc needs a change or a repair\n")
    assert "example of such" not in text


def test_lines_of_another_product_than_the_answers_show() -> None:
    """The reader learns which product was seen; where it is the same, nothing is said."""
    told = "The answers that were seen are those of Squid. The lines below are for FortiGate,"
    assert told in render(Owner.PROXY, product="fortigate").replace("\n", " ")
    assert "that were seen are" not in render(Owner.PROXY, product="squid")
    assert "that were seen are" not in render(Owner.PROXY)


def test_what_other_lines_heal_has_its_own_for_another_day() -> None:
    """The exemption from inspection lets WebSockets pass too: one paste. The lines that let them
    pass alone stand below, for where inspection has to stay."""
    text = render(Owner.PROXY)
    pasted, _, words = text.partition("Below the same for other ways")
    assert "http_upgrade_request_protocols" not in pasted
    assert "3. The lines for 4 fix this too. Where they cannot be used:\n" in words
    assert "    http_upgrade_request_protocols websocket allow" in words
    alone = render(Owner.PROXY, "denied")
    assert "fix this too" not in alone


def test_a_firewall_behind_a_proxy_sees_the_proxy() -> None:
    """The owner of the logs is told which address to look for."""
    told = "look between the proxy and the Internet, where a device sees the proxy's own address"
    text = " ".join(render(Owner.FIREWALL, "sni-filter").split())
    assert told in text.partition("What to change")[2].partition("Done when")[0]
    seen_as = "http://proxy.contoso.example:3128, which is what a device behind it sees"
    assert f"from the address of {seen_as}." in text
    assert text.count("prints 401, for each") == 1  # the relay's answer, no page of a device
    assert told not in render(Owner.PROXY)


def test_a_firewall_is_told_the_addresses() -> None:
    """A log has addresses: without a proxy those that were tried stand beside the name, and nothing
    is said of one."""
    report = _with_a_silent_endpoint()
    text = " ".join(ticket.render(report, Owner.FIREWALL).split())
    assert re.search(r"management\.azure\.com:443 \S+Z to [0-9.]+, port 443 ", text)
    assert "proxy" not in text.partition("What to change")[2].partition("If everything must go")[0]


def _with_a_silent_endpoint() -> Report:
    """The clean network without a proxy, where a firewall drops what is sent to one endpoint."""
    report = played("direct")
    silent = {each.id for each in report.checks if each.host == "management.azure.com"}
    observations = tuple(
        msgspec.structs.replace(each, attempts=tuple(map(_dropped, each.attempts)))
        if each.check in silent
        else each
        for each in report.observations
    )
    return judged_again(msgspec.structs.replace(report, observations=observations))


def _dropped(attempt: Attempt) -> Attempt:
    failure = Failure(kind=FailureKind.TIMED_OUT)
    kept = itertools.takewhile(lambda step: not isinstance(step, Handshake), attempt.steps)
    steps = (
        msgspec.structs.replace(step, failure=failure) if isinstance(step, Dial) else step
        for step in kept
    )
    return msgspec.structs.replace(attempt, steps=tuple(steps))


def test_a_name_server_is_searched_for() -> None:
    """Whoever runs name servers is told how to find the one that fails, which any client of theirs
    may do; names are put on no list."""
    text = render(Owner.DNS, "name-unknown")
    assert "    dig gbl.his.arc.azure.com\n    dig www.example.com\n" in text
    assert "count from any client of that resolver" in " ".join(text.split())
    assert "add them to the same list" not in text


def test_what_is_done_has_the_numbers_of_what_is_wrong() -> None:
    """Each proof stands under the number of its cause."""
    done = render(Owner.PROXY).split("Done when")[1].split("These commands")[0]
    assert re.findall(r"^    ([0-9, ]+)\. `", done, re.MULTILINE) == ["1", "2", "3", "4"]


def test_whatever_was_pasted_is_undone() -> None:
    """Also the lines for where those that heal it too cannot be used."""
    text = render(Owner.PROXY, product="squid")
    begun = set(re.findall(r"# (arcprobe_\w+) begin", text))
    assert len(begun) == 4
    assert set(re.findall(r"grep -RlF '(arcprobe_\w+) begin'", text)) == begun


def test_the_clusters_addresses_are_asked_for() -> None:
    """The test knows one, and not what others see of the cluster."""
    assert "Its addresses:   [please fill in]" in render(Owner.PROXY)
    assert "Its addresses:" not in render(Owner.YOU)


def test_what_a_warning_is() -> None:
    """Whoever reads of one is told what it means; nobody else is."""
    assert "does not stop Azure Arc by itself" in render(Owner.PROXY)
    assert "a warning" not in render(Owner.PROXY, "denied")


def test_why_a_wildcard_stands_there() -> None:
    """Whoever guards a network asks; where no line has one, nothing is said."""
    assert "A wildcard stands where Microsoft" in render(Owner.PROXY)
    assert "A wildcard" not in render(Owner.DNS, "dns-broken")


def test_whom_the_lines_let_through() -> None:
    """Where no client is known the reader limits them himself."""
    assert "are for every client" in render(Owner.PROXY)
    given = render(Owner.PROXY, clients=("10.9.0.0/16",))
    assert "are for every client" not in given
    assert "from 10.9.0.0/16 alone.\n" in given
    assert "other addresses" not in given


def test_a_proof_is_a_command_of_the_readers_own() -> None:
    """Curl, OpenSSL, dig: arcprobe is named only where nothing else shows it, and then whose it
    is."""
    done = render(Owner.PROXY).split("Done when")[1].split("What was seen")[0]
    assert "arcprobe check" not in done
    assert done.count("prints") == 4
    down = render(Owner.DNS, "dns-broken")
    assert "; do dig +short" in down
    assert "management.azure.com:443" not in down


def test_nothing_of_the_others() -> None:
    """What the operator must do is not in the proxy team's page, and the other way round."""
    assert "skip-range" not in render(Owner.PROXY)
    assert "squid" not in render(Owner.YOU).lower().replace("squid -", "")
    assert ticket.owners(played("everything")) == (Owner.PROXY, Owner.YOU)


@pytest.mark.parametrize("markdown", [False, True])
def test_lines_are_verbatim(markdown: bool) -> None:
    """The blocks of the text, and of the Markdown, are the changes of the report as they are."""
    text = render(Owner.PROXY, markdown=markdown)
    for cause in played("everything").causes:
        for change in cause.change:
            if change.product is None or change.owner is not Owner.PROXY:
                continue
            indent = "" if markdown else "    "
            assert "\n".join(f"{indent}{line}" for line in change.lines) in text


def test_another_product() -> None:
    """``product`` writes the lines of a product that was not recognised, with every host."""
    text = render(Owner.PROXY, product="fortigate")
    assert "acl arcprobe" not in text
    assert "FortiGate" in text
    assert 'set fqdn "eastus.dp.kubernetesconfiguration.azure.com"' in text


def test_another_products_lines_are_whole() -> None:
    """They let through whom --client names, say that nobody tried them, and how they are undone:
    as the lines of the product that was recognised."""
    text = render(Owner.PROXY, product="palo_alto", clients=("10.1.0.0/16",))
    flat = " ".join(text.split())
    assert "from any to any source [ 10.1.0.0/16 ]" in flat
    assert "These lines are for requests from 10.1.0.0/16 alone" in flat
    assert "These lines were not tested on Palo Alto Networks: compare them" in flat
    assert "    delete rulebase security rules arcprobe_denied_" in text.partition("To undo it:")[2]
    own = render(Owner.PROXY, product="squid", clients=("10.1.0.0/16",))
    assert "_clients src 10.1.0.0/16\n" in own
    assert "grep -RlF 'arcprobe_denied_" in own.partition("To undo it:")[2]
    assert "not tried" not in own


def test_squid_takes_all_blocks(tmp_path: object) -> None:
    """What stands in the ticket's blocks of Squid, together, is accepted by Squid."""
    text = render(Owner.PROXY, product="squid", markdown=True)
    blocks = re.findall(r"```text\n(# arcprobe_.*? end)\n```", text, re.S)
    assert blocks
    parsed("Squid", "\n".join(blocks).split("\n"), tmp_path)  # type: ignore[arg-type]


def test_hostile_text_stays_in_its_block() -> None:
    """Outside of fences Markdown has only arcprobe's own words; nothing moves a terminal."""
    for owner in ticket.owners(sample.hostile()):
        text = ticket.render(sample.hostile(), owner, markdown=True)
        fence, prose = "", []
        for line in text.splitlines():
            if fence:
                fence = "" if line == fence else fence
            elif line.startswith("```"):
                fence = line.removesuffix("text")
            else:
                prose.append(line)
        assert fence == ""
        assert not [line for line in prose if "evil" in line or "<b>" in line]
        assert all(letter == "\n" or letter.isprintable() for letter in text)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_owner_of_a_demo_has_a_ticket(scenario: str) -> None:
    """Whoever has something to do gets a page that ends with when it is done."""
    for owner in ticket.owners(played(scenario)):
        assert "\nDone when\n" in render(owner, scenario)


@pytest.mark.parametrize("seconds", [1e308, -1e20, float("inf"), float("nan")])
def test_a_time_that_no_calendar_has_is_left_out(seconds: float) -> None:
    """A stranger's report may say that its run took longer than time: the ticket goes without;
    found by tests.hostile.fuzz."""
    report = played("everything")
    run = msgspec.structs.replace(report.run, seconds=seconds)
    text = ticket.render(msgspec.structs.replace(report, run=run), Owner.PROXY)
    assert "Test ran at:" not in text
    assert "eastus.obo.arc.azure.com:8084  16:53:17Z" in text


def test_lines_for_one_place_are_one_block() -> None:
    """What two causes put into the same place of a product stands together, to be pasted once; its
    numbers count from 1, whatever other owners have, and say what another change heals."""
    text = ticket.render(played("everything"), Owner.PROXY)
    change = text.partition("What to change")[2]
    assert change.count("Squid (squid.conf") == 3
    assert "\n1, 2. Squid (squid.conf, or the file that it includes, above the first" in change
    first = change.partition("\n4. Squid")[0]
    assert first.count("http_access allow") == 2
    assert "4. In words: (also fixes 3)" in text
    assert [line[4:8] for line in text.splitlines() if line.startswith("    4. ")] == [
        "4. (",
        "4. `",
        "4. [",
    ]
    assert "    5. " not in text


def test_no_address_is_promised_that_is_not_there() -> None:
    """Where a recording has no source address the request speaks of times alone."""
    report = played("sinkholed")
    text = ticket.render(report, Owner.DNS)
    assert "Test came from:  [please fill in]\n" in text
    assert "Look for these times (UTC) in the logs." in text
