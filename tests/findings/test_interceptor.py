"""Who intercepts: products by names and by marks, one name for one box."""

from __future__ import annotations

import pytest

from arcprobe.findings import interceptor
from arcprobe.findings.comparison import Comparison, Shown
from arcprobe.knowledge.language import language
from arcprobe.model import Certificate, Head, Line
from tests.findings.sessions import CONTOSO, certificate, check, shown

ZSCALER = "CN=Zscaler Intermediate Root CA (zscaler.net),O=Zscaler Inc.,C=US"
SECOND = r"CN=Not trusted by \"Contoso Root\",O=Contoso"


def seen(*chain: Certificate, comparison: Comparison | None = None) -> Shown:
    return Shown(check(), shown(*chain), comparison or Comparison())


def leaf(issuer: str) -> Certificate:
    return certificate("CN=host", issuer)


def test_identity_is_the_top_of_what_is_known() -> None:
    """The issuer, or who stands above it in the chain or in another chain of the run."""
    above = Comparison(tops={"CN=below": CONTOSO})
    assert interceptor.identity(seen(leaf(CONTOSO))) == CONTOSO
    assert interceptor.identity(seen(leaf("CN=below"), certificate("CN=below", CONTOSO))) == CONTOSO
    assert interceptor.identity(seen(leaf("CN=below"), comparison=above)) == CONTOSO


@pytest.mark.parametrize(("levels", "due"), [(5, "CN=5"), (6, "CN=5")])
def test_five_levels_are_climbed(levels: int, due: str) -> None:
    """Authorities that sign each other do not lead round in a circle for ever."""
    tops = {f"CN={number}": f"CN={number + 1}" for number in range(levels)}
    assert interceptor.identity(seen(leaf("CN=0"), comparison=Comparison(tops=tops))) == due
    circle = Comparison(tops={"CN=0": "CN=1", "CN=1": "CN=0"})
    assert interceptor.identity(seen(leaf("CN=0"), comparison=circle)) in ("CN=0", "CN=1")


def test_one_box_has_one_identity() -> None:
    """A product is one whatever its CA is called; self-signed leaves are made by one box; Squid's
    second CA is its first one, as the run shows it."""
    assert interceptor.identity(seen(leaf(ZSCALER))) == "Zscaler"
    own = certificate("CN=own", "CN=own")
    assert interceptor.identity(seen(own)) == "self-signed certificates, one for each host"
    assert interceptor.identity(seen(leaf(SECOND))) == "CN=Contoso Root"
    first = Comparison(private={"other": leaf(CONTOSO)})
    assert interceptor.identity(seen(leaf(SECOND), comparison=first)) == CONTOSO


def test_a_product_is_found_by_any_name_above_the_leaf() -> None:
    """The issuer's name, one further up, one that another chain shows above it, or that of Squid's
    second CA."""
    direct = interceptor.by_name(seen(leaf(ZSCALER)))
    assert direct is not None
    assert (direct.name, direct.confidence) == ("Zscaler", "seen")
    above = seen(leaf("CN=below"), certificate("CN=below", ZSCALER))
    assert interceptor.by_name(above) == direct
    elsewhere = Comparison(tops={"CN=below": ZSCALER})
    assert interceptor.by_name(seen(leaf("CN=below"), comparison=elsewhere)) == direct
    second = Comparison(private={"other": leaf(SECOND)})
    squid = interceptor.by_name(seen(leaf(CONTOSO), comparison=second))
    assert squid is not None
    assert squid.name == "Squid"
    assert interceptor.by_name(seen(leaf(CONTOSO))) is None


def answered(*headers: tuple[str, str], status: int = 403) -> Shown:
    head = Head(status=status, headers=headers)
    return seen(leaf(CONTOSO), comparison=Comparison(answers={check().id: head}))


def words(shown: Shown) -> str:
    marks = interceptor.marks(shown)
    if isinstance(marks, Line):
        return language().say(marks)
    return language().fill("{marks:semicolon}", {"marks": marks})


def test_a_product_is_found_by_its_marks_in_the_answer() -> None:
    """Squid's own header proves that it wrote the answer; a server's name proves nothing."""
    found = interceptor.by_marks(answered(("X-Squid-Error", "ERR_ACCESS_DENIED 0")))
    assert found is not None
    assert found.name == "Squid"
    assert interceptor.by_marks(answered(("Server", "nginx"))) is None
    assert interceptor.by_marks(answered()) is None
    assert interceptor.by_marks(seen(leaf(CONTOSO))) is None


def test_marks_are_shown_bounded() -> None:
    """Three headers, each of at most 80 characters; where no header told it, the status."""
    long = ("Via", "x" * 81)
    assert words(answered(long, ("Date", "now"))) == f"Via: {'x' * 80}"
    four = tuple((name, "1") for name in ("Via", "Server", "X-Cache", "Proxy-Agent"))
    assert words(answered(*four)) == "Via: 1; Server: 1; X-Cache: 1"
    assert words(answered(status=451)) == "status 451"
