"""Reading one chain: its order, its gaps, its marks, its dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from arcprobe.findings import chains
from arcprobe.knowledge.language import language
from arcprobe.model import Certificate, GoRefusal, GoSaid, Line, Store, Trust, VerifyCode
from tests.findings.sessions import CONTOSO, MICROSOFT, certificate, shown

LEAF = certificate("CN=leaf", "CN=below", aki="below", key_sha256="leaf")
BELOW = certificate("CN=below", "CN=root", ski="below", aki="root", key_sha256="below", is_ca=True)
ROOT = certificate("CN=root", "CN=root", ski="root", key_sha256="root", is_ca=True)
PUBLIC_LEAF = certificate(
    "CN=host",
    MICROSOFT,
    scts=2,
    aia=("http://a.example/ca.crt",),
    policies=("2.23.140.1.2.2",),
    aki="i",
    crls=("http://a.example/ca.crl",),
)


def changed(certificate: Certificate, **more: Any) -> Certificate:
    return msgspec.structs.replace(certificate, **more)


def words(line: Line | None) -> str:
    return language().say(line) if line is not None else ""


def said(store: Store = Store.PUBLIC, *, accepted: bool = False, **more: Any) -> Trust:
    return Trust(store=store, accepted=accepted, **more)


# ------------------------------------------------------------------------------------------- stores


def test_a_chain_reaches_a_store_also_when_a_date_makes_it_refuse() -> None:
    """A root that was found counts, whatever its date; a store that was not asked says nothing."""
    late = shown(LEAF, trust=(said(anchor="CN=root", code=VerifyCode.CERT_HAS_EXPIRED),))
    assert chains.reaches(late, Store.PUBLIC)
    assert not chains.reaches(late, Store.SYSTEM)
    assert not chains.reaches(shown(LEAF), Store.PUBLIC)
    assert chains.trust(late, Store.SYSTEM) is None


def test_outdated_roots() -> None:
    """A root is out of date where every store that knows it says so; one that accepts the chain
    knows better."""
    late = said(anchor="CN=root", code=VerifyCode.CERT_HAS_EXPIRED)
    accepting = said(Store.SYSTEM, accepted=True, anchor="CN=root")
    unknown = said(Store.BUNDLE, code=20)
    early = said(Store.SYSTEM, anchor="CN=root", code=VerifyCode.CERT_NOT_YET_VALID)
    assert chains.outdated_roots(shown(LEAF, trust=(late, early))) == (late, early)
    assert chains.outdated_roots(shown(LEAF, trust=(late, unknown))) == (late,)
    assert chains.outdated_roots(shown(LEAF, trust=(late, accepting))) == ()
    assert chains.outdated_roots(shown(LEAF, trust=(unknown,))) == ()


# -------------------------------------------------------------------------------------------- order


def test_path_sorts_what_was_sent() -> None:
    """From the leaf on each certificate names the next, in whatever order they came; strangers are
    left out."""
    stranger = certificate("CN=stranger", "CN=stranger")
    assert chains.path(shown(LEAF, ROOT, stranger, BELOW)) == (LEAF, BELOW, ROOT)
    assert chains.path(shown(LEAF)) == (LEAF,)


def test_key_identifiers_tell_namesakes_apart() -> None:
    """A CA of the right name and another key is not the issuer; where one names no key the name
    decides."""
    namesake = changed(BELOW, sha256="other", ski="other")
    assert not chains.may_issue(namesake, LEAF)
    assert chains.may_issue(changed(namesake, ski=""), LEAF)
    assert chains.may_issue(namesake, changed(LEAF, aki=""))
    assert not chains.may_issue(LEAF, changed(LEAF, issuer="CN=leaf"))


def test_what_is_missing_and_what_is_on_top() -> None:
    """Above the last certificate its issuer is missing, unless it is its own."""
    assert chains.missing_issuer(shown(LEAF, BELOW)) == "CN=root"
    assert chains.missing_issuer(shown(LEAF, BELOW, ROOT)) == ""
    assert chains.top_name(shown(LEAF)) == "CN=below"
    assert chains.top_name(shown(LEAF, BELOW, ROOT)) == "CN=root"


def test_a_leaf_with_the_key_of_its_issuer_is_forged() -> None:
    """Squid, mitmproxy and Umbrella sign with the very key of the leaf; it shows by the key, or by
    its identifiers."""
    lent = changed(LEAF, key_sha256="below")
    assert words(chains.shared_key(shown(lent, BELOW))) == (
        "the certificate reuses the key of its own issuer, CN=below"
    )
    assert "names its own key" in words(chains.shared_key(shown(changed(LEAF, ski="below"))))
    assert chains.shared_key(shown(LEAF, BELOW)) is None
    assert chains.shared_key(shown(changed(lent, key_sha256=""), BELOW)) is None
    assert chains.shared_key(shown(changed(ROOT, aki="root"))) is None


def test_a_public_root_and_a_key_of_its_own_anchor_a_chain() -> None:
    """Both are needed."""
    assert chains.is_anchored(shown(LEAF, BELOW, anchor="CN=root"))
    assert not chains.is_anchored(shown(LEAF, BELOW))
    assert not chains.is_anchored(shown(changed(LEAF, ski="below"), BELOW, anchor="CN=root"))


def test_squids_second_name() -> None:
    """Squid's CA for origins that it distrusts is the CA whose name it quotes."""
    second = r"CN=Not trusted by \"Contoso Root\",O=Contoso"
    assert chains.is_distrusted_by_squid(second)
    assert chains.plain_issuer(second) == "CN=Contoso Root"
    assert chains.plain_issuer(CONTOSO) == CONTOSO
    assert not chains.is_distrusted_by_squid(CONTOSO)


