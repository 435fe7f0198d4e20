"""The checks themselves find what they look for, or they would prove nothing."""

import pytest
from playwright.sync_api import Browser

from tests.browser import checks
from tests.browser.chromium import Watched, visiting

GOOD = """<!DOCTYPE html><html lang="en-GB"><head><title>Systems – Catalogue</title></head>
<body><main><h1>Systems</h1><p><a href="#systems">Skip</a> <button>Send</button></p>
<div id="systems" style="overflow-x: auto" tabindex="0" role="region" aria-label="Systems">
<p style="width: 2000px">Systems</p></div></main></body></html>"""


@pytest.fixture
def watched(chromium: Browser):
    with visiting(chromium, "http://127.0.0.1", width=320) as visitor:
        yield visitor


def test_good_page_has_no_findings(watched: Watched) -> None:
    watched.page.set_content(GOOD)
    assert checks.find_barriers(watched.page) == []
    assert checks.find_too_wide(watched.page) == []
    assert checks.find_mistakes(watched.page) == []
    assert checks.unreached_by_tab(watched.page) == []
    assert watched.faults == []


def test_each_fault_is_found(watched: Watched) -> None:
    page = watched.page
    page.set_content(
        GOOD.replace("<h1>", '<h1 id="systems">')
        .replace("overflow-x: auto", "")
        .replace("<title>Systems", "<title>List")
        .replace("<button>", '<img src="http://127.0.0.1:9/none.png"><button tabindex="-1">')
        .replace("</main>", '</main><style>button {outline: 0}</style><input style="outline: 0">')
    )
    page.evaluate("console.error('broken')")
    page.wait_for_load_state("networkidle")
    barriers = " ".join(checks.find_barriers(page))
    assert "image-alt" in barriers
    assert "label" in barriers
    assert [each for each in checks.find_too_wide(page) if each.startswith("p.")]
    assert len(checks.find_mistakes(page)) == 2
    missed = checks.unreached_by_tab(page)
    assert [each.partition(" <")[0] for each in missed] == ["not reached:", "not visible:"]
    assert sorted(fault.partition(":")[0] for fault in watched.faults) == ["console", "net"]


def test_invalid_html_is_found() -> None:
    wrong = '<!DOCTYPE html><title>x</title><p style="x"><form action="/x"></p></div>'
    assert len(checks.find_errors(wrong)) == 5
