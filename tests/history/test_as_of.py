"""As-of reads of lists, records and summaries."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalogue.core import clock
from catalogue.systems.resources import SYSTEMS
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, system
from tests.systems.full_record import FULL
from tests.unsaved import CheckedClient

PATH = "/v1/systems"
# The midnight between the two is in summer time, an hour before midnight in UTC.
YESTERDAY = datetime(2026, 6, 14, 15, 30, 0, 250, UTC)
TODAY = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)

SignIn = Callable[..., CheckedClient]
On = Callable[[datetime], AbstractContextManager[tuple[CheckedClient, CheckedClient]]]
Fields = dict[str, Any]


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def page(api: CheckedClient, **parameters: Any) -> Fields:
    return answer(api.get(PATH, query_string=parameters))


@pytest.fixture
def on(sign_in: SignIn) -> Callable[[datetime], AbstractContextManager[tuple[Any, Any]]]:
    """Freeze the clock on a day, with an owner and a stranger whose tokens are of that day."""

    @contextmanager
    def held(day: datetime) -> Iterator[tuple[CheckedClient, CheckedClient]]:
        with clock.freeze(day):
            yield sign_in(BEDS, f"{READ_WRITE} admin"), sign_in(CAMBS, READ_WRITE)

    return held


def everything_yesterday(api: CheckedClient) -> list[Fields]:
    for code in ("C07", "E01", "E04"):
        made = api.post("/v1/capabilities", json={"code": code, "name": code, "tier": "core"})
        assert made.status_code == 201
    full = system(api, **FULL | {"disclosure": "all_agencies"})
    bare = system(api, "Bare", disclosure="all_agencies")
    return [full, bare]


def change_everything(api: CheckedClient, full: Fields, bare: Fields) -> None:
    others: Fields = {
        "name": "Something else",
        "aliases": ["SE"],
        "description": "Otherwise.",
        "product_name": "Another",
        "supplier_name": "Else Ltd",
        "product_version": "0.1",
        "capabilities": ["C07"],
        "live_from": "2001-01-01",
        "end_of_support": "2030-01-01",
        "hosting": "saas",
        "criticality": "administrative",
        "functional_fit": 1,
        "technical_fit": 4,
        "disposition": "eliminate",
        "user_count": 3,
        "rto_hours": 700,
        "rpo_hours": 800,
        "classification": "official",
        "personal_data": "none",
        "dpia_status": "none",
        "retention_hold": True,
        "legacy_risk": 1,
        "business_owner": "Somebody",
        "technical_owner": "Nobody",
        "external_ids": [{"source": "other", "id": "1"}],
        "tags": ["changed"],
        "lifecycle": "sunsetting",
    }
    assert set(others) == set(FULL) - {"attributes", "disclosure", "product_id"}
    attributes = dict.fromkeys(FULL["attributes"]) | {"changed": True}
    for record, changes in (
        (full, others | {"attributes": attributes}),
        (bare, {"name": "Bare no more"}),
    ):
        changed = change(api, f"{PATH}/{record['id']}", **changes)
        assert changed.status_code == 200, changed.text
    system(api, "New today", disclosure="all_agencies")


def test_as_of_returns_list_and_record_of_that_moment(on: On) -> None:
    with on(YESTERDAY) as (api, stranger):
        full, bare = everything_yesterday(api)
        before = {
            (who, sort): page((api, stranger)[who], sort=sort, total="true")
            for who in (0, 1)
            for sort in SYSTEMS.list_parameters.sorts
        }
    with on(TODAY) as (api, stranger):
        change_everything(api, full, bare)
        for as_of in (moment(YESTERDAY), "2026-06-14", moment(TODAY - timedelta(seconds=1))):
            for (who, sort), found in before.items():
                again = page((api, stranger)[who], sort=sort, total="true", as_of=as_of)
                assert again == found, (sort, as_of)
            assert read(api, f"{PATH}/{full['id']}?as_of={as_of}") == full
        assert page(api)["items"] == page(api, as_of=moment(TODAY))["items"]
        assert listed(api, PATH, as_of="2026-06-13") == []
        assert listed(api, PATH, as_of="2026-06-15") == listed(api, PATH)


def test_as_of_filters_by_values_of_that_moment(on: On) -> None:
    with on(YESTERDAY) as (api, stranger):
        full, bare = everything_yesterday(api)
        found = {}
        for who in (0, 1):
            for name in SYSTEMS.list_parameters.filters:
                value = full[name]
                value = value[0] if isinstance(value, list) and value else value
                value = value["id"] if isinstance(value, dict) else value
                if value not in (None, []):
                    asked = str(value).lower() if isinstance(value, bool) else str(value)
                    found[who, name, asked] = listed((api, stranger)[who], PATH, **{name: asked})
        words = {
            (who, q): listed((api, stranger)[who], PATH, q=q)
            for who in (0, 1)
            for q in ("DMS", "bare")
        }
    with on(TODAY) as (api, stranger):
        change_everything(api, full, bare)
        for (who, name, asked), names in found.items():
            again = listed((api, stranger)[who], PATH, as_of=moment(YESTERDAY), **{name: asked})
            assert again == names, name
        for (who, q), names in words.items():
            assert names
            again = listed((api, stranger)[who], PATH, as_of=moment(YESTERDAY), q=q)
            assert again == names, q
        assert listed(api, PATH, as_of=moment(YESTERDAY), q="otherwise") == []


def test_as_of_list_can_be_paged(on: On) -> None:
    with on(YESTERDAY) as (api, _stranger):
        for number in range(5):
            system(api, f"System {number}")
    with on(TODAY) as (api, _stranger):
        system(api, "System 00")
        names: list[str] = []
        asked: Fields = {"limit": 2, "as_of": moment(YESTERDAY)}
        while True:
            response = api.get(PATH, query_string=asked)
            names += [item["name"] for item in answer(response)["items"]]
            cursor = answer(response)["page"]["next_cursor"]
            if cursor is None:
                break
            assert "as_of=" in response.headers["Link"]
            asked["cursor"] = cursor
        assert names == [f"System {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("then", "now", "seen"),
    [
        ("all_agencies", "all_agencies", True),
        ("owner_only", "all_agencies", False),
        ("all_agencies", "owner_only", False),
        ("all_agencies", "agreement", False),
    ],
)
def test_as_of_shows_systems_shared_both_then_and_now_only(
    on: On, then: str, now: str, seen: bool
) -> None:
    with on(YESTERDAY) as (api, stranger):
        made = system(api, "Changing", disclosure=then)
    with on(TODAY) as (api, stranger):
        change(api, f"{PATH}/{made['id']}", disclosure=now, name="Changed")
        as_of = moment(YESTERDAY)
        assert listed(stranger, PATH, as_of=as_of) == (["Changing"] if seen else [])
        found = stranger.get(f"{PATH}/{made['id']}?as_of={as_of}")
        assert found.status_code == (200 if seen else 404)
        assert listed(api, PATH, as_of=as_of) == ["Changing"]
        total = page(stranger, as_of=as_of, total="true")["page"]["total"]
        assert total == (1 if seen else 0)


def test_as_of_withholds_sensitive_fields(on: On) -> None:
    with on(YESTERDAY) as (api, stranger):
        made = system(api, "Open", disclosure="all_agencies", legacy_risk=20)
    with on(TODAY) as (api, stranger):
        change(api, f"{PATH}/{made['id']}", legacy_risk=3)
        as_of = moment(YESTERDAY)
        assert read(api, f"{PATH}/{made['id']}?as_of={as_of}")["legacy_risk"] == 20
        seen = read(stranger, f"{PATH}/{made['id']}?as_of={as_of}")
        assert seen["legacy_risk"] is None
        assert "legacy_risk" in seen["withheld"]
        assert listed(stranger, PATH, as_of=as_of, legacy_risk=20) == []
        assert listed(api, PATH, as_of=as_of, legacy_risk=20) == ["Open"]


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param("yesterday", id="word"),
        pytest.param("", id="empty"),
        pytest.param("2026-13-01", id="month-13"),
        pytest.param("2026-06-14T09:00:00", id="without-zone"),
        pytest.param("2999-01-01", id="far-future-day"),
        pytest.param("2026-06-16", id="tomorrow"),
        pytest.param("\x00" * 10, id="nul-characters"),
    ],
)
def test_as_of_rejects_malformed_or_future_moment(on: On, as_of: str) -> None:
    with on(TODAY) as (api, _stranger):
        made = system(api)
        for path in (PATH, f"{PATH}/{made['id']}"):
            response = api.get(path, query_string={"as_of": as_of})
            assert refusals(response, 400) == {("?as_of", "invalid")}, path


def test_as_of_now_equals_current_record(on: On) -> None:
    """The state that the audit log records holds everything that follows from a change."""
    with on(YESTERDAY) as (api, _stranger):
        full, bare = everything_yesterday(api)
        bare["external_ids"] = [{"source": "feed", "id": "1"}]
        for name in (n for n in FULL if n not in {"name", "lifecycle", "product_id"}):
            value = bare.get(name) if name == "external_ids" else full[name]
            changed = change(api, f"{PATH}/{bare['id']}", **{name: value})
            assert changed.status_code == 200, changed.text
            assert read(api, f"{PATH}/{bare['id']}?as_of={moment(YESTERDAY)}") == changed.json
        change(api, f"{PATH}/{bare['id']}", capabilities=[])
        api.put(f"/v1/agencies/{BEDS}/systems/feed/1", json={"name": "Fed", "lifecycle": "live"})
        api.post(f"{PATH}/{bare['id']}/attestations", json={"verdict": "confirmed"})
        assert page(api, as_of=moment(YESTERDAY)) == page(api)


def test_programme_summary_as_of_is_of_that_day(sign_in: SignIn) -> None:
    scopes = f"{READ_WRITE} programmes:read programmes:write"
    with clock.freeze(YESTERDAY):
        lead = sign_in(BEDS, scopes)
        programme = answer(
            lead.post("/v1/programmes", json={"title": "One force", "status": "active"})
        )
        systems = [system(lead, f"System {number}") for number in range(2)]
        moving = {"programme_id": programme["id"], "strategy": "rehost", "stage": "planned"}
        first = answer(
            lead.post(
                "/v1/migrations",
                json=moving | {"system_id": systems[0]["id"], "planned_date": "2026-06-14"},
            )
        )
        before = read(lead, f"/v1/programmes/{programme['id']}/summary")
    with clock.freeze(TODAY):
        lead = sign_in(BEDS, scopes)
        lead.post("/v1/migrations", json=moving | {"system_id": systems[1]["id"]})
        changed = change(
            lead, f"/v1/migrations/{first['id']}", stage="on_hold", stage_reason="No money."
        )
        assert changed.status_code == 200, changed.text
        now = read(lead, f"/v1/programmes/{programme['id']}/summary")
        then = read(lead, f"/v1/programmes/{programme['id']}/summary?as_of={moment(YESTERDAY)}")
    assert (before["total"]["value"], now["total"]["value"]) == (1, 2)
    assert then == before
    late = {each["lateness"]: each["count"] for each in now["by_lateness"]}
    assert late["late"]["value"] == 1, "its day has passed since"
