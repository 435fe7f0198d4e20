"""Every kind of blocker occurs in the demonstration, and disappears when it is resolved."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.rationalisation.vocabulary import BlockerKind
from tests.api.surface import ALL_SCOPES
from tests.api_calls import change, read
from tests.demonstration.conftest import find_system, list_items
from tests.factories import SIGNATORY, signed_in
from tests.sums import sum_of
from tests.unsaved import CheckedClient

BEDS, CAMBS, HERTS = "bedfordshire-police", "cambridgeshire-police", "hertfordshire-police"
CENTRE = "bch-shared-services"
SCENARIO_DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)

ClientOf = Callable[[str], CheckedClient]

FOUND = {
    "no_agreed_decision": (BEDS, "BEDP-017"),
    "successor_not_live": (BEDS, "BEDP-006"),
    "live_dependant": (BEDS, "BEDP-006"),
    "users_not_moved": (BEDS, "BEDP-006"),
    "contract_running": (BEDS, "BEDP-006"),
    "retention_hold": (BEDS, "BEDP-022"),
    "dpia_unanswered": (HERTS, "HERP-004"),
    "national_system": (BEDS, "BEDP-011"),
}
"""A blocked system for each kind of blocker."""


@pytest.fixture(scope="module")
def client_of(app_and_session: tuple[Flask, Session]) -> Iterator[ClientOf]:
    """`client_of(agency)`: a client with every scope, on the day of the scenario."""
    app, session = app_and_session
    clients: dict[str, CheckedClient] = {}

    def client(code: str) -> CheckedClient:
        if code not in clients:
            clients[code] = signed_in(app, session, code, ALL_SCOPES)
            session.commit()
        return clients[code]

    with clock.freeze(SCENARIO_DAY):
        yield client


def read_readiness(api: CheckedClient, external_id: str) -> dict[str, Any]:
    path = f"/v1/systems/{find_system(api, external_id)['id']}/retirement-readiness"
    return dict(read(api, path))


def list_blocker_kinds(api: CheckedClient, external_id: str) -> set[str]:
    return {each["kind"] for each in read_readiness(api, external_id)["blockers"]}


def correct(api: CheckedClient, external_id: str, **changes: Any) -> None:
    answer = change(api, f"/v1/systems/{find_system(api, external_id)['id']}", **changes)
    assert answer.status_code == 200, answer.text


def read_group(api: CheckedClient, title: str) -> dict[str, Any]:
    """Return the overlap of an agreed decision."""
    (decision,) = [each for each in list_items(api, "/v1/decisions") if each["title"] == title]
    return dict(read(api, f"/v1/overlaps/{decision['overlap_id']}/retirement-readiness"))


def test_each_kind_of_blocker_occurs(client_of: ClientOf) -> None:
    assert set(FOUND) == set(BlockerKind)
    for kind, (agency, external_id) in FOUND.items():
        assert kind in list_blocker_kinds(client_of(agency), external_id), kind


def test_one_system_is_ready_to_retire(client_of: ClientOf) -> None:
    found = read_readiness(client_of(CAMBS), "CAMP-020")
    assert (found["ready"], found["blockers"], found["withheld"]) == (True, [], [])
    assert found["earliest_date"] == "2026-11-23"


def test_duty_systems_have_a_notice_due_next_week(client_of: ClientOf) -> None:
    found = read_group(client_of(BEDS), "One duty management system for the three forces")
    assert [each["agency"] for each in found["systems"]] == [BEDS, CAMBS, HERTS]
    assert (found["ready"], found["earliest_date"]) == (False, None)
    assert (found["last_notice_date"], found["cost_of_missing_notice"]) == (
        "2026-12-01",
        sum_of("188000.00"),
    )
    assert found["not_before"] == "2027-03-31"
    assert found["missed_notices"] == []


def test_missed_notice_costs_general_ledger_another_year(client_of: ClientOf) -> None:
    found = read_group(client_of(BEDS), "One general ledger on eFinancials")
    assert (found["last_notice_date"], found["cost_of_missing_notice"]) == (
        "2026-12-03",
        sum_of("142000.00"),
    )
    [missed] = found["missed_notices"]
    assert (missed["agency"], missed["last_notice_date"]) == (HERTS, "2026-10-02")
    assert (missed["earliest_end_date"], missed["cost_of_missing_notice"]) == ("2028-03-31", None)
    assert found["not_before"] == "2028-03-31"
    [own] = read_group(client_of(HERTS), "One general ledger on eFinancials")["missed_notices"]
    assert own["cost_of_missing_notice"] == "204000.00"


def test_report_lists_notices_that_are_due(client_of: ClientOf) -> None:
    rows = list_items(client_of(BEDS), f"/v1/reports/notice-dates?agency={BEDS}&days_left__lte=40")
    assert [(r["reference"], r["days_left"], r["retiring"]) for r in rows] == [
        ("BEDP/DMS/2020", 8, 1),
        ("BEDP/FIN/2016", 10, 1),
        ("BEDP/HR/2019", 38, 0),
    ]
    assert [r["annual_value"] for r in rows] == ["188000.00", "142000.00", "236000.00"]
    shown = list_items(
        client_of(CAMBS), f"/v1/reports/notice-dates?agency={BEDS}&days_left__lte=40"
    )
    assert [r["annual_value"] for r in shown] == [None] * 3


def test_report_shows_an_overdue_notice_and_a_contract_in_a_later_term(client_of: ClientOf) -> None:
    rows = list_items(client_of(HERTS), f"/v1/reports/notice-dates?agency={HERTS}")
    found = {row["reference"]: row for row in rows}
    overdue, renewed = found["HERP/FIN/2019"], found["HERP/INT/2021"]
    assert (overdue["term_status"], overdue["window"]) == ("overdue", "too_late")
    assert (overdue["last_notice_date"], overdue["next_notice_date"]) == (
        "2026-10-02",
        "2027-10-03",
    )
    assert (renewed["end_date"], renewed["end_of_term"]) == ("2025-10-06", "2027-10-06")
    assert (renewed["last_notice_date"], renewed["window"]) == ("2027-07-06", "later")


def test_each_blocker_disappears_when_cleared(client_of: ClientOf) -> None:
    beds, herts, centre = client_of(BEDS), client_of(HERTS), client_of(CENTRE)
    duties = find_system(beds, "BEDP-006")["id"]

    (decision,) = [
        e for e in list_items(beds, "/v1/decisions?status=proposed") if e["awaiting_your_signature"]
    ]
    signed = beds.post(
        f"/v1/decisions/{decision['id']}/sign-offs",
        json={"verdict": "agreed", "content_hash": decision["content_hash"]} | SIGNATORY,
    )
    assert signed.status_code == 201, signed.text
    assert "no_agreed_decision" not in list_blocker_kinds(beds, "BEDP-017")

    correct(centre, "SSC-005", lifecycle="live", live_from="2026-11-23")
    assert "successor_not_live" not in list_blocker_kinds(beds, "BEDP-006")

    for interface in list_items(beds, f"/v1/interfaces?system_ids={duties}"):
        path = f"/v1/interfaces/{interface['id']}"
        etag = beds.get(path).headers["ETag"]
        assert beds.delete(path, headers={"If-Match": etag}).status_code == 204
    assert "live_dependant" not in list_blocker_kinds(beds, "BEDP-006")

    assert "live_dependant" in list_blocker_kinds(herts, "HERP-006")
    correct(herts, "HERP-007", lifecycle="sunsetting")
    correct(herts, "HERP-007", lifecycle="read_only_archive")
    assert "live_dependant" not in list_blocker_kinds(herts, "HERP-006")

    correct(beds, "BEDP-006", user_count=0)
    assert "users_not_moved" not in list_blocker_kinds(beds, "BEDP-006")

    uses = f"/v1/systems/{find_system(herts, 'HERP-019')['id']}/uses"
    for use in list_items(herts, f"{uses}?until__isnull=true"):
        assert change(herts, f"{uses}/{use['id']}", until="2026-11-22").status_code == 200
    assert "users_not_moved" not in list_blocker_kinds(herts, "HERP-019")

    for contract in list_items(beds, f"/v1/contracts?systems={duties}"):
        path = f"/v1/contracts/{contract['id']}"
        ended = change(beds, path, end_date="2026-11-23", renewal="none")
        assert ended.status_code == 200, ended.text
    assert read_readiness(beds, "BEDP-006")["ready"] is True

    correct(beds, "BEDP-022", retention_hold=False)
    assert "retention_hold" not in list_blocker_kinds(beds, "BEDP-022")

    correct(herts, "HERP-004", dpia_status="approved")
    assert "dpia_unanswered" not in list_blocker_kinds(herts, "HERP-004")

    correct(beds, "BEDP-011", hosting="managed_service")
    assert "national_system" not in list_blocker_kinds(beds, "BEDP-011")
