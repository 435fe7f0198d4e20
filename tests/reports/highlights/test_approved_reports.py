"""An approved report never changes, whatever happens to the records."""

from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.reports.highlights.models import FrozenReport, HighlightDocument, HighlightReport
from tests.api_calls import change
from tests.factories import BEDS, HERTS, system
from tests.reports.highlights.board import REPORTS, bodies

_COUNT = count()
EDITS = ("migration", "wave", "risk", "narrative", "title", "report", "sharing", "milestone")


def test_draft_report_can_be_edited_and_approved_one_cannot(board) -> None:
    report = board.draft_report(BEDS)
    assert board.edit(report, schedule="On time.").json["schedule"] == "On time."
    frozen = board.approve_report(report)
    assert frozen.status_code == 200, frozen.text
    assert frozen.json["approved_by"] == "Programme director"
    url = f"{REPORTS}/{report['id']}"
    refused = [
        board.edit(report, schedule="Late."),
        board.edit(report, audience=[]),
        board.lead.post(f"{url}/refresh"),
        board.approve_report(report),
        board.lead.delete(url, headers={"If-Match": board.lead.get(url).headers["ETag"]}),
    ]
    assert {answer.status_code for answer in refused} == {409}
    assert {answer.json["errors"][0]["code"] for answer in refused} == {"frozen"}


def test_approval_rejects_stale_content_hash(board) -> None:
    report = board.draft_report()
    stale = board.approve_report(report, content_hash="0" * 64)
    assert stale.status_code == 409
    assert stale.json["errors"][0]["code"] == "stale"


def test_session_refuses_changes_to_an_approved_report(board, session) -> None:
    report = board.freeze_report(BEDS)
    kept = session.scalars(sa.select(HighlightReport)).one()
    kept.title = "Another"
    with pytest.raises(FrozenReport):
        session.flush()
    session.rollback()
    session.delete(session.scalars(sa.select(HighlightReport)).one())
    with pytest.raises(FrozenReport):
        session.flush()
    session.rollback()
    document = session.scalars(sa.select(HighlightDocument)).first()
    document.body = b"Another"
    with pytest.raises(FrozenReport):
        session.flush()
    session.rollback()
    assert board.document(report)["title"] == report["title"]


def test_refresh_updates_content_and_keeps_narrative(board) -> None:
    report = board.draft_report(lessons="Ask sooner.")
    board.add("risks", title="Winter", probability=5, impact=5)
    assert board.document(report)["content"]["risks"]["open"] == 0
    refreshed = board.lead.post(f"{REPORTS}/{report['id']}/refresh")
    assert refreshed.status_code == 200, refreshed.text
    assert refreshed.json["content_hash"] != report["content_hash"]
    document = board.document(report)
    assert document["content"]["risks"]["open"] == 1
    assert document["narrative"]["lessons"] == "Ask sooner."


def test_draft_report_can_be_deleted(board) -> None:
    report = board.draft_report(BEDS)
    url = f"{REPORTS}/{report['id']}"
    answer = board.lead.delete(url, headers={"If-Match": board.lead.get(url).headers["ETag"]})
    assert answer.status_code == 204
    assert board.lead.get(url).status_code == 404


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9)), max_size=6))
def test_approved_report_keeps_its_bytes_after_any_edits(board, edits) -> None:
    if not hasattr(board, "moved"):
        board.fill()
        board.risk = board.add("risks", title="Winter", probability=2, impact=2)
        board.wave = board.add("waves", name="Last", position=2)
        board.first = board.freeze_report(BEDS)
        board.kept = bodies(board.beds, board.first)
    for what, number in edits:
        _edit(board, what, number)
    for reader in (board.lead, board.beds):
        assert bodies(reader, board.first) == board.kept


def _edit(board, what: str, number: int) -> None:
    if what == "migration":
        url = f"/v1/migrations/{board.moved['id']}"
        change(board.lead, url, forecast_date=f"2027-01-1{number}")
    elif what == "wave":
        change(board.lead, f"/v1/waves/{board.wave['id']}", name=f"Wave {number}")
    elif what == "risk":
        change(board.lead, f"/v1/risks/{board.risk['id']}", impact=1 + number % 5)
    elif what == "narrative":
        changes = {"rag": "red", "rag_narrative": f"{number}", "path_to_green": "None"}
        change(board.lead, f"/v1/programmes/{board.programme['id']}", **changes)
    elif what == "title":
        change(board.lead, f"/v1/programmes/{board.programme['id']}", title=f"P {number}")
    elif what == "report":
        board.edit(board.first, lessons=f"{number}")
        board.freeze_report(BEDS, lessons=f"{number}")
    elif what == "milestone":
        board.add("milestones", name=f"M {number}", planned_date="2026-12-24")
    else:
        made = system(board.beds, f"Roster {number} of {next(_COUNT)}", disclosure="agreement")
        board.move(made)


def test_approval_is_refused_when_a_reader_lost_access_since_the_draft(board) -> None:
    report = board.draft_report(BEDS)
    assert board.document(report)["content"]["withheld"]["migrations"] == 0
    change(board.lead, f"/v1/systems/{board.ours['id']}", disclosure="owner_only")
    refused = board.approve_report(report)
    assert refused.status_code == 409
    assert refused.json["errors"][0]["code"] == "outdated"
    board.lead.post(f"{REPORTS}/{report['id']}/refresh")
    assert board.approve_report(report).status_code == 200
    assert board.document(report, by=board.beds)["content"]["withheld"]["migrations"] == 1
    assert board.herts.get(f"{REPORTS}/{report['id']}").status_code == 404
    assert HERTS not in report["audience"]
