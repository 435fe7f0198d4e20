"""A hidden system looks absent in every request."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, READ_WRITE, system
from tests.systems.full_record import FULL
from tests.unsaved import CheckedClient

PATH = "/v1/systems"
OWNERS_FIELDS = [name for name in SYSTEMS.names if name in System.full_fields]
HIDDEN = ["owner_only", "agreement"]

Fields = dict[str, Any]


@pytest.fixture(params=HIDDEN)
def hidden(request: pytest.FixtureRequest, api: CheckedClient, capabilities: list[str]) -> Fields:
    """A system of Bedfordshire Police with every field filled, hidden from other agencies."""
    assert capabilities
    return system(api, **FULL | {"name": "Covert", "disclosure": request.param})


@pytest.fixture
def disclosed(api: CheckedClient) -> Fields:
    """A system that every agency can see."""
    risks = {"legacy_risk": 20, "rto_hours": 4, "rpo_hours": 1}
    return system(api, name="Open", disclosure="all_agencies", **risks)


def page(api: CheckedClient, **parameters: Any) -> dict[str, Any]:
    return answer(api.get(PATH, query_string=parameters))


def values_of(record: Fields) -> dict[str, str]:
    """Return a value for each filter that finds the record."""
    result: dict[str, str] = {}
    for name in SYSTEMS.list_parameters.filters:
        value = record[name]
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            value = value["id"]
        if value is not None:
            result[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return result


def test_owner_finds_hidden_system_by_every_filter(api: CheckedClient, hidden: Fields) -> None:
    values = values_of(hidden)
    unfilled = {"product_id", "attested_at", "attestation_verdict"}
    assert set(SYSTEMS.list_parameters.filters) - set(values) == unfilled
    for name, value in values.items():
        assert listed(api, PATH, **{name: value}) == ["Covert"], name
    assert read(api, f"{PATH}/{hidden['id']}") == hidden


def test_hidden_system_is_missing_from_strangers_lists(
    stranger: CheckedClient, hidden: Fields, disclosed: Fields
) -> None:
    for sort in SYSTEMS.list_parameters.sorts:
        result = page(stranger, sort=sort, total="true")
        assert [item["name"] for item in result["items"]] == ["Open"], sort
        assert result["page"]["total"] == 1
        assert result["page"]["has_more"] is False
    assert page(stranger, limit=1)["page"]["next_cursor"] is None


def test_hidden_system_is_not_found_by_filtering(stranger: CheckedClient, hidden: Fields) -> None:
    for name, value in values_of(hidden).items():
        for operator in ("", *(f"__{o}" for o in SYSTEMS.list_parameters.filters[name].operators)):
            argument = "false" if operator == "__isnull" else value
            result = page(stranger, total="true", **{f"{name}{operator}": argument})
            assert result == {
                "items": [],
                "page": {"next_cursor": None, "has_more": False, "total": 0},
            }, f"{name}{operator}"


def test_hidden_system_is_not_found_by_searching(
    stranger: CheckedClient, api: CheckedClient, hidden: Fields
) -> None:
    for word in ("covert", "DMS", "quotes", "crown", "rostering"):
        assert listed(api, PATH, q=word) == ["Covert"]
        assert listed(stranger, PATH, q=word) == []


def test_hidden_system_returns_the_404_of_an_unknown_id(
    stranger: CheckedClient, hidden: Fields
) -> None:
    nowhere = hidden["id"][:-4] + ("0000" if not hidden["id"].endswith("0000") else "1111")
    absent, covert = (stranger.get(f"{PATH}/{each}") for each in (nowhere, hidden["id"]))
    assert absent.status_code == covert.status_code == 404
    assert {**answer(absent), "instance": ""} == {**answer(covert), "instance": ""}


def test_hidden_system_cannot_be_written_by_strangers(
    api: CheckedClient, stranger: CheckedClient, hidden: Fields
) -> None:
    path = f"{PATH}/{hidden['id']}"
    tag = api.get(path).headers["ETag"]
    for headers in ({"If-Match": tag}, {"If-Match": "*"}):
        assert refusals(stranger.patch(path, json={"name": "x"}, headers=headers), 404) == set()
    item = {"id": hidden["id"], "etag": tag, "name": "x"}
    bulk = stranger.patch(f"{PATH}/bulk?mode=partial", json={"items": [item]})
    assert [each["status"] for each in answer(bulk)["items"]] == [404]
    assert read(api, path) == hidden


def test_hidden_system_does_not_block_its_name_or_ids_for_others(
    stranger: CheckedClient, hidden: Fields
) -> None:
    """A conflict would reveal the name and ids of the hidden system."""
    created = system(stranger, name=hidden["name"], external_ids=hidden["external_ids"])
    assert listed(stranger, PATH) == [created["name"]]


def test_owners_cursor_shows_a_stranger_nothing(
    api: CheckedClient, stranger: CheckedClient, hidden: Fields
) -> None:
    system(api, name="Second")
    cursor = page(api, limit=1)["page"]["next_cursor"]
    assert page(stranger, cursor=cursor)["items"] == []


def test_administrator_without_agency_sees_what_a_stranger_sees(
    sign_in: Callable[..., CheckedClient], hidden: Fields, disclosed: Fields
) -> None:
    admin = sign_in(None, f"admin {READ_WRITE}")
    assert listed(admin, PATH) == ["Open"]
    assert admin.get(f"{PATH}/{hidden['id']}").status_code == 404
    assert read(admin, f"{PATH}/{disclosed['id']}")["withheld"] == OWNERS_FIELDS
    body = {"name": "Ours", "lifecycle": "live"}
    for response in (
        admin.post(PATH, json=body),
        admin.post(f"{PATH}/bulk", json={"items": [body]}),
        change(admin, f"{PATH}/{disclosed['id']}", name="Ours"),
    ):
        assert refusals(response, 403) == set()


def test_disclosed_system_can_be_hidden_and_disclosed_again(
    api: CheckedClient, stranger: CheckedClient, disclosed: Fields
) -> None:
    path = f"{PATH}/{disclosed['id']}"
    tag = stranger.get(path).headers["ETag"]
    change(api, path, disclosure="owner_only")
    assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 404
    assert listed(stranger, PATH) == []
    change(api, path, disclosure="all_agencies")
    assert listed(stranger, PATH) == ["Open"]


def test_stranger_cannot_write_a_disclosed_system(
    api: CheckedClient, stranger: CheckedClient, disclosed: Fields
) -> None:
    path = f"{PATH}/{disclosed['id']}"
    assert refusals(change(stranger, path, name="Ours"), 403) == set()
    tag = stranger.get(path).headers["ETag"]
    item = {"id": disclosed["id"], "etag": tag, "name": "Ours"}
    response = stranger.patch(f"{PATH}/bulk?mode=partial", json={"items": [item]})
    assert [each["status"] for each in answer(response)["items"]] == [403]
    assert read(api, path) == disclosed


def test_sensitive_fields_are_withheld_and_listed(
    api: CheckedClient, stranger: CheckedClient, disclosed: Fields
) -> None:
    assert disclosed["withheld"] == []
    seen = read(stranger, f"{PATH}/{disclosed['id']}")
    assert seen == disclosed | dict.fromkeys(OWNERS_FIELDS) | {"withheld": OWNERS_FIELDS}
    assert page(stranger)["items"] == [seen]
    assert page(api)["items"] == [disclosed]
    [few] = page(stranger, fields=",".join(OWNERS_FIELDS))["items"]
    assert few == {"id": disclosed["id"]} | dict.fromkeys(OWNERS_FIELDS)


@pytest.mark.parametrize("name", OWNERS_FIELDS)
def test_withheld_field_is_not_found_by_filtering(
    api: CheckedClient, stranger: CheckedClient, disclosed: Fields, name: str
) -> None:
    value = disclosed[name]
    for parameter, argument in (("", value), ("__in", value), ("__gte", 0), ("__lte", 8760)):
        assert listed(api, PATH, **{f"{name}{parameter}": argument}) == ["Open"]
        assert listed(stranger, PATH, **{f"{name}{parameter}": argument}) == []
    assert listed(api, PATH, **{f"{name}__isnull": "true"}) == []
    assert listed(stranger, PATH, **{f"{name}__isnull": "true"}) == [], "it is not known"
    assert page(stranger, total="true", **{name: value})["page"]["total"] == 0


@pytest.mark.parametrize("name", OWNERS_FIELDS)
def test_withheld_field_is_not_revealed_by_sorting(
    api: CheckedClient, stranger: CheckedClient, name: str
) -> None:
    for number, value in enumerate((3, 1, 30, 2)):
        fields = {"disclosure": "all_agencies", name: value}
        system(api, name=f"System {number}", **fields)
    by_value = [f"System {number}" for number in (1, 3, 0, 2)]
    assert listed(api, PATH, sort=name) == by_value
    by_age = [f"System {number}" for number in range(4)]
    assert listed(stranger, PATH, sort=name) == by_age
    assert listed(stranger, PATH, sort=f"-{name}") == by_age[::-1]
    cursor = page(stranger, sort=name, limit=1)["page"]["next_cursor"]
    assert b"null" in base64.urlsafe_b64decode(cursor + "==")


def test_list_holds_own_and_disclosed_systems(
    api: CheckedClient, stranger: CheckedClient, hidden: Fields, disclosed: Fields
) -> None:
    system(stranger, name="Middle", disclosure="owner_only")
    assert listed(stranger, PATH) == ["Middle", "Open"]
    assert listed(api, PATH) == ["Covert", "Open"]
    assert listed(stranger, PATH, agency=BEDS) == ["Open"]
    items = page(stranger, sort="name")["items"]
    assert [item["withheld"] for item in items] == [[], OWNERS_FIELDS]
