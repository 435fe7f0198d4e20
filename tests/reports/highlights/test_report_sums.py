"""Reports show every sum with what it leaves out, in their text and in their charts."""

import html
import re
import xml.etree.ElementTree as ET

import pytest

from tests.api_calls import change
from tests.factories import HERTS, system
from tests.reports.highlights.board import REPORTS

SVG = "{http://www.w3.org/2000/svg}"
WITHHELD = "withheld: not every reader may see all of it"


def text_of(board, report):
    """Return the words of the report's page, without its markup."""
    page = board.lead.get(f"{REPORTS}/{report['id']}/document.html").text
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(words).split())


@pytest.fixture
def shared(board):
    """A saving whose costs the lead can see and Hertfordshire cannot."""
    stores = system(board.lead, "Stores", disclosure="all_agencies")
    board.move(stores)
    change(board.lead, f"/v1/programmes/{board.programme['id']}", target_agency=HERTS)
    board.claim(board.line("1234.56", of=stores), "40.50")


def test_withheld_sums_say_so_and_are_never_zero(board, shared) -> None:
    text = text_of(board, board.freeze_report(HERTS))
    assert WITHHELD in text
    assert "£0" not in text
    assert "£1,235" not in text


def test_visible_sums_are_in_whole_pounds_and_unknown_ones_say_so(board, shared) -> None:
    text = text_of(board, board.draft_report())
    assert "Baseline £1,235 £1,235" in text
    assert "Dual running not known not known" in text
    assert "Forecast savings, less all costs £41 (part not known) £41 (part not known)" in text
    assert WITHHELD not in text
    assert not re.search(r"£[\d,]+\.\d\d", text)


def test_partly_withheld_sums_and_charts_say_so(board, shared) -> None:
    secret = system(board.lead, "Secret stores", disclosure="owner_only")
    board.move(secret)
    report = board.draft_report(HERTS)
    content = board.document(report)["content"]
    assert content["progress"]["migrations"]["withheld"] == 3
    text = text_of(board, report)
    assert "Migrations, excluding cancelled ones 1 (part withheld)" in text
    assert "0 of 1 (part withheld)" in text


def wave_bars(board, report):
    """Return the filled share of each wave's bar by its figure."""
    page = board.lead.get(f"{REPORTS}/{report['id']}/document.html").text
    (chart,) = [
        root
        for found in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
        if (root := ET.fromstring(found))[0].text == "Migrations moved in each wave"
    ]
    shares, frame, filled = {}, 0.0, 0.0
    for each in chart:
        if each.tag == f"{SVG}rect" and each.get("stroke"):
            frame, filled = float(each.get("width")) + 1, 0.0
        elif each.tag == f"{SVG}rect":
            filled = float(each.get("width"))
        elif each.tag == f"{SVG}text" and each.get("text-anchor") is None:
            shares[each.text] = filled / frame
    return shares


def test_bar_of_a_wave_is_filled_by_the_part_that_has_moved(board) -> None:
    first = board.add("waves", name="First", position=1)
    second = board.add("waves", name="Second", position=2)
    for number in range(4):
        stage = {"stage": "complete", "actual_date": "2026-11-01"} if number == 0 else {}
        moving = system(board.lead, f"Ledger {number}")
        moved = {"wave_id": first["id"], "strategy": "repurchase"} | stage
        about = {"programme_id": board.programme["id"], "system_id": moving["id"]}
        assert board.lead.post("/v1/migrations", json=about | moved).status_code == 201
        kept = {"wave_id": second["id"], "strategy": "repurchase"}
        other = {"system_id": system(board.lead, f"Roster {number}")["id"]}
        body = {"programme_id": board.programme["id"]} | other | kept
        assert board.lead.post("/v1/migrations", json=body).status_code == 201
    shares = wave_bars(board, board.draft_report())
    assert (shares["1 of 4"], shares["0 of 4"]) == (0.25, 0.0)


def test_slippage_lists_milestones_that_are_later_than_agreed(board) -> None:
    board.add("milestones", name="Go live", planned_date="2026-11-20", forecast_date="2027-01-01")
    board.add("milestones", name="Data loaded", planned_date="2026-12-20")
    board.add("blockers", title="No test data", raised_on="2026-11-01", due="2026-11-20")
    text = text_of(board, board.draft_report())
    slippage = text.partition(" Slippage ")[2].partition(" Milestones and ")[0]
    assert "Go live – 20 November 2026 1 January 2027 42 days later" in slippage
    assert "Data loaded" not in slippage
    assert "No test data 1 November 2026 20 November 2026 (overdue)" in text
