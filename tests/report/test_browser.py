"""The page in a real browser: nothing in the console, no request, no serious finding of axe-core,
the button copies verbatim, nothing overflows a telephone, paper has few pages.

Needs Debian's ``chromium`` and ``chromium-driver``, ``pip install selenium``, and axe-core
(``npm install axe-core``), whose ``axe.min.js`` ARCPROBE_AXE names; ``.ci/run`` has them all.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arcprobe.fleet import merge_html
from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.pipeline import spoken
from arcprobe.report import as_html, layout
from arcprobe.report.outline import items
from tests.fleet.sample import large
from tests.support.golden import played
from tests.support.tools import library, may_skip

webdriver = library("selenium.webdriver")
_AXE = os.environ.get("ARCPROBE_AXE", "")
pytestmark = pytest.mark.skipif(may_skip("chromium", "chromedriver"), reason="needs Chromium")

SCENARIOS = ("everything", "denied", "clean", "inspected")
SCHEMES = ("light", "dark")
_SERIOUS = {"serious", "critical"}
_MOST_PAGES = {"everything": 6, "denied": 4, "clean": 4, "inspected": 4}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def opened(
    browser: Any,
    scenario: str,
    folder: Path,
    *,
    width: int = 1440,
    dark: bool = False,
    lang: str = "en",
) -> Path:
    """The page of a scenario in a language, in a window of that width."""
    file, words = folder / f"{scenario}.html", language(lang)
    report = spoken(played(scenario), words)
    file.write_text(as_html.render(report, language=words), encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(file.as_uri())
    return file


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_message_and_no_request(browser: Any, scenario: str, tmp_path: Path) -> None:
    """The console is empty and the page asks for itself alone."""
    file = opened(browser, scenario, tmp_path)
    assert browser.get_log("browser") == []
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert set(asked) <= {file.as_uri()}


@pytest.mark.skipif(not _AXE and not os.environ.get("CI"), reason="needs axe-core: ARCPROBE_AXE")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_accessible(browser: Any, scenario: str, dark: bool, tmp_path: Path) -> None:
    """axe-core finds nothing serious, with everything unfolded."""
    opened(browser, scenario, tmp_path, dark=dark)
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    script = Path(_AXE).read_text(encoding="utf-8")
    browser.execute_cdp_cmd("Runtime.evaluate", {"expression": script})
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(told => done(told.violations.map("
        "each => [each.impact, each.id, each.nodes[0].html])));"
    )
    assert [each for each in found if each[0] in _SERIOUS] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_telephone(browser: Any, scenario: str, lang: str, tmp_path: Path) -> None:
    """At 390 pixels nothing overflows, and the page is below 8,000 high."""
    opened(browser, scenario, tmp_path, width=390, lang=lang)
    width, height = browser.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, root.scrollHeight];"
    )
    assert width <= 390
    assert height < 8_000


def test_button_copies_the_change_verbatim(browser: Any, tmp_path: Path) -> None:
    """What the button puts on the clipboard is the change of the report."""
    opened(browser, "everything", tmp_path)
    allowed = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.execute_cdp_cmd("Browser.grantPermissions", allowed)
    (first, *_) = layout.pasted(items(played("everything"))[0].cause)
    button = browser.find_element("css selector", "button[data-copy='change-1-1']")
    button.click()
    browser.execute_async_script("setTimeout(arguments[0], 200);")
    assert button.text == "Copied"
    pasted = browser.execute_async_script(
        "const area = document.createElement('textarea'); document.body.append(area);"
        "const done = arguments[0]; area.focus();"
        "navigator.clipboard.readText().then(done, () => {"
        " document.execCommand('paste'); done(area.value || String(getSelection())); });"
    )
    assert pasted == "\n".join(first.lines)


def test_filters(browser: Any, tmp_path: Path) -> None:
    """The filter leaves what is broken, and what one owner must do."""
    opened(browser, "everything", tmp_path)
    rows = "[...document.querySelectorAll('table.matrix tbody tr')]"
    shown = f"return {rows}.filter(row => !row.hidden).length"
    every = browser.execute_script(shown)
    browser.find_element("name", "failed").click()
    assert 0 < browser.execute_script(shown) < every
    choose = "const s = document.querySelector('select[name=owner]'); s.value = 'you';"
    browser.execute_script(choose + "s.dispatchEvent(new Event('change', {bubbles: true}));")
    cards = "return [...document.querySelectorAll('article')].filter(r => !r.hidden).map(r => r.id)"
    assert browser.execute_script(cards) == ["cause-4"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_paper(browser: Any, scenario: str, tmp_path: Path) -> None:
    """Printed on A4, one cause takes at most four pages."""
    opened(browser, scenario, tmp_path)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page/") <= _MOST_PAGES[scenario]


def test_five_thousand_nodes(browser: Any, tmp_path: Path) -> None:
    """The page of a large fleet opens on a telephone without a message and without overflow; a
    group unfolds to its nodes."""
    file = tmp_path / "cluster.html"
    file.write_text(merge_html.render(large()), encoding="utf-8")
    assert file.stat().st_size < 5_000_000
    size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("browser")
    browser.get(file.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    group = browser.find_element("css selector", "#groups ~ div details")
    group.find_element("tag name", "summary").click()
    assert len(group.find_element("tag name", "p").text.split(", ")) == 100
