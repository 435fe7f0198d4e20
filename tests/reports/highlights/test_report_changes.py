"""Reports list the changes since the previous report."""

from tests.api_calls import change
from tests.factories import BEDS
from tests.reports.highlights.board import REPORTS


def test_next_report_lists_changes(board) -> None:
    board.fill()
    first = board.freeze_report(BEDS, schedule="On time.")
    assert board.document(first)["changes"] is None
    change(board.lead, f"/v1/migrations/{board.moved['id']}", forecast_date="2027-01-15")
    board.add("risks", title="Winter", probability=5, impact=4)
    change(board.lead, f"/v1/programmes/{board.programme['id']}", rag="green")
    second = board.freeze_report(BEDS, schedule="Late.")
    assert second["previous_id"] == first["id"]
    comparison = board.beds.get(f"{REPORTS}/{second['id']}/changes").json
    assert comparison["previous"]["id"] == first["id"]
    changes = comparison["changes"]
    assert changes["confidence"] == {"before": "amber", "after": "green"}
    assert changes["narrative"] == ["schedule"]
    assert [each["name"] for each in changes["risks"]["added"]] == ["Winter"]
    (moved,) = changes["migrations"]["changed"]
    assert moved["changes"] == [
        {"field": "forecast_date", "before": "2026-12-15", "after": "2027-01-15"}
    ]
    figures = {each["figure"]: (each["before"], each["after"]) for each in changes["figures"]}
    assert figures["risks_open"] == (1, 2)
    page = board.lead.get(f"{REPORTS}/{second['id']}/document.html").text
    assert "15 December 2026 → 15 January 2027" in page


def test_report_without_changes_states_that(board) -> None:
    board.freeze_report()
    second = board.draft_report()
    page = board.lead.get(f"{REPORTS}/{second['id']}/document.html").text
    assert "Nothing has changed since" in page


def test_report_is_compared_with_latest_report_for_the_same_readers(board) -> None:
    board.freeze_report()
    shared = board.freeze_report(BEDS)
    assert shared["previous_id"] is None
    assert board.beds.get(f"{REPORTS}/{shared['id']}/changes").json["changes"] is None
    assert board.freeze_report()["previous_id"] == shared["id"]