# -------------------------------------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("lacking", "lacks"),
    [
        ({}, False),
        ({"scts": 0}, True),
        ({"aia": ()}, True),
        ({"names": ()}, True),
        ({"policies": ()}, False),
        ({"aki": ""}, False),
        ({"policies": (), "aki": ""}, True),
        ({"not_after": "2027-11-04T00:00:00Z"}, False),  # 399 days
        ({"not_after": "2027-11-05T00:00:00Z"}, False),  # 400, alone
        ({"policies": (), "not_after": "2027-11-04T00:00:00Z"}, False),
        ({"policies": (), "not_after": "2027-11-05T00:00:00Z"}, True),
        ({"policies": (), "not_after": "never"}, True),
        ({"issuer": CONTOSO}, True),
    ],
)
def test_marks_that_a_public_name_must_bear(lacking: dict[str, Any], lacks: bool) -> None:
    """Timestamps, the issuer's address and names must be there; of policies, key identifier and a
    life of at most 399 days one may be wanting."""
    assert chains.lacks_public_marks(shown(changed(PUBLIC_LEAF, **lacking))) is lacks


@pytest.mark.parametrize(
    ("lacking", "due"),
    [
        ({"scts": 0}, "no signed certificate timestamps (SCT)"),
        ({"aia": ()}, "no issuer address (AIA)"),
        ({"policies": ()}, "no certificate policies"),
        ({"aki": ""}, "no authority key identifier"),
        ({"names": ()}, "no subject alternative names"),
        ({"crls": ()}, "no revocation list (CRL)"),
        ({"version": 1}, "X.509 version 1"),
        ({"version": 2}, "X.509 version 2"),
    ],
)
def test_lost_marks_are_named(lacking: dict[str, Any], due: str) -> None:
    """Each mark of public leaves that is not there is named."""
    (lost,) = chains.lost_marks(changed(PUBLIC_LEAF, **lacking))
    assert words(lost) == due
    assert chains.lost_marks(PUBLIC_LEAF) == ()


