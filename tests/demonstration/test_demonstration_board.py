"""The demonstration's programme as its board sees it through the API."""

from datetime import date
from decimal import Decimal
from typing import Any

from catalogue.core import clock
from tests.demonstration.conftest import SignIn, find_system, list_items
from tests.sums import sum_of
from tests.unsaved import CheckedClient


def find_programme_id(board: CheckedClient) -> str:
    (found,) = list_items(board, "/v1/programmes")
    return str(found["id"])


def read(client: CheckedClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def find_migration(board: CheckedClient, external_id: str) -> Any:
    """Return the migration of a system that the lead sees."""
    found = find_system(board, external_id)["id"]
    (migration,) = list_items(board, f"/v1/migrations?system_id={found}")
    return migration


def test_parties_see_agreement_of_the_programme(role: SignIn) -> None:
    (found,) = list_items(role("fire"), "/v1/programmes")
    agreement = read(role("fire"), f"/v1/agreements/{found['agreement_id']}")
    assert "hertfordshire-fire" in agreement["parties"]
    assert (found["rag"], bool(found["path_to_green"])) == ("amber", True)


def test_summary_names_late_blocked_and_overdue_migrations(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/programmes/{find_programme_id(board)}/summary")
    counted = found["attention"]
    assert counted["late"]["value"] >= 6
    assert counted["update_overdue"]["value"] >= 5
    assert counted["blocked"]["value"] == 1
    assert [each["agency"] for each in found["blocked"]] == ["hertfordshire-police"]
    assert len(found["late"]) == min(counted["late"]["value"], 10)
    assert counted["open_decisions"] == len(found["open_decisions"]) == 2
    whole = found["progress"]["total"]
    assert 0 < whole["moved"]["value"] < whole["migrations"]["value"]
    assert whole["cost"]["withheld"] > 0, "fire services do not share costs with the lead"


def test_rolled_back_migration_keeps_its_attempts(role: SignIn) -> None:
    board = role("board")
    migration = find_migration(board, "HERP-008")
    assert (migration["stage"], migration["attempt"]) == ("rolled_back", 2)
    first, second = read(board, f"/v1/migrations/{migration['id']}/attempts")["attempts"]
    assert (first["planned_date"], second["rolled_back_at"]) == ("2026-09-14", None)
    assert "Fuel-card records" in first["reason"]
    stages = [e["stage"] for e in list_items(board, f"/v1/migrations/{migration['id']}/stages")]
    assert stages == ["in_progress", "cutover", "rolled_back"]
    gates = read(board, f"/v1/migrations/{migration['id']}/gates")["gates"]
    assert not any(each["passed"] for each in gates), "the next attempt starts again"


def test_one_gate_is_open_and_another_waived_by_name(role: SignIn) -> None:
    board = role("board")
    gates = {
        each["gate"]: each
        for each in read(board, f"/v1/migrations/{find_migration(board, 'CAMP-007')['id']}/gates")[
            "gates"
        ]
    }
    assert [each["item"] for each in gates["cutover"]["items"] if each["outstanding"]] == [
        "go_no_go_signed"
    ]
    waived = read(board, f"/v1/migrations/{find_migration(board, 'CAMP-006')['id']}/gates")[
        "gates"
    ][0]
    assert (waived["gate"], waived["waiver"]["name"]) == ("ready", "Senior responsible owner")


def test_order_shows_conflicts_with_waves(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/programmes/{find_programme_id(board)}/order")
    assert any("ResourceLink payroll" in each["path"] for each in found["conflicts"])
    assert len(found["steps"]) > 1


def test_migration_has_notices_and_public_statement(role: SignIn) -> None:
    board = role("board")
    found = read(board, f"/v1/migrations/{find_migration(board, 'BEDP-006')['id']}/people")
    assert [bool(each["sent_on"]) for each in found["notices"]] == [True, False]
    assert found["public_statement"].startswith("From January 2027")
    calendar = board.get(f"/v1/programmes/{find_programme_id(board)}/calendar.ics").text
    assert "SUMMARY:Change freeze: Finance" in calendar


def test_benefits_count_savings_by_their_validation(role: SignIn) -> None:
    board = role("board")
    savings = {e["title"]: e["status"] for e in list_items(board, "/v1/savings")}
    assert sorted(savings.values()) == [
        "identified",
        "identified",
        "in_delivery",
        "realised",
        "validated",
    ]
    found = read(board, f"/v1/programmes/{find_programme_id(board)}/benefits")
    total = {name: Decimal(each["value"]) for name, each in found["total"].items()}
    assert total["realised"] == Decimal("50250.55")
    assert total["validated"] == Decimal("707000.00")
    assert total["forecast"] == Decimal("1043000.00")
    assert found["use_of_saving"] == {
        "returned": sum_of("9000.00"),
        "reinvested": sum_of("41250.55"),
    }
    shares = sum(Decimal(each["realised"]["value"]) for each in found["by_agency"])
    assert shares == total["realised"]
    assert total["dual_running"] > 0


def test_only_finance_can_validate_and_saving_needs_evidence(role: SignIn) -> None:
    board, finance = role("board"), role("finance")
    (saving,) = list_items(board, "/v1/savings?q=hertfordshire&status=identified&sort=title")[:1]
    validation = {"verdict": "validated", "name": "Head", "content_hash": saving["content_hash"]}
    path = f"/v1/savings/{saving['id']}/validation"
    assert board.post(path, json=validation).status_code == 403
    refused = finance.post(path, json=validation)
    assert (refused.status_code, "evidence" in refused.text) == (409, True)


def test_suppliers_see_only_published_pipeline_entries(role: SignIn) -> None:
    public = role("manager")
    public.environ_base.pop("HTTP_AUTHORIZATION")
    found = list_items(public, "/v1/pipeline")
    assert sorted(each["buyer"] for each in found) == [
        "bedfordshire-police",
        "hertfordshire-police",
    ]
    assert "register" not in public.get("/v1/pipeline?format=csv").text
    package = read(public, "/v1/pipeline/ocds")
    assert len(package["releases"]) == 2
    assert date.fromisoformat(package["publishedDate"][:10]) <= clock.today()


def test_frozen_report_never_prints_zero_for_withheld_sums(role: SignIn) -> None:
    reader = role("manager")
    (report,) = list_items(reader, "/v1/highlight-reports?status=approved")
    content = read(reader, f"/v1/highlight-reports/{report['id']}/document")["content"]
    sums = [*content["costs"]["total"].values(), content["progress"]["total"]["cost"]]
    assert all(each["value"] is None and each["withheld"] for each in sums)
    page = reader.get(f"/v1/highlight-reports/{report['id']}/document.html").text
    assert "withheld: not every reader may see all of it" in page
    assert "£0" not in page
    assert "0 of 3" in page
