"""Values of declared custom fields: each way of writing a system checks them."""

from typing import Any

import pytest

from catalogue.core.errors import Unprocessable
from catalogue.custom_fields.values import DeclaredField, stored_values
from catalogue.custom_fields.vocabulary import CustomFieldType
from tests.api_calls import answer, change, read, refusals
from tests.custom_fields.api_custom_fields import SYSTEMS, declare
from tests.factories import BEDS, system
from tests.unsaved import CheckedClient

MANY = tuple(f"Directorate {letter}" for letter in "ABCDEFGHIJKL")


def field(type_: str, *choices: str) -> DeclaredField:
    return DeclaredField("field", "Field", CustomFieldType(type_), choices)


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [
        ("text", " 4711 ", "4711"),
        ("text", "", ""),
        ("integer", 12, 12),
        ("integer", 12.0, 12),
        ("integer", -3, -3),
        ("decimal", "1250", "1250.00"),
        ("decimal", "1250.5", "1250.50"),
        ("decimal", "-0", "0.00"),
        ("date", "2026-04-01", "2026-04-01"),
        ("boolean", True, True),
    ],
)
def test_fitting_value_is_stored(type_: str, value: Any, stored: Any) -> None:
    found = field(type_).stored(value)
    assert (type(found), found) == (type(stored), stored)
    assert field(type_).holds(found)


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("text", 4711, "invalid"),
        ("text", "a\x00b", "control_character"),
        ("integer", "12", "invalid"),
        ("integer", True, "invalid"),
        ("integer", 3_000_000_000, "out_of_range"),
        ("decimal", 12.5, "invalid"),
        ("decimal", "12.345", "invalid"),
        ("date", "1 April 2026", "invalid"),
        ("date", "2026-02-30", "invalid"),
        ("date", "1066-10-14", "out_of_range"),
        ("boolean", "yes", "invalid"),
        ("boolean", 1, "invalid"),
        ("choice", "C", "invalid"),
    ],
)
def test_value_that_does_not_fit_is_refused(type_: str, value: Any, code: str) -> None:
    declared = {"field": field(type_, *("AB" if type_ == "choice" else ""))}
    assert not declared["field"].holds(value)
    with pytest.raises(Unprocessable) as refused:
        stored_values(declared, {"field": value}, pointer="/attributes")
    (error,) = refused.value.errors
    assert (error.pointer, error.code) == ("/attributes/field", code)
    assert "`field`" in error.detail


def test_refusal_of_a_choice_offers_the_closest_ones() -> None:
    for declared, text in (
        (field("choice", "Crime", "Estates"), "Use one of `Crime`, `Estates`."),
        (field("choice", *MANY), "Did you mean `Directorate A` or"),
    ):
        value = "directorat a"
        with pytest.raises(Unprocessable) as refused:
            stored_values({"field": declared}, {"field": value}, pointer="/attributes")
        assert text in refused.value.errors[0].detail


def test_every_wrong_value_has_its_own_error(api: CheckedClient) -> None:
    declare(api, "users_licensed", "integer")
    declare(api, "renewal", "date")
    body = {"name": "Rota", "lifecycle": "live"}
    wrong = {"users_licensed": "many", "renewal": "soon", "undeclared": "anything"}
    assert refusals(api.post(SYSTEMS, json=body | {"attributes": wrong})) == {
        ("/attributes/users_licensed", "invalid"),
        ("/attributes/renewal", "invalid"),
    }


def test_every_way_of_writing_checks_values(api: CheckedClient, stranger: CheckedClient) -> None:
    declare(api, "licences", "integer")
    made = system(api, attributes={"licences": 5, "note": "as before"})
    path = f"{SYSTEMS}/{made['id']}"
    wrong = {"attributes": {"licences": "five"}}
    expected = {("/attributes/licences", "invalid")}
    assert refusals(change(api, path, **wrong)) == expected
    feed = f"/v1/agencies/{BEDS}/systems/cmdb/CI1"
    full = {"name": "Fed", "lifecycle": "live"} | wrong
    assert refusals(api.put(feed, json=full)) == expected
    etag = api.get(path).headers["ETag"]
    items = {"items": [{"id": made["id"], "etag": etag} | wrong]}
    in_bulk = {("/items/0/attributes/licences", "invalid")}
    assert refusals(api.patch(f"{SYSTEMS}/bulk", json=items)) == in_bulk
    assert refusals(api.post(f"{SYSTEMS}/bulk", json={"items": [full]})) == in_bulk
    assert read(api, path) == made
    # Another agency has not declared the field.
    assert system(stranger, **wrong)["attributes"] == wrong["attributes"]


def test_shared_field_binds_every_agency(
    api: CheckedClient, stranger: CheckedClient, administrator: CheckedClient
) -> None:
    declare(administrator, "renewal", "date", for_all_agencies=True)
    for client in (api, stranger):
        body = {"name": "Rota", "lifecycle": "live", "attributes": {"renewal": "soon"}}
        assert refusals(client.post(SYSTEMS, json=body)) == {("/attributes/renewal", "invalid")}


def test_earlier_value_stays_until_it_is_written_again(api: CheckedClient) -> None:
    made = system(api, attributes={"licences": "about 5"})
    declare(api, "licences", "integer")
    path = f"{SYSTEMS}/{made['id']}"
    changed = answer(change(api, path, attributes={"note": "new"}))
    assert changed["attributes"] == {"licences": "about 5", "note": "new"}
    refused = change(api, path, attributes={"licences": "about 6"})
    assert refusals(refused) == {("/attributes/licences", "invalid")}
    assert answer(change(api, path, attributes={"licences": None}))["attributes"] == {"note": "new"}


def test_history_of_a_system_shows_the_value(api: CheckedClient) -> None:
    declare(api, "fee", "decimal")
    made = system(api, attributes={"fee": "10"})
    change(api, f"{SYSTEMS}/{made['id']}", attributes={"fee": "10.5"})
    events = answer(api.get(f"{SYSTEMS}/{made['id']}/history"))["items"]
    assert events[-1]["changes"]["attributes"] == {
        "before": {"fee": "10.00"},
        "after": {"fee": "10.50"},
    }
