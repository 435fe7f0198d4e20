"""Which agencies confirm their records, and which records wait: as far as one may see them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from tests.agencies.agreeing import SCOPES, grant
from tests.recording import BEDS, CAMBS, READ_WRITE, answer, read, refusals, system
from tests.systems.confirming import confirmed_at
from tests.unsaved import CheckedClient

AGENCIES = "/v1/reports/attestations"
SYSTEMS = "/v1/reports/unattested-systems"

Fields = dict[str, Any]


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client of Bedfordshire Police."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def stranger(sign_in: Callable[..., CheckedClient]) -> CheckedClient:
    """A client of Cambridgeshire Constabulary."""
    return sign_in(CAMBS, READ_WRITE)


def confirmed(api: CheckedClient, name: str, **fields: Any) -> Fields:
    """A system whose record its owner confirmed just now."""
    made = system(api, name=name, **fields)
    said = api.post(f"/v1/systems/{made['id']}/attestations", json={"verdict": "confirmed"})
    assert said.status_code == 201, said.text
    return made


def recorded(api: CheckedClient, session: Session, **fields: Any) -> None:
    """Four systems in use, of which one is confirmed, and two that are not in use."""
    old = confirmed(api, "Old", **fields)
    confirmed_at(session, old["id"], clock.now() - timedelta(days=400))
    confirmed(api, "Fresh", **fields)
    confirmed(api, "Gone", **fields | {"lifecycle": "cancelled"})
    system(api, name="Silent", **fields)
    system(api, name="Archive", **fields | {"lifecycle": "read_only_archive"})
    system(api, name="Planned", **fields | {"lifecycle": "planned"})


def figures(api: CheckedClient, **parameters: Any) -> dict[str, Fields]:
    """The figures of each agency."""
    response = api.get(AGENCIES, query_string=parameters)
    assert response.status_code == 200, response.text
    return {item["agency"]: item for item in answer(response)["items"]}


def waiting(api: CheckedClient, **parameters: Any) -> list[str]:
    """The names of the records that wait to be confirmed."""
    response = api.get(SYSTEMS, query_string=parameters)
    assert response.status_code == 200, response.text
    return [item["name"] for item in answer(response)["items"]]


def test_an_agency_sees_how_far_it_is(api: CheckedClient, session: Session) -> None:
    recorded(api, session, disclosure="owner_only", description="Filled")
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


def test_the_records_that_wait_are_listed(api: CheckedClient, session: Session) -> None:
    recorded(api, session)
    assert waiting(api) == ["Archive", "Old", "Silent"]
    assert waiting(api, sort="-days_since,name") == ["Old", "Archive", "Silent"]
    assert waiting(api, attested_at__isnull="false") == ["Old"]
    assert waiting(api, days_since__gte=400) == ["Old"]
    assert waiting(api, days_since__gte=401) == []
    assert waiting(api, q="sil") == ["Silent"]
    [old] = read(api, f"{SYSTEMS}?attested_at__isnull=false")["items"]
    record = read(api, f"/v1/systems/{old['id']}")
    assert old["days_since"] == 400
    for name in ("name", "agency", "attested_at", "missing", "completeness", "lifecycle"):
        assert old[name] == record[name], name
    assert old["attestation_verdict"] == "confirmed"


def test_a_word_that_is_no_confirmation_leaves_it_waiting(api: CheckedClient) -> None:
    made = system(api)
    path = f"/v1/systems/{made['id']}/attestations"
    assert api.post(path, json={"verdict": "not_ours", "comment": "Sold."}).status_code == 201
    assert waiting(api, attestation_verdict="not_ours") == [made["name"]]
    assert figures(api)[BEDS]["never_confirmed"] == 1


def test_what_is_hidden_is_not_counted(
    api: CheckedClient, session: Session, stranger: CheckedClient
) -> None:
    recorded(api, session, disclosure="owner_only")
    assert figures(stranger) == {}
    assert waiting(stranger) == []
    for path in (AGENCIES, SYSTEMS):
        assert read(stranger, f"{path}?total=true")["page"]["total"] == 0
    system(api, name="Open", disclosure="all_agencies")
    assert figures(stranger)[BEDS]["in_use"] == 1
    assert waiting(stranger) == ["Open"]


def test_what_is_seen_in_summary_is_counted_and_no_more(
    api: CheckedClient,
    session: Session,
    stranger: CheckedClient,
    sign_in: Callable[..., CheckedClient],
) -> None:
    recorded(api, session, disclosure="owner_only")
    confirmed(stranger, "Ours")
    grant(sign_in(BEDS, SCOPES), field_profile="summary")
    found = figures(stranger)[BEDS]
    assert (found["in_use"], found["withheld"]) == (4, 4)
    assert (found["confirmed"], found["due"], found["never_confirmed"]) == (0, 0, 0)
    assert found["average_completeness"] is None
    assert waiting(stranger) == []
    for parameters in ({"due__gte": 1}, {"average_completeness__gte": 0}):
        assert BEDS not in figures(stranger, **parameters)
    grant(sign_in(BEDS, SCOPES), field_profile="standard")
    assert figures(stranger)[BEDS] == figures(api)[BEDS]
    assert waiting(stranger, agency=BEDS) == ["Archive", "Old", "Silent"]


def test_agencies_can_be_put_in_order(
    api: CheckedClient, session: Session, stranger: CheckedClient
) -> None:
    recorded(api, session, disclosure="all_agencies")
    confirmed(stranger, "Ours", disclosure="all_agencies")
    assert list(figures(api)) == [BEDS, CAMBS]
    assert list(figures(api, sort="due")) == [CAMBS, BEDS]
    assert list(figures(api, sort="-in_use", limit=1)) == [BEDS]
    assert list(figures(api, agency=CAMBS)) == [CAMBS]
    assert list(figures(api, never_confirmed__gte=1)) == [BEDS]


def test_it_needs_a_scope(sign_in: Callable[..., CheckedClient]) -> None:
    for path in (AGENCIES, SYSTEMS):
        assert refusals(sign_in(BEDS, "agencies:read").get(path), 403) == set()
