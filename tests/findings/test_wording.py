"""A judgement in words: its verdict, its sentence, who acts and what to change."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings.wording import word
from arcprobe.knowledge.language import language
from arcprobe.model import Code, Finding, Judgement, Layer, Owner, Skip, SkipReason, Verdict, line
from tests.findings.seen import DIRECT, THROUGH


def worded(judgement: Judgement, *, required: bool = True) -> Finding:
    """The finding of a check through a proxy."""
    asked = msgspec.structs.replace(THROUGH, required=required)
    return word(asked, judgement, language())


def test_the_code_table_says_it() -> None:
    """Layer, verdict, owner and sentences of a fault are the table's, filled with the check's
    facts."""
    found = worded(Judgement(code=Code.PROXY_REFUSED, evidence=(line("skip.not-asked"),)))
    assert (found.layer, found.verdict, found.owner) == (Layer.PROXY, Verdict.FAIL, Owner.PROXY)
    assert THROUGH.proxy is not None
    assert THROUGH.proxy.host in found.summary
    assert found.evidence == ("was not asked",)
    assert found.remedy
    assert not found.has_own_remedy


@pytest.mark.parametrize(
    ("given", "required", "due"),
    [
        (None, True, Verdict.FAIL),
        (None, False, Verdict.WARN),
        (Verdict.WARN, True, Verdict.WARN),
        (Verdict.FAIL, False, Verdict.WARN),
        (Verdict.SKIP, True, Verdict.SKIP),
    ],
)
def test_verdict(given: Verdict | None, required: bool, due: Verdict) -> None:
    """A judge's verdict goes before the table's; what nobody requires can only warn."""
    assert (
        worded(Judgement(code=Code.PROXY_DENIED, verdict=given), required=required).verdict is due
    )


def test_a_passing_finding_asks_for_nothing() -> None:
    """Where all is well there is no owner, no change, and no product."""
    found = worded(Judgement(code=Code.ENDPOINT_ANSWERS, product="Squid"))
    assert (found.remedy, found.owner, found.product, found.fields) == ("", Owner.NOBODY, "", ())


def test_a_judge_knows_better() -> None:
    """The judge's own sentence, advice and owner go before the table's, and the finding says so."""
    found = worded(
        Judgement(
            code=Code.CERTIFICATE_UNTRUSTED,
            summary=line("socks.no-socks", proxy="p"),
            remedy=line("socks.no-socks-remedy"),
            owner=Owner.CLUSTER,
        )
    )
    assert found.summary == "p does not speak SOCKS"
    assert found.remedy.startswith("Use the address and port of the SOCKS proxy")
    assert found.owner is Owner.CLUSTER
    assert found.has_own_remedy


def test_the_product_names_its_line() -> None:
    """Where the product is known from evidence, its own lines are the change; never for the
    settings of the run."""
    found = worded(Judgement(code=Code.PROXY_DENIED, product="Squid"))
    label, first, *_rest = found.remedy.splitlines()
    assert label == (
        "Squid (squid.conf, or the file that it includes, above the first http_access deny):"
    )
    assert first.startswith("# arcprobe_denied_")
    assert found.advice.startswith("Proxy team: allow CONNECT")
    yours = worded(Judgement(code=Code.PROXY_DENIED, product="Squid", owner=Owner.YOU))
    assert not yours.remedy.startswith("Squid")
    assert yours.advice == ""


def test_a_skip_has_its_reason() -> None:
    """A check without a verdict says why, as a word and as a sentence that begins with a
    capital."""
    found = worded(
        Judgement(
            code=Code.ENDPOINT_ANSWERS,
            verdict=Verdict.SKIP,
            skip=SkipReason.NO_TLS,
            summary=line("skip.no-answer", target="x:443", pattern="*.y"),
        )
    )
    assert found.skip == Skip(reason=SkipReason.NO_TLS)
    assert found.summary == "X:443, which lists the hosts behind *.y, could not be asked"


def test_evidence_is_bounded() -> None:
    """Of more than fourteen lines the first fourteen stand in the finding."""
    lines = tuple(line("proxy.note", note=str(number)) for number in range(20))
    found = worded(Judgement(code=Code.ENDPOINT_ANSWERS, evidence=lines))
    assert found.evidence == tuple(str(number) for number in range(14))


def test_values_of_the_check_and_of_the_judge() -> None:
    """What fills a cause's words later: the check's facts, and the judge's where it knows more."""
    found = word(
        DIRECT,
        Judgement(code=Code.TARGET_REFUSED, values=(("address", "192.0.2.1"), ("host", ""))),
        language(),
    )
    fields = dict(found.fields)
    assert fields["address"] == "192.0.2.1"
    assert fields["host"] == DIRECT.host
    assert fields["route"] == "the direct route"
    assert dict(worded(Judgement(code=Code.PROXY_DENIED)).fields)["route"] == (
        "the proxy http://proxy.example:3128"
    )
