"""Reports on attestations count and list only records that the agency can see."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.api_agreements import SCOPES, grant
from tests.api_calls import answer, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.systems.attestation_dates import set_attested_at
from tests.unsaved import CheckedClient

AGENCIES = "/v1/reports/attestations"
SYSTEMS = "/v1/reports/unattested-systems"

Fields = dict[str, Any]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """Freeze the clock, because 400 days ago can be 401 in summer time or after midnight."""
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client of Bedfordshire Police."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def stranger(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, READ_WRITE)


def confirm_new(api: CheckedClient, name: str, **fields: Any) -> Fields:
    """Create a system that its owner has just attested."""
    made = system(api, name=name, **fields)
    attested = api.post(f"/v1/systems/{made['id']}/attestations", json={"verdict": "confirmed"})
    assert attested.status_code == 201, attested.text
    return made


def record_systems(api: CheckedClient, session: Session, **fields: Any) -> None:
    """Create four systems in use, one of them attested, and two that are not in use."""
    old = confirm_new(api, "Old", **fields)
    set_attested_at(session, old["id"], clock.now() - timedelta(days=400))
    confirm_new(api, "Fresh", **fields)
    confirm_new(api, "Gone", **fields | {"lifecycle": "cancelled"})
    system(api, name="Silent", **fields)
    system(api, name="Archive", **fields | {"lifecycle": "read_only_archive"})
    system(api, name="Planned", **fields | {"lifecycle": "planned"})


def figures(api: CheckedClient, **parameters: Any) -> dict[str, Fields]:
    """Return the figures by agency."""
    response = api.get(AGENCIES, query_string=parameters)
    assert response.status_code == 200, response.text
    return {item["agency"]: item for item in answer(response)["items"]}


def list_unattested(api: CheckedClient, **parameters: Any) -> list[str]:
    """Return the names of the systems without a current attestation."""
    response = api.get(SYSTEMS, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


def test_attestation_report_counts_own_systems(api: CheckedClient, session: Session) -> None:
    record_systems(api, session, disclosure="owner_only", description="Filled")
    [(agency, found)] = figures(api).items()
    counts = {name: found[name] for name in found if name not in {"id", "agency", "agency_name"}}
    assert (agency, found["agency_name"]) == (BEDS, "Bedfordshire Police")
    share = counts.pop("average_completeness")
    assert counts == {
        "in_use": 4,
        "confirmed": 1,
        "due": 3,
        "never_confirmed": 2,
        "withheld": 0,
    }
    rows = read(api, "/v1/systems?lifecycle__in=live,read_only_archive")["items"]
    mean = sum(row["completeness"] for row in rows) / len(rows)
    assert abs(share - mean) <= 0.5


def test_unattested_systems_are_listed_sorted_and_filtered(
    api: CheckedClient, session: Session
) -> None:
    record_systems(api, session)
    assert list_unattested(api) == ["Archive", "Old", "Silent"]
    assert list_unattested(api, sort="-days_since,name") == ["Old", "Archive", "Silent"]
    assert list_unattested(api, attested_at__isnull="false") == ["Old"]
    assert list_unattested(api, days_since__gte=400) == ["Old"]
    assert list_unattested(api, days_since__gte=401) == []
    assert list_unattested(api, q="sil") == ["Silent"]
    [old] = read(api, f"{SYSTEMS}?attested_at__isnull=false")["items"]
    record = read(api, f"/v1/systems/{old['id']}")
    assert old["days_since"] == 400
    for name in ("name", "agency", "attested_at", "missing", "completeness", "lifecycle"):
        assert old[name] == record[name], name
    assert old["attestation_verdict"] == "confirmed"


def test_system_with_other_verdict_stays_unattested(api: CheckedClient) -> None:
    made = system(api)
    path = f"/v1/systems/{made['id']}/attestations"
    assert api.post(path, json={"verdict": "not_ours", "comment": "Sold."}).status_code == 201
    assert list_unattested(api, attestation_verdict="not_ours") == [made["name"]]
    assert figures(api)[BEDS]["never_confirmed"] == 1


def test_attestation_report_omits_hidden_systems(
    api: CheckedClient, session: Session, stranger: CheckedClient
) -> None:
    record_systems(api, session, disclosure="owner_only")
    assert figures(stranger) == {}
    assert list_unattested(stranger) == []
    for path in (AGENCIES, SYSTEMS):
        assert read(stranger, f"{path}?total=true")["page"]["total"] == 0
    system(api, name="Open", disclosure="all_agencies")
    assert figures(stranger)[BEDS]["in_use"] == 1
    assert list_unattested(stranger) == ["Open"]


def test_attestation_report_withholds_details_of_summary_systems(
    api: CheckedClient,
    session: Session,
    stranger: CheckedClient,
    sign_in: Callable[..., CheckedClient],
) -> None:
    record_systems(api, session, disclosure="owner_only")
    confirm_new(stranger, "Ours")
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    found = figures(stranger)[BEDS]
    assert (found["in_use"], found["withheld"]) == (4, 4)
    assert (found["confirmed"], found["due"], found["never_confirmed"]) == (0, 0, 0)
    assert found["average_completeness"] is None
    assert list_unattested(stranger) == []
    for parameters in ({"due__gte": 1}, {"average_completeness__gte": 0}):
        assert BEDS not in figures(stranger, **parameters)
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert figures(stranger)[BEDS] == figures(api)[BEDS]
    assert list_unattested(stranger, agency=BEDS) == ["Archive", "Old", "Silent"]


def test_attestation_report_can_be_sorted_and_filtered(
    api: CheckedClient, session: Session, stranger: CheckedClient
) -> None:
    record_systems(api, session, disclosure="all_agencies")
    confirm_new(stranger, "Ours", disclosure="all_agencies")
    assert list(figures(api)) == [BEDS, CAMBS]
    assert list(figures(api, sort="due")) == [CAMBS, BEDS]
    assert list(figures(api, sort="-in_use", limit=1)) == [BEDS]
    assert list(figures(api, agency=CAMBS)) == [CAMBS]
    assert list(figures(api, never_confirmed__gte=1)) == [BEDS]


def test_attestation_reports_require_systems_scope(sign_in: Callable[..., CheckedClient]) -> None:
    for path in (AGENCIES, SYSTEMS):
        assert refusals(sign_in(BEDS, "agencies:read").get(path), 403) == set()
