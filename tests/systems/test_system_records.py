"""Fields of a system: written values are read back, and read values can be written back."""

from datetime import timedelta
from typing import Any

import pytest

from catalogue.core import clock
from catalogue.systems.schemas import SystemCreate, SystemSchema
from catalogue.systems.vocabulary import (
    Classification,
    Criticality,
    Disposition,
    DpiaStatus,
    Hosting,
    Lifecycle,
    PersonalData,
)
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, record, system
from tests.systems.full_record import FULL
from tests.unsaved import CheckedClient

PATH = "/v1/systems"


@pytest.fixture
def full(api: CheckedClient, capabilities: list[str]) -> dict[str, Any]:
    assert set(FULL["capabilities"]) <= set(capabilities)
    return record(api, PATH, **FULL)


def test_full_example_fills_every_field() -> None:
    assert set(FULL) | {"product_id"} == set(SystemCreate().fields)


def test_created_system_is_read_back(api: CheckedClient, full: dict[str, Any]) -> None:
    assert full | FULL == full
    assert (full["agency"], full["agency_name"]) == (BEDS, "Bedfordshire Police")
    assert (full["product_id"], full["attested_at"], full["withheld"]) == (None, None, [])
    assert full["completeness"] == 100
    assert read(api, f"{PATH}/{full['id']}") == full
    [item] = answer(api.get(PATH))["items"]
    assert item == full
    assert list(full) == list(SystemSchema().fields)


@pytest.mark.parametrize("kind", ["full", "bare"])
def test_system_can_be_written_back_unchanged(
    api: CheckedClient, full: dict[str, Any], kind: str
) -> None:
    original = full if kind == "full" else system(api, name="Bare")
    writable = {name: value for name, value in original.items() if name in SystemCreate().fields}
    before = api.get(f"{PATH}/{original['id']}")
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        response = change(api, f"{PATH}/{original['id']}", **writable)
    assert response.status_code == 200, response.text
    assert response.json == before.json
    assert response.headers["ETag"] == before.headers["ETag"]


def test_each_field_can_be_changed_on_its_own(api: CheckedClient, full: dict[str, Any]) -> None:
    changes: dict[str, Any] = {
        "name": "Renamed",
        "aliases": [],
        "description": "Other",
        "product_name": "Other",
        "supplier_name": "Other",
        "product_version": "10",
        "capabilities": ["C07", "E04"],
        "lifecycle": "sunsetting",
        "live_from": "2010-04-01",
        "end_of_support": "2028-12-31",
        "hosting": "saas",
        "criticality": "administrative",
        "functional_fit": 1,
        "technical_fit": 4,
        "disposition": "eliminate",
        "user_count": 2_147_483_647,
        "rto_hours": 0,
        "rpo_hours": 8760,
        "classification": "secret",
        "personal_data": "none",
        "dpia_status": "review_due",
        "retention_hold": False,
        "legacy_risk": 0,
        "business_owner": "Other",
        "technical_owner": "Other",
        "external_ids": [{"source": "cmdb", "id": "CI2"}],
        "tags": ["b", "a"],
        "disclosure": "owner_only",
    }
    assert set(changes) | {"product_id", "attributes"} == set(SystemCreate().fields)
    expected = dict(full)
    for name, value in changes.items():
        expected[name] = value
        after = answer(change(api, f"{PATH}/{full['id']}", **{name: value}))
        expected["updated_at"] = after["updated_at"]
        assert after == expected, name


def test_null_clears_optional_fields_only(api: CheckedClient, full: dict[str, Any]) -> None:
    nullable = [name for name, field in SystemCreate().fields.items() if field.allow_none]
    after = answer(change(api, f"{PATH}/{full['id']}", **dict.fromkeys(nullable)))
    assert [name for name in nullable if after[name] is not None] == []
    assert after["completeness"] < full["completeness"]
    for name in set(FULL) - set(nullable):
        response = change(api, f"{PATH}/{full['id']}", **{name: None})
        assert refusals(response) == {(f"/{name}", "null")}


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "agency",
        "withheld",
        "completeness",
        "missing",
        "attested_at",
        "attestation_verdict",
        "attestation_due",
        "updated_at",
    ],
)
def test_read_only_field_is_rejected(api: CheckedClient, full: dict[str, Any], name: str) -> None:
    path = f"{PATH}/{full['id']}"
    assert refusals(change(api, path, **{name: full[name]})) == {(f"/{name}", "unknown_field")}


