"""What somebody pastes: of the product that was recognised, of those that the settings name, and of
whoever runs arcprobe."""

from __future__ import annotations

import msgspec

from arcprobe.diagnosis import diagnose
from arcprobe.diagnosis.changes import Roots
from arcprobe.model import Cause, Change, Code, Finding, Owner, Settings
from tests.diagnosis.test_causes import RUN, check, finding
from tests.findings.sessions import certificate


def changes(
    *findings: Finding, roots: Roots = (), seen_from: tuple[str, ...] = (), **settings: object
) -> tuple[Change, ...]:
    """What is to be pasted for the one cause."""
    run = msgspec.structs.replace(RUN, settings=Settings(**settings))  # type: ignore[arg-type]
    checks = [check(number) for number in (1, 2)]
    found: tuple[Cause, ...] = diagnose(
        findings,
        checks,
        run,
        addresses=((check(1).host, ("192.0.2.7",)),),
        roots=roots,
        clients=seen_from,
    )
    (cause,) = found
    return cause.change


def test_a_product_that_nothing_names_is_named_by_the_settings() -> None:
    """Name servers and packet filters leave no sign: with --product their lines come, and the words
    stay beside them."""
    unknown = finding(Code.NAME_UNKNOWN, 1)
    assert [change.product for change in changes(unknown)] == [None]
    lines, words = changes(unknown, products=("unbound", "squid"))
    assert (lines.product, words.product) == ("unbound", None)
    assert f'    name: "{check(1).host}."' in lines.lines


def test_a_packet_filter_gets_the_addresses_of_this_run() -> None:
    """It knows no names when its rules are loaded."""
    lines, _ = changes(finding(Code.TARGET_SILENT, 1), products=("nftables",))
    host = check(1).host
    assert lines.lines[1:-1] == (f'ip daddr 192.0.2.7 tcp dport 443 accept comment "{host}"',)


def test_only_the_clients_of_the_settings_are_allowed() -> None:
    """--client says whom."""
    denied = finding(Code.PROXY_DENIED, 1, product="Squid")
    lines, _ = changes(denied, clients=("10.1.0.0/16",))
    assert lines.lines[1].endswith("_clients src 10.1.0.0/16")
    assert lines.title == "Squid: allow the hosts"


def test_who_asked_is_allowed_and_not_everybody() -> None:
    """Where --client says nothing, the addresses of the recording count, and the title says so."""
    denied = finding(Code.PROXY_DENIED, 1, product="Squid")
    lines, _ = changes(denied, seen_from=("10.77.1.10",))
    assert lines.lines[1].endswith("_clients src 10.77.1.10")
    assert lines.title.startswith("Squid: allow the hosts, for 10.77.1.10 (--client ")
    told, _ = changes(denied, seen_from=("10.77.1.10",), clients=("10.1.0.0/16",))
    assert "10.77.1.10" not in "\n".join(told.lines)


def test_what_was_not_tried_says_so() -> None:
    """Lines of products that run in no lab; and a product without lines for this is named."""
    denied = finding(Code.PROXY_DENIED, 1, product="Palo Alto Networks")
    lines, _ = changes(denied)
    assert lines.title.endswith("; these lines were not tested on Palo Alto Networks")
    asked = finding(Code.PROXY_AUTH_REQUIRED, 1, product="tinyproxy")
    (words,) = changes(asked)
    assert words.lines[-1].startswith("tinyproxy asks on a whole port and can exempt nobody: ")
    (words,) = changes(finding(Code.PROXY_AUTH_REQUIRED, 1, product="Forcepoint"))
    assert words.lines[-1] == "arcprobe has no lines for this on Forcepoint."


def test_who_remembers_what_was_wrong_is_named() -> None:
    """A Squid that could not resolve a name says so for a minute more, whatever is reloaded; name
    servers keep an answer. Of other products and other faults nothing is said."""
    blind = finding(Code.PROXY_CANNOT_RESOLVE, 1, product="Squid")
    assert "; Squid remembers for a minute" in changes(blind, products=("unbound",))[0].done_when
    assert changes(blind)[-1].lines[-1].startswith("Afterwards: Squid remembers for a minute")
    other = finding(Code.PROXY_CANNOT_RESOLVE, 1, product="tinyproxy")
    assert "remembers" not in changes(other)[-1].done_when
    dante = changes(finding(Code.PROXY_CANNOT_RESOLVE, 1), products=("dante",))[-1]
    assert "; Dante remembers" in dante.done_when
    unknown = changes(finding(Code.NAME_UNKNOWN, 1))[-1]
    assert unknown.done_when.endswith(
        "; name servers on the way may give the old answer until its TTL is over"
    )
    denied = changes(finding(Code.PROXY_DENIED, 1, product="Squid"))[-1]
    assert "remembers" not in denied.done_when


