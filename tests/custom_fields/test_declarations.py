"""Declarations of custom fields: who declares and sees them, and how they change."""

from typing import Any

import pytest

from tests.api_calls import answer, change, read, refusals
from tests.custom_fields.api_custom_fields import PATH, SYSTEMS, build_field, declare
from tests.factories import system
from tests.unsaved import CheckedClient


def keys(api: CheckedClient, **parameters: Any) -> list[str]:
    items = answer(api.get(PATH, query_string=parameters))["items"]
    return [item["key"] for item in items]


def test_declaration_is_read_listed_and_recorded(api: CheckedClient) -> None:
    body = build_field("cost_centre", description="Who pays.", label="Cost centre")
    made = api.post(PATH, json=body)
    field = answer(made)
    assert field | body == field
    assert (field["choices"], field["for_all_agencies"]) == ([], False)
    assert read(api, made.headers["Location"]) == field
    assert keys(api, type="text", for_all_agencies="false") == ["cost_centre"]
    renamed = change(api, f"{PATH}/{field['id']}", label="Cost code", description=None)
    assert (answer(renamed)["label"], answer(renamed)["description"]) == ("Cost code", None)
    events = answer(api.get(f"{PATH}/{field['id']}/history"))["items"]
    assert [event["kind"] for event in events] == ["custom_field.created", "custom_field.updated"]
    assert events[1]["changes"]["label"] == {"before": "Cost centre", "after": "Cost code"}


def test_field_of_another_agency_is_absent(api: CheckedClient, stranger: CheckedClient) -> None:
    field = declare(api, "cost_centre")
    path = f"{PATH}/{field['id']}"
    assert keys(stranger) == []
    for hidden in (path, f"{path}/history"):
        assert stranger.get(hidden).status_code == 404
    assert stranger.delete(path, headers={"If-Match": "*"}).status_code == 404
    declare(stranger, "cost_centre", "integer")
    assert keys(stranger, type="integer") == ["cost_centre"]


def test_administrator_declares_for_all_agencies(
    api: CheckedClient, stranger: CheckedClient, administrator: CheckedClient
) -> None:
    field = declare(administrator, "asset_tag", for_all_agencies=True)
    path = f"{PATH}/{field['id']}"
    for client in (api, stranger, administrator):
        assert read(client, path)["for_all_agencies"] is True
    assert refusals(change(api, path, label="Tag"), 403) == set()
    assert change(administrator, path, label="Tag").status_code == 200
    own = administrator.post(PATH, json=build_field("own"))
    assert refusals(own, 403) == set()
    for_all = api.post(PATH, json=build_field("ours", for_all_agencies=True))
    assert refusals(for_all, 403) == set()


def test_key_is_unique_within_an_agency_and_between_it_and_all(
    api: CheckedClient, stranger: CheckedClient, administrator: CheckedClient
) -> None:
    declare(api, "cost_centre")
    declare(administrator, "asset_tag", for_all_agencies=True)
    taken = {("/key", "taken")}
    for client, fields in (
        (api, build_field("cost_centre", label="Another")),
        (stranger, build_field("asset_tag", label="Another")),
        (administrator, build_field("asset_tag", label="Another", for_all_agencies=True)),
        (administrator, build_field("cost_centre", label="Another", for_all_agencies=True)),
    ):
        assert refusals(client.post(PATH, json=fields), 409) == taken


def test_label_is_unique_among_the_fields_of_an_agency(
    api: CheckedClient, administrator: CheckedClient
) -> None:
    declare(administrator, "asset_tag", for_all_agencies=True)
    field = declare(api, "cost_centre")
    taken = {("/label", "taken")}
    again = api.post(PATH, json=build_field("tag", label="ASSET  tag"))
    assert refusals(again, 409) == taken
    assert refusals(change(api, f"{PATH}/{field['id']}", label="Asset tag"), 409) == taken
    assert change(api, f"{PATH}/{field['id']}", label="COST centre").status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"key": "Cost"}, "/key", "pattern"),
        ({"key": "cost__in"}, "/key", "pattern"),
        ({"key": "cost_"}, "/key", "pattern"),
        ({"key": "c" * 51}, "/key", "too_long"),
        ({"type": "money"}, "/type", "invalid"),
        ({"record": "person"}, "/record", "invalid"),
        ({"type": "choice"}, "/choices", "incomplete"),
        ({"choices": ["A"]}, "/choices", "unexpected"),
        ({"type": "choice", "choices": ["A", "A"]}, "/choices/1", "repeated"),
        ({"type": "choice", "choices": [str(n) for n in range(101)]}, "/choices", "too_many"),
        ({"label": "Two\nlines"}, "/label", "pattern"),
    ],
)
def test_wrong_declaration_is_refused(
    api: CheckedClient, fields: dict[str, Any], pointer: str, code: str
) -> None:
    refused = api.post(PATH, json=build_field("cost_centre") | fields)
    assert refusals(refused) == {(pointer, code)}


