"""The work that waits for an agency: each count is that of the list that its path shows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.api_agreements import SignIn
from tests.api.surface import ALL_SCOPES
from tests.api_calls import Fields, read
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, add_rosters, add_system, record
from tests.rationalisation.api_decisions import confirm_overlap, propose_decision, sign_decision
from tests.unsaved import CheckedClient

PATH = "/v1/waiting"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTS = (
    "systems_to_confirm",
    "incomplete_systems",
    "overlaps_to_review",
    "decisions_to_sign",
    "notices_due",
    "late_migrations",
    "blocked_migrations",
    "imports_with_rejected_rows",
)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, because the counts change at midnight."""
    with clock.freeze(NOW):
        yield


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    """A client of Bedfordshire Police with all scopes."""
    return sign_in(BEDS, ALL_SCOPES)


@pytest.fixture
def cambs(sign_in: SignIn) -> CheckedClient:
    """A client of Cambridgeshire Constabulary with all scopes."""
    return sign_in(CAMBS, ALL_SCOPES)


def counts(api: CheckedClient) -> dict[str, int]:
    """Return the counts, after comparing each with the list at its path."""
    waiting = read(api, PATH)
    assert waiting["withheld"] == []
    for name in PARTS:
        page = api.get(f"{waiting[name]['path']}&total=true")
        assert page.status_code == 200, page.text
        assert page.json is not None
        assert page.json["page"]["total"] == waiting[name]["count"], name
    return {name: waiting[name]["count"] for name in PARTS}


def import_rows(api: CheckedClient, rows: str, *, dry_run: bool = False) -> Fields:
    """Send a file of systems."""
    file = (BytesIO(f"Name,Lifecycle\n{rows}".encode()), "systems.csv")
    form = {"dry_run": str(dry_run).lower(), "mode": "partial", "source": "cmdb"}
    sent = api.post("/v1/imports", data=form | {"file": file}, content_type="multipart/form-data")
    assert sent.status_code == 202, sent.text
    return dict(sent.json or {})


def add_migrations(lead: CheckedClient, session: Session) -> None:
    """Add a late and a blocked migration of Bedfordshire's, and a late one of Cambridgeshire's."""
    programme = record(lead, "/v1/programmes", title="Back office")
    ids = {}
    for name, code, planned in (
        ("Ledger", BEDS, "2026-10-01"),
        ("Payroll", BEDS, "2027-10-01"),
        ("Stores", CAMBS, "2026-10-01"),
    ):
        moved = add_system(session, code, name)
        session.commit()
        fields = {"system_id": str(moved.id), "strategy": "repurchase", "planned_date": planned}
        made = record(lead, "/v1/migrations", programme_id=programme["id"], **fields)
        ids[name] = made["id"]
    blocker = {"title": "No data", "migration_id": ids["Payroll"]}
    record(lead, "/v1/blockers", programme_id=programme["id"], **blocker)


def test_counts_are_those_of_the_lists_at_their_paths(
    beds: CheckedClient, cambs: CheckedClient, session: Session, run_jobs: Callable[[], None]
) -> None:
    add_migrations(cambs, session)
    for code in (BEDS, CAMBS):
        add_system(session, code, "Control room", product_name="Vision")
    systems = add_rosters(session, BEDS, CAMBS)
    overlap = confirm_overlap(session, systems)
    propose_decision(cambs, overlap, systems[1], systems[0])
    for days in (-1, 100, 130):
        end = clock.today() + timedelta(days=days + 30)
        terms = {"end_date": str(end), "notice_period_days": 30}
        contract(beds, title=f"In {days} days", reference=f"R{days}", **terms)
    with clock.freeze(NOW - timedelta(days=31)):
        import_rows(beds, "Old,nonsense\n")
        run_jobs()
    import_rows(beds, "New,nonsense\n")
    import_rows(beds, "Newer,nonsense\n", dry_run=True)
    import_rows(beds, "Newest,live\n")
    import_rows(cambs, "Foreign,nonsense\n")
    run_jobs()
    assert counts(beds) == {
        "systems_to_confirm": 5,
        "incomplete_systems": 5,
        "overlaps_to_review": 1,
        "decisions_to_sign": 1,
        "notices_due": 2,
        "late_migrations": 1,
        "blocked_migrations": 1,
        "imports_with_rejected_rows": 1,
    }
    assert counts(cambs)["late_migrations"] == 1
    assert counts(cambs)["notices_due"] == 0


def test_signed_decision_no_longer_waits(
    beds: CheckedClient, cambs: CheckedClient, session: Session
) -> None:
    systems = add_rosters(session, BEDS, CAMBS)
    overlap = confirm_overlap(session, systems)
    decision = propose_decision(cambs, overlap, systems[1], systems[0])
    assert counts(beds)["decisions_to_sign"] == 1
    assert sign_decision(beds, decision).status_code == 201
    assert counts(beds)["decisions_to_sign"] == 0
    assert counts(cambs)["decisions_to_sign"] == 1


def test_counts_without_their_scopes_are_withheld(sign_in: SignIn) -> None:
    waiting = read(sign_in(BEDS, "systems:read"), PATH)
    assert waiting["withheld"] == list(PARTS[2:])
    assert [waiting[name] for name in PARTS[2:]] == [None] * len(PARTS[2:])
    assert waiting["systems_to_confirm"] == {
        "count": 0,
        "path": f"/v1/systems?agency={BEDS}&attestation_due=true",
    }


def test_client_without_an_agency_is_refused(sign_in: SignIn) -> None:
    response = sign_in(None, ALL_SCOPES).get(PATH)
    assert response.status_code == 403
    assert response.json is not None
    assert response.json["detail"] == (
        "Work waits for an agency, and your client acts for no agency. Use the client of an agency."
    )
