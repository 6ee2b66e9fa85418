"""The bypass list of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.given import in_file, loaded

GOOD = "10.96.0.0/12,.svc,.svc.cluster.local"
BLANKS = {
    "after commas": "10.96.0.0/12, .svc, .svc.cluster.local",
    "around commas": " 10.96.0.0/12 ,\t.svc ,  .svc.cluster.local ",
    "line breaks": "10.96.0.0/12,\n.svc,\r\n.svc.cluster.local\n",
    "no-break spaces": "10.96.0.0/12,\u00a0.svc,\u3000.svc.cluster.local",
}


@pytest.mark.parametrize("case", BLANKS)
@pytest.mark.parametrize("source", ["flag", "variable", "NO_PROXY", "no_proxy"])
def test_blanks_round_commas(case: str, source: str) -> None:
    """One list, wherever it is given: blanks and line breaks round its entries are not there."""
    flags = {"proxy-skip-range": BLANKS[case]} if source == "flag" else {}
    name = "ARCPROBE_PROXY_SKIP_RANGE" if source == "variable" else source
    config = loaded(flags, {} if source == "flag" else {name: BLANKS[case]})
    assert config.settings.skip_range == GOOD


def test_a_folded_block_of_yaml(tmp_path: Path) -> None:
    """A folded block of the file, which has a blank after each comma, is the same list."""
    text = "proxy-skip-range: >-\n  10.96.0.0/12,\n  .svc,\n  .svc.cluster.local\n"
    assert loaded({}, {}, in_file(tmp_path, text)).settings.skip_range == GOOD


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8;.svc", "10.0.0.0/33", "10.96.0.0/12 .svc", ".svc,,10.0.0.0/8", "<local>"]
)
def test_a_malformed_list_is_kept_to_be_judged(text: str) -> None:
    """What no client reads is no wrong setting: it stays as it is, for the verdict."""
    assert loaded({"proxy-skip-range": text}).settings.skip_range == text
