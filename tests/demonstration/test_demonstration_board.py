"""What the demonstration's board sees of its programme, as the API answers it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from catalogue.core import clock
from tests.demonstration.conftest import SignIn, items, system
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.xdist_group("demo")


def programme(board: CheckedClient) -> str:
    (found,) = items(board, "/v1/programmes")
    return str(found["id"])


def read(client: CheckedClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def move(board: CheckedClient, external_id: str) -> Any:
    """The migration of a system that the lead sees."""
    found = system(board, external_id)["id"]
    (migration,) = items(board, f"/v1/migrations?system_id={found}")
    return migration


def test_it_runs_under_an_agreement_that_its_parties_see(role: SignIn) -> None:
    (found,) = items(role("fire"), "/v1/programmes")
    agreement = read(role("fire"), f"/v1/agreements/{found['agreement_id']}")
    assert "hertfordshire-fire" in agreement["parties"]
    assert (found["rag"], bool(found["path_to_green"])) == ("amber", True)


def test_the_summary_names_what_is_late_blocked_and_silent(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/programmes/{programme(board)}/summary")
    counted = found["attention"]
    assert counted["late"] >= 6
    assert counted["silent"] >= 5
    assert counted["blocked"] == 1
    assert [each["agency"] for each in found["blocked"]] == ["hertfordshire-police"]
    assert len(found["late"]) == min(counted["late"], 10)
    assert counted["open_decisions"] == len(found["open_decisions"]) == 2
    whole = found["progress"]["whole"]
    assert 0 < whole["moved"] < whole["migrations"]
    assert whole["costs_withheld"] > 0, "fire services do not share costs with the lead"


def test_what_was_rolled_back_keeps_its_history(role: SignIn) -> None:
    board = role("board")
    migration = move(board, "HERP-008")
    assert (migration["stage"], migration["attempt"]) == ("rolled_back", 2)
    first, second = read(board, f"/v1/migrations/{migration['id']}/attempts")["attempts"]
    assert (first["planned_date"], second["rolled_back_at"]) == ("2026-09-14", None)
    assert "Fuel-card records" in first["reason"]
    stages = [e["stage"] for e in items(board, f"/v1/migrations/{migration['id']}/stages")]
    assert stages == ["in_progress", "cutover", "rolled_back"]
    gates = read(board, f"/v1/migrations/{migration['id']}/gates")["gates"]
    assert all(each["open"] for each in gates), "the next attempt begins anew"


def test_a_gate_is_open_and_another_was_waived_by_name(role: SignIn) -> None:
    board = role("board")
    gates = {
        each["gate"]: each
        for each in read(board, f"/v1/migrations/{move(board, 'CAMP-007')['id']}/gates")["gates"]
    }
    assert [each["item"] for each in gates["cutover"]["items"] if each["open"]] == [
        "go_no_go_signed"
    ]
    waived = read(board, f"/v1/migrations/{move(board, 'CAMP-006')['id']}/gates")["gates"][0]
    assert (waived["gate"], waived["waiver"]["name"]) == ("ready", "Senior responsible owner")


def test_the_order_shows_where_waves_do_not_keep_to_it(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/programmes/{programme(board)}/order")
    assert any("ResourceLink payroll" in each["path"] for each in found["conflicts"])
    assert len(found["steps"]) > 1


def test_people_are_told_and_a_sentence_may_be_published(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/migrations/{move(board, 'BEDP-006')['id']}/people")
    assert [bool(each["sent_on"]) for each in found["notices"]] == [True, False]
    assert found["public_statement"].startswith("From January 2027")
    calendar = board.get(f"/v1/programmes/{programme(board)}/calendar.ics").text
    assert "SUMMARY:Change freeze: Finance" in calendar


def test_savings_are_counted_by_what_finance_said(role: SignIn) -> None:
    board = role("board")
    savings = {e["title"]: e["status"] for e in items(board, "/v1/savings")}
    assert sorted(savings.values()) == [
        "identified",
        "identified",
        "in_delivery",
        "realised",
        "validated",
    ]
    found = read(board, f"/v1/programmes/{programme(board)}/benefits")
    total = {name: Decimal(value) for name, value in found["total"].items()}
    assert total["realised"] == Decimal("50250.55")
    assert total["validated"] == Decimal("707000.00")
    assert total["forecast"] == Decimal("1043000.00")
    assert found["went_to"] == {"returned": "9000.00", "reinvested": "41250.55"}
    shares = sum(Decimal(each["realised"]) for each in found["by_agency"])
    assert shares == total["realised"]
    assert total["dual_running"] > 0


def test_finance_alone_validates_and_not_what_it_claimed(role: SignIn) -> None:
    board, finance = role("board"), role("finance")
    (saving,) = items(board, "/v1/savings?q=hertfordshire&status=identified&sort=title")[:1]
    said = {"verdict": "validated", "name": "Head", "content_hash": saving["content_hash"]}
    path = f"/v1/savings/{saving['id']}/validation"
    assert board.post(path, json=said).status_code == 403
    refused = finance.post(path, json=said)
    assert (refused.status_code, "evidence" in refused.text) == (409, True)


def test_suppliers_see_what_was_published_and_nothing_else(role: SignIn) -> None:
    public = role("manager")
    public.environ_base.pop("HTTP_AUTHORIZATION")
    found = items(public, "/v1/pipeline")
    assert sorted(each["buyer"] for each in found) == [
        "bedfordshire-police",
        "hertfordshire-police",
    ]
    assert "register" not in public.get("/v1/pipeline.csv").text
    package = read(public, "/v1/pipeline/ocds")
    assert len(package["releases"]) == 2
    assert date.fromisoformat(package["publishedDate"][:10]) <= clock.today()
