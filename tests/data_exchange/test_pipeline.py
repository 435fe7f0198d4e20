"""The public pipeline shows published entries to everyone, and reveals nothing else."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from environs import EnvError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue.core import clock
from catalogue.core.config import Settings
from tests.api_calls import change
from tests.data_exchange.ocds_standard import faults_of, package_faults, with_schema
from tests.factories import agency, record
from tests.unsaved import CheckedClient

SignIn = Callable[[str, str], CheckedClient]

JSON, CSV, OCDS = "/v1/pipeline", "/v1/pipeline?format=csv", "/v1/pipeline/ocds"
WAYS = (JSON, f"{JSON}?total=true&sort=-updated_at", f"{JSON}?q=duties", CSV, OCDS)
ENTRIES = "/v1/pipeline-entries"
ENDING = {"kind": "contract_ending", "title": "Duties", "contract_end": "2029-03-31"}
FULL = ENDING | {
    "description": "Rosters =1+1\nfor all.",
    "category": "services",
    "cpv": "48450000",
    "estimated_value": "123456789012.34",
    "contract_start": "2024-04-01",
    "max_extent_date": "2031-03-31",
    "procurement_route": "framework_call_off",
    "regime": "pcr_2015",
    "planned_notice_date": "2028-04-01",
    "contact": "procurement@beds.example",
    "supplier": "Acme",
    "supplier_shown": True,
}


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A client of the publishing agency."""
    return sign_in("bedfordshire-police", "contracts:read contracts:write")


def publish(api: CheckedClient, **fields: Any) -> str:
    """Publish an entry, and return the path at which its agency reads it."""
    path = f"{ENTRIES}/{record(api, ENTRIES, **ENDING | fields)['id']}"
    assert api.post(f"{path}/publication").status_code == 200
    return path


def csv_text(answer: TestResponse) -> str:
    """Return a CSV file as text."""
    assert answer.status_code == 200, answer.text
    return answer.data.decode("utf-8-sig")


def responses(client: FlaskClient) -> list[tuple[int, bytes, str | None]]:
    """Return the public responses in every form."""
    received = [client.get(way) for way in WAYS]
    return [(each.status_code, each.data, each.headers.get("ETag")) for each in received]


def items(client: FlaskClient, **query: str) -> list[dict[str, Any]]:
    """Return the listed entries."""
    answer: Any = client.get(JSON, query_string=query).json
    return list(answer["items"])


def test_anyone_reads_published_entries(client: FlaskClient, api: CheckedClient) -> None:
    publish(api, **FULL)
    (item,) = items(client)
    expected = FULL | {"buyer": "bedfordshire-police", "currency": "GBP", "ocid": None}
    del expected["supplier_shown"]
    assert {name: item[name] for name in expected} == expected
    assert set(item) - set(expected) == {"id", "buyer_name", "published_at", "updated_at"}


def test_unpublished_entries_do_not_change_public_responses(
    client: FlaskClient, api: CheckedClient, sign_in: SignIn
) -> None:
    kept = publish(api, supplier="Hidden Ltd")
    before = responses(client)
    other = sign_in("kent-police", "contracts:read contracts:write")
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        record(api, ENTRIES, **ENDING | {"title": "Draft duties"})
        taken_back = publish(other, title="Duties of Kent")
        assert responses(client) != before
        other.post(f"{taken_back}/withdrawal")
        # Hidden fields of a published entry do not appear either.
        assert change(api, kept, supplier="Another hidden").status_code == 200
        assert responses(client) == before
    for way in WAYS:
        assert b"idden" not in client.get(way).data
    assert items(client, q="hidden") == items(client, supplier="Another hidden") == []
    assert items(client, sort="supplier", supplier__isnull="false") == []


def test_public_id_and_dates_do_not_reveal_the_draft(
    client: FlaskClient, api: CheckedClient
) -> None:
    draft = record(api, ENTRIES, **ENDING)
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        api.post(f"{ENTRIES}/{draft['id']}/publication")
    (item,) = items(client)
    assert item["id"] != draft["id"]
    assert item["updated_at"] == item["published_at"] > draft["created_at"]
    assert items(client, id=draft["id"]) == []
    api.post(f"{ENTRIES}/{draft['id']}/withdrawal")
    api.post(f"{ENTRIES}/{draft['id']}/publication")
    assert items(client)[0]["id"] == item["id"]