def test_number_of_fields_is_limited(api: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.custom_fields.operations.MOST_FIELDS", 2)
    declare(api, "one")
    declare(api, "two")
    assert refusals(api.post(PATH, json=build_field("three")), 409) == {("", "too_many")}


def test_choice_in_use_cannot_be_removed(api: CheckedClient, stranger: CheckedClient) -> None:
    field = declare(api, "directorate", "choice", choices=["Crime", "Estates"])
    path = f"{PATH}/{field['id']}"
    system(stranger, attributes={"directorate": "Estates"})
    assert change(api, path, choices=["Crime", "Intelligence"]).status_code == 200
    made = system(api, attributes={"directorate": "Crime"})
    refused = change(api, path, choices=["Intelligence"])
    assert refusals(refused, 409) == {("/choices", "in_use")}
    assert "1 system of your agency" in answer(refused)["detail"]
    assert change(api, path, choices=["Crime"]).status_code == 200
    assert (
        change(api, f"{SYSTEMS}/{made['id']}", attributes={"directorate": None}).status_code == 200
    )
    assert change(api, path, choices=["Intelligence"]).status_code == 200


def test_type_changes_only_if_all_values_fit(api: CheckedClient) -> None:
    field = declare(api, "renewal")
    path = f"{PATH}/{field['id']}"
    made = system(api, attributes={"renewal": "soon"})
    for body in ({"type": "date"}, {"type": "choice", "choices": ["late"]}):
        assert refusals(change(api, path, **body), 409) == {("/type", "in_use")}
    assert change(api, path, type="choice", choices=["soon"]).status_code == 200
    assert change(api, path, type="text").status_code == 200
    assert read(api, path)["choices"] == []
    value = {"renewal": "2027-04-01"}
    assert change(api, f"{SYSTEMS}/{made['id']}", attributes=value).status_code == 200
    assert change(api, path, type="date").status_code == 200


def test_field_with_values_cannot_be_deleted(api: CheckedClient) -> None:
    field = declare(api, "cost_centre")
    path = f"{PATH}/{field['id']}"
    made = system(api, attributes={"cost_centre": "4711"})
    system(api, "Another", attributes={"cost_centre": "4712"})
    refused = api.delete(path, headers={"If-Match": "*"})
    assert refusals(refused, 409) == {("", "in_use")}
    assert "2 systems of your agency" in answer(refused)["detail"]
    for each in answer(api.get(SYSTEMS))["items"]:
        change(api, f"{SYSTEMS}/{each['id']}", attributes={"cost_centre": None})
    etag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": etag}).status_code == 204
    assert api.get(path).status_code == 404
    history = answer(api.get(f"{PATH}/{field['id']}/history"))["items"]
    assert [event["kind"] for event in history] == ["custom_field.created", "custom_field.deleted"]
    assert read(api, f"{SYSTEMS}/{made['id']}")["attributes"] == {}


def test_refusal_for_all_agencies_does_not_count_their_systems(
    api: CheckedClient, administrator: CheckedClient
) -> None:
    field = declare(administrator, "asset_tag", for_all_agencies=True)
    system(api, attributes={"asset_tag": "A7"}, disclosure="owner_only")
    refused = administrator.delete(f"{PATH}/{field['id']}", headers={"If-Match": "*"})
    assert refusals(refused, 409) == {("", "in_use")}
    assert not any(character.isdigit() for character in answer(refused)["detail"])