@pytest.mark.parametrize(
    ("leaf", "above", "due"),
    [
        ({"names": ()}, {}, "names its host only in the common name"),
        ({"extended_key_usage": ("clientAuth",)}, {}, "not for servers, but for clientAuth"),
        ({"negative_serial": True}, {}, "serial number of CN=leaf is negative"),
        ({}, {"signature": "sha1"}, "CN=below is signed with sha1"),
        ({}, {"is_ca": None, "common_name": "Below"}, "the CA Below lacks the CA flag"),
    ],
)
def test_what_go_refuses(leaf: dict[str, Any], above: dict[str, Any], due: str) -> None:
    """Each certificate of the path is looked at, a CA also for its flag."""
    sent = shown(changed(LEAF, is_ca=None, **leaf), changed(BELOW, **above))
    (refusal,) = chains.refused_by_go(sent)
    assert words(refusal).startswith("Go refuses it: ")
    assert due in words(refusal)


def test_go_takes_a_sound_chain() -> None:
    """A leaf needs no CA flag."""
    assert chains.refused_by_go(shown(LEAF, BELOW)) == ()


def test_what_go_said_of_a_chain() -> None:
    """Its refusal names the certificate as it was sent: the signature, the purposes; of one that
    was not sent there is no more than Go's own words. A store of the agents counts more than
    another, and one that accepts the chain ends it."""
    sent = changed(
        LEAF, signature="sha1", extended_key_usage=("clientAuth",), sha256="5e", is_ca=None
    )
    refused = GoSaid(refusal=GoRefusal.PURPOSES, words="go says", certificate="leaf", sha256="5e")
    public = said(anchor="CN=root", go=refused)
    (told,) = chains.said_by_go(shown(sent, trust=(public,)))
    assert dict(told.values) == {
        "name": "leaf",
        "words": "go says",
        "hash": "sha1",
        "purposes": ("clientAuth",),
    }
    (bare,) = chains.said_by_go(shown(changed(sent, sha256="other"), trust=(public,)))
    assert (dict(bare.values)["hash"], dict(bare.values)["purposes"]) == ("", ())
    accepting = said(Store.BUNDLE, anchor="CN=root", go=GoSaid())
    assert chains.said_by_go(shown(sent, trust=(public, accepting))) == ()
    silent = said(Store.BUNDLE, anchor="CN=root")
    assert chains.said_by_go(shown(sent, trust=(public, silent))) == ()


def test_what_the_agents_take() -> None:
    """A chain that a store of theirs reaches, for the name that was asked, that Go does not
    refuse; a name that nobody compared is no other name."""
    reached = (said(Store.SYSTEM, accepted=True, anchor="CN=root"),)
    for name, due in ((True, True), (None, True), (False, False)):
        sent = shown(LEAF, BELOW, trust=reached, name_matches=name)
        assert chains.is_taken_by_agents(sent) is due
    assert not chains.is_taken_by_agents(shown(LEAF, BELOW))
    nameless = shown(changed(LEAF, names=()), BELOW, trust=reached)
    assert not chains.is_taken_by_agents(nameless)


# -------------------------------------------------------------------------------------------- dates

NO_TIMES = """yesterday 2026-13-40T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-14:00
2026-01-01T25:00Z ²""".split()
ODD_TIMES = [
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00Z",
]


@pytest.mark.parametrize("text", ["", *NO_TIMES])
def test_no_time_is_none(text: str) -> None:
    """What no calendar has is None."""
    assert chains.moment(text) is None


@pytest.mark.parametrize("text", ODD_TIMES)
def test_odd_time_is_in_utc(text: str) -> None:
    """A time without a zone is UTC, one with a zone is brought to it."""
    assert chains.moment(text) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [1e308, -1e308, 1e12, -1e12, 1e15])
def test_shift_out_of_the_calendar_is_none(seconds: float) -> None:
    """A clock that is further off than any calendar goes shows no time."""
    assert chains.shifted(datetime(2026, 1, 1, tzinfo=UTC), seconds) is None


def test_shifted_clock() -> None:
    """A clock ahead shows later."""
    shifted = chains.shifted(datetime(2026, 1, 1, tzinfo=UTC), 90.0)
    assert shifted == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)


def test_life_in_days() -> None:
    """Whole days between the two dates; None where one is no date."""
    assert chains.validity_days(LEAF) == 151
    assert chains.validity_days(changed(LEAF, not_before="never")) is None
