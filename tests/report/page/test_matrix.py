"""The matrix of the page."""

from __future__ import annotations

from arcprobe.report.page.matrix import Matrix
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support.golden import played


def test_rows_can_be_filtered() -> None:
    """Each row says its verdict, its feature and who must act; the form offers those that there
    are, and is hidden until the script shows it."""
    report = played("everything")
    html = Matrix(report, table(report), Words()).markup()
    assert (
        '<tr data-verdict="fail" data-feature="cluster-connect" data-owners="proxy">'
        "<td>eastus.obo.arc.azure.com:8084</td>"
    ) in html
    assert "<form hidden>" in html
    assert '<option value="proxy">Proxy team</option>' in html
    assert '<option value="cluster-connect">' in html


def test_marks_have_words() -> None:
    """A mark is read out as a word, and names its rung where the table becomes cards."""
    report = played("everything")
    html = Matrix(report, table(report), Words()).markup()
    assert (
        '<td class="mark" data-rung="proxy"><span aria-hidden="true" class="fail">✗</span>'
        '<span class="sr">broken</span></td>'
    ) in html