def test_what_undoes_a_change_takes_out_what_stands_between_its_comments() -> None:
    """Where the lines go into a file, of whichever file of the program's they were put into; what
    goes into a screen a person takes out."""
    denied = finding(Code.PROXY_DENIED, 1, product="Squid")
    lines, words = changes(denied)
    name = lines.lines[0].split()[1]
    assert (lines.lines[0], lines.lines[-1]) == (f"# {name} begin", f"# {name} end")
    assert lines.undo == (
        f"grep -RlF '{name} begin' /etc/squid | "
        f"xargs -r sed -i --follow-symlinks '/{name} begin/,/{name} end/d' && "
        "squid -k parse && squid -k reconfigure"
    )
    assert words.undo is None


def test_the_recognised_product_is_not_told_twice() -> None:
    """Named by the answer and by --product it has one block."""
    denied = finding(Code.PROXY_DENIED, 1, product="Squid")
    assert [change.product for change in changes(denied, products=("squid", "haproxy"))] == [
        "squid",
        "haproxy",
        None,
    ]


def test_who_has_no_password_can_be_exempted_by_the_proxy() -> None:
    """The user's fault has a second way out, which another team has to go."""
    asked = finding(Code.PROXY_AUTH_REQUIRED, 1, product="Squid")
    lines, words = changes(asked)
    assert (lines.owner, words.owner) == (Owner.PROXY, Owner.YOU)
    assert lines.product == "squid"


def test_the_users_own_settings_are_commands() -> None:
    """For arcprobe and for az, each on a line of its own."""
    listed = finding(Code.SERVICES_UNCOVERED, 1, fields=(("corrected", "10.96.0.0/12"),))
    ask, connect, words = changes(listed, region="eastus", features=("cluster-connect",))
    assert (ask.product, connect.product, words.product) == ("arcprobe", "az", None)
    assert ask.lines == ("arcprobe check --region eastus --proxy-skip-range 10.96.0.0/12",)
    assert "--proxy-skip-range 10.96.0.0/12" in connect.lines[0]


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SHOWN = certificate("CN=Corp Root", "CN=Corp Root", sha256="ab12", pem=PEM)


def test_a_private_root_can_be_trusted_instead() -> None:
    """The root that was shown goes into a file for --proxy-cert; whoever runs it confirms the
    digest, and nothing asks the proxy's team for it."""
    forged = finding(Code.TLS_INTERCEPTED, 1)
    ask, connect, words = changes(forged, roots=((check(1).id, SHOWN),))
    assert [ask.product, connect.product, words.product] == ["arcprobe", "az", None]
    assert (ask.owner, connect.owner) == (Owner.YOU, Owner.YOU)
    assert "ab12" in ask.where
    assert "    MIIB \\" in ask.lines
    assert ask.lines[-1].endswith("--proxy-cert arc-proxy-ca.pem")
    assert connect.lines[0].endswith("--proxy-cert arc-proxy-ca.pem")


def test_which_root_to_trust_must_be_plain() -> None:
    """Two roots, a root that somebody else showed, or a gateway, which may not be inspected: no
    command says whom to trust."""
    forged = finding(Code.TLS_INTERCEPTED, 1)
    other = certificate("CN=Other", "CN=Other", sha256="cd34", pem=PEM)
    mine = (check(1).id, SHOWN)
    gateway = "https://contoso.gw.arc.azure.com"
    for told in (
        changes(forged, roots=(mine, (check(1).id, other))),
        changes(forged, roots=((check(2).id, SHOWN),)),
        changes(forged, roots=(mine,), gateway_url=gateway),
        changes(finding(Code.CERTIFICATE_EXPIRED, 1), roots=(mine,)),
    ):
        assert not {change.product for change in told} & {"arcprobe", "az"}
