"""What changed since the last report."""

from tests.recording import change
from tests.reports.highlights.reporting import BEDS, REPORTS


def test_the_next_report_says_what_changed(board) -> None:
    board.fill()
    first = board.frozen(BEDS, schedule="On time.")
    assert board.document(first)["changes"] is None
    change(board.lead, f"/v1/migrations/{board.moved['id']}", forecast_date="2027-01-15")
    board.add("risks", title="Winter", probability=5, impact=4)
    change(board.lead, f"/v1/programmes/{board.programme['id']}", rag="green")
    second = board.frozen(BEDS, schedule="Late.")
    assert second["previous_id"] == first["id"]
    said = board.beds.get(f"{REPORTS}/{second['id']}/changes").json
    assert said["previous"]["id"] == first["id"]
    changes = said["changes"]
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


def test_nothing_new_is_said_to_be_nothing(board) -> None:
    board.frozen()
    second = board.drafted()
    page = board.lead.get(f"{REPORTS}/{second['id']}/document.html").text
    assert "Nothing has changed since" in page


def test_it_is_compared_with_what_all_its_readers_could_read(board) -> None:
    board.frozen()
    shared = board.frozen(BEDS)
    assert shared["previous_id"] is None
    assert board.beds.get(f"{REPORTS}/{shared['id']}/changes").json["changes"] is None
    assert board.frozen()["previous_id"] == shared["id"]