def test_pipeline_returns_304_until_an_entry_changes(
    client: FlaskClient, api: CheckedClient
) -> None:
    path = publish(api, **FULL)
    tags = {way: client.get(way).headers["ETag"] for way in WAYS}
    for way, tag in tags.items():
        answer = client.get(way, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
        headed = client.head(way)
        assert (headed.status_code, headed.data) == (200, b"")
        assert headed.headers["ETag"] == tag
        assert int(headed.headers["Content-Length"]) == len(client.get(way).data)
        for each in (answer, headed):
            assert each.headers["Cache-Control"] == "public, max-age=300"
            assert each.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in each.headers
            assert "Set-Cookie" not in each.headers
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        change(api, path, title="Other duties")
    for way, tag in tags.items():
        assert client.get(way, headers={"If-None-Match": tag}).status_code == 200
    (item,) = items(client)
    assert item["updated_at"] > item["published_at"]


def test_pipeline_ignores_tokens(client: FlaskClient, api: CheckedClient, sign_in: SignIn) -> None:
    publish(api)
    publish(sign_in("kent-police", "contracts:write"), title="Custody")
    assert responses(client) == responses(api)
    wrong = client.get(JSON, headers={"Authorization": "Bearer nonsense"})
    assert wrong.data == client.get(JSON).data


def test_pipeline_can_be_paged_and_filtered(
    client: FlaskClient, api: CheckedClient, sign_in: SignIn
) -> None:
    for number in range(5):
        publish(api, title=f"Duties {number}")
    publish(sign_in("kent-police", "contracts:write"), title="Custody")
    first: Any = client.get(f"{JSON}?limit=4&sort=title&total=true").json
    assert first["page"]["total"] == 6
    second: Any = client.get(
        f"{JSON}?limit=4&sort=title&cursor={first['page']['next_cursor']}"
    ).json
    titles = [item["title"] for item in first["items"] + second["items"]]
    assert titles == ["Custody", *(f"Duties {number}" for number in range(5))]
    for way in (f"{JSON}?", f"{CSV}&", f"{OCDS}?"):
        assert client.get(f"{way}status=draft").status_code == 400
        assert client.get(f"{way}nonsense=1").status_code == 400
    rows = list(csv.DictReader(io.StringIO(csv_text(client.get(f"{CSV}&buyer=kent-police")))))
    assert [row["title"] for row in rows] == ["Custody"]
    assert client.get(f"{OCDS}?kind=planned_procurement").status_code == 404
    assert client.get(f"{CSV}&kind=nonsense").status_code == 400


def test_csv_holds_the_same_values_as_the_list(client: FlaskClient, api: CheckedClient) -> None:
    publish(api, **FULL | {"title": '=HYPERLINK("http://x";"y"), "quoted"'})
    answer = client.get(CSV)
    assert answer.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(csv_text(answer), newline=""))
    (item,) = items(client)
    assert row["title"] == f"'{item['title']}"
    assert row["description"] == item["description"]
    moments = {name: item[name].replace("+00:00", "Z") for name in ("published_at", "updated_at")}
    item |= moments
    others = {n: "" if v is None else str(v) for n, v in item.items() if n != "title"}
    assert {name: row[name] for name in others} == others
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept"


def packages(client: FlaskClient, api: CheckedClient) -> list[dict[str, Any]]:
    """Packages of entries with many and with few fields."""
    bare = {"kind": "planned_procurement", "title": "Custody", "contract_start": "2030-01-01"}
    documents = []
    for fields in (FULL, bare | {"contract_end": None}, FULL | {"kind": "planned_procurement"}, {}):
        publish(api, **fields)
        documents.append(client.get(OCDS).json)
    return documents  # type: ignore[return-value]


def test_ocds_package_follows_the_rules_of_the_standard(
    client: FlaskClient, api: CheckedClient
) -> None:
    for package in packages(client, api):
        assert package_faults(package) == []
    ending = package["releases"][-1]
    assert ending["tag"] == ["contract"]
    (contract,) = ending["contracts"]
    assert contract["value"] == {"amount": 123456789012.34, "currency": "GBP"}
    assert contract["period"] == {
        "startDate": "2024-04-01T00:00:00Z",
        "endDate": "2029-03-31T23:59:59Z",
        "maxExtentDate": "2031-03-31T23:59:59Z",
    }
    assert [party["roles"] for party in ending["parties"]] == [["buyer"], ["supplier"]]
    assert ending["planning"]["milestones"][0]["dueDate"] == "2028-04-01T00:00:00Z"


@with_schema
def test_ocds_package_is_valid_against_the_schema(client: FlaskClient, api: CheckedClient) -> None:
    for package in packages(client, api):
        assert faults_of(package) == []


def test_ocds_package_returns_404_when_nothing_is_published(
    client: FlaskClient, session: Any
) -> None:
    agency(session, "kent-police")
    assert client.get(OCDS).status_code == 404
    assert client.get(JSON).json == {"items": [], "page": {"next_cursor": None, "has_more": False}}
    assert client.get(CSV).text.count("\r\n") == 1


def test_empty_list_may_be_cached_but_missing_package_may_not(client: FlaskClient) -> None:
    assert client.get(JSON).headers["Cache-Control"] == "public, max-age=300"
    assert client.get(OCDS).headers["Cache-Control"] == "no-store"


def test_ocds_package_uses_the_configured_ocid_prefix(store: Any, api: CheckedClient) -> None:
    publish(api)
    publish(api, ocid="ocds-h6vhtk-04a1f2")
    client = store.app_with(ocid_prefix="ocds-abc123").test_client()
    ocids = {release["ocid"][:11] for release in client.get(OCDS).json["releases"]}
    assert ocids == {"ocds-abc123", "ocds-h6vhtk"}


def test_settings_reject_malformed_ocid_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_OCID_PREFIX", "ocds-abc123")
    assert Settings.from_environment().ocid_prefix == "ocds-abc123"
    for wrong in ("abc123", "ocds-ABC123", "ocds-abc1234", "ocds-abc123-"):
        monkeypatch.setenv("CATALOGUE_OCID_PREFIX", wrong)
        with pytest.raises(EnvError):
            Settings.from_environment()