@pytest.mark.parametrize(
    ("field", "choices"),
    [
        ("hosting", Hosting),
        ("criticality", Criticality),
        ("disposition", Disposition),
        ("classification", Classification),
        ("personal_data", PersonalData),
        ("dpia_status", DpiaStatus),
        ("lifecycle", Lifecycle),
    ],
)
def test_every_choice_can_be_stored_and_found(api: CheckedClient, field: str, choices: Any) -> None:
    items = [{"name": each, "lifecycle": "live"} | {field: each} for each in choices]
    assert api.post(f"{PATH}/bulk", json={"items": items}).status_code == 200
    for each in choices:
        assert listed(api, PATH, **{field: each}) == [each]
    found = answer(api.get(PATH, query_string={"sort": field}))["items"]
    assert [item[field] for item in found] == sorted(each.value for each in choices)


def test_numbers_out_of_range_are_rejected(api: CheckedClient) -> None:
    wrong = {
        "functional_fit": 0,
        "technical_fit": 5,
        "legacy_risk": 31,
        "user_count": -1,
        "rto_hours": 8761,
        "rpo_hours": -1,
    }
    response = api.post(PATH, json={"name": "x", "lifecycle": "live"} | wrong)
    assert refusals(response) == {(f"/{name}", "out_of_range") for name in wrong}


def test_unknown_capabilities_are_rejected(api: CheckedClient, capabilities: list[str]) -> None:
    body = {"name": "x", "lifecycle": "live", "capabilities": [capabilities[0], "X99", "c07"]}
    response = api.post(PATH, json=body)
    assert refusals(response) == {("/capabilities/1", "unknown"), ("/capabilities/2", "unknown")}


def test_custom_fields_are_merged_one_by_one(api: CheckedClient) -> None:
    created = system(api, attributes={"a": 1, "b": "x", "absent": None})
    assert created["attributes"] == {"a": 1, "b": "x"}
    path = f"{PATH}/{created['id']}"
    after = answer(change(api, path, attributes={"a": None, "c": False, "d": None}))
    assert after["attributes"] == {"b": "x", "c": False}
    assert answer(change(api, path, attributes={}))["attributes"] == {"b": "x", "c": False}
    assert answer(change(api, path, attributes={"b": 2}))["attributes"] == {"b": 2, "c": False}


def test_too_many_custom_fields_are_rejected(api: CheckedClient) -> None:
    created = system(api, attributes={f"a{n}": n for n in range(50)})
    path = f"{PATH}/{created['id']}"
    assert refusals(change(api, path, attributes={"more": 1})) == {("/attributes", "too_many")}
    assert change(api, path, attributes={"a0": None, "more": 1}).status_code == 200


def test_name_is_unique_within_its_agency(api: CheckedClient, stranger: CheckedClient) -> None:
    system(api, name="Café  RMS")
    for name in ("CAFE RMS", "café rms", " Cafe\u00a0RMS "):
        refused = api.post(PATH, json={"name": name, "lifecycle": "live"})
        assert refusals(refused, 409) == {("/name", "taken")}
    assert system(stranger, name="Café RMS")["agency"] != BEDS
    other = system(api, name="Custody")
    assert refusals(change(api, f"{PATH}/{other['id']}", name="cafe rms"), 409)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ﷺ" * 200, id="ligatures"),
        pytest.param("\u1e9e" * 200, id="sharp-s"),
        pytest.param("\u0301" * 3 + "x", id="combining-accents"),
    ],
)
def test_name_that_grows_when_folded_is_accepted(api: CheckedClient, name: str) -> None:
    created = system(api, name=name)
    assert read(api, f"{PATH}/{created['id']}")["name"] == name
    again = api.post(PATH, json={"name": name, "lifecycle": "live"})
    assert refusals(again, 409) == {("/name", "taken")}


def test_search_finds_the_current_values(api: CheckedClient) -> None:
    created = system(api, aliases=["Rostering"], product_name="Crown", tags=["shift"])
    for q in ("duty", "rosterING", "crown", "shift"):
        assert listed(api, PATH, q=q) == ["Duty management"], q
    change(api, f"{PATH}/{created['id']}", name="Custody", aliases=[], product_name=None, tags=[])
    for q in ("duty", "rostering", "crown", "shift"):
        assert listed(api, PATH, q=q) == [], q
    assert listed(api, PATH, q="custody") == ["Custody"]


def test_list_fields_can_be_filtered_by_one_value(api: CheckedClient, full: dict[str, Any]) -> None:
    system(api, name="Other", tags=["rost"], aliases=["D"])
    for name, value in {
        "tags": "rostering",
        "aliases": "DMS",
        "capabilities": "E04",
        "external_ids": "CI1",
    }.items():
        assert listed(api, PATH, **{name: value}) == [full["name"]], name
        if name == "capabilities":
            [error] = api.get(PATH, query_string={name: "E0"}).json["errors"]
            assert (error["pointer"], error["code"]) == ("?capabilities", "unknown")
        else:
            assert listed(api, PATH, **{name: value[:-1]}) == [], name
