"""Completeness of a record, as it is stored and as it is computed."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.systems.completeness import (
    REQUIREMENTS,
    measure_completeness,
    requirements_for,
)
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Hosting, Lifecycle, PersonalData
from tests.api_calls import answer, change, listed
from tests.factories import system
from tests.systems.full_record import FULL
from tests.unsaved import CheckedClient

PATH = "/v1/systems"
NAMES = [needed.name for needed in REQUIREMENTS]
GONE = ("decommissioned", "cancelled")
MANY = 150


def variant(chance: random.Random, number: int, **fields: Any) -> dict[str, Any]:
    """A system with some of the fields filled."""
    body: dict[str, Any] = {"name": f"System {number}"}
    body["lifecycle"] = chance.choice([*Lifecycle]).value
    for name in NAMES:
        if name in FULL and chance.random() < 0.6:
            body[name] = FULL[name]
    if chance.random() < 0.7:
        body["hosting"] = chance.choice([*Hosting]).value
        body["personal_data"] = chance.choice([*PersonalData]).value
    return body | fields


@pytest.mark.usefixtures("capabilities")
def test_stored_completeness_agrees_with_computed_one(api: CheckedClient) -> None:
    chance = random.Random(20261122)
    items = [variant(chance, number) for number in range(MANY)]
    items.append(FULL | {"external_ids": []})
    assert api.post(f"{PATH}/bulk", json={"items": items}).status_code == 200
    rows = answer(api.get(PATH, query_string={"limit": 200}))["items"]
    assert len(rows) == MANY + 1
    for row in rows:
        assert (row["missing"], row["completeness"]) == measure_completeness(row), row
    assert {row["completeness"] for row in rows} >= {0, 100}
    assert set(NAMES) == {name for row in rows for name in row["missing"]}
    for bound in (50, 100):
        complete = listed(api, PATH, completeness__gte=bound, limit=200, fields="name")
        assert len(complete) == sum(row["completeness"] >= bound for row in rows)


RECORDS = st.fixed_dictionaries(
    {name: st.none() | st.just("x") for name in (*NAMES, "product_id")}
    | {
        "capabilities": st.just([]) | st.just(["E01"]),
        "lifecycle": st.sampled_from([*Lifecycle]),
        "hosting": st.none() | st.sampled_from([*Hosting]),
        "personal_data": st.none() | st.sampled_from([*PersonalData]),
    }
)


@given(record=RECORDS)
def test_completeness_is_a_percentage_of_needed_fields(record: dict[str, Any]) -> None:
    missing, share = measure_completeness(record)
    assert 0 <= share <= 100
    assert (share == 100) == (missing == [])
    needed = [each.name for each in requirements_for(record)]
    assert [name for name in needed if name in missing] == missing
    if record["lifecycle"] in GONE:
        assert needed == []


@given(record=RECORDS, name=st.sampled_from(sorted(set(NAMES) - {"hosting", "personal_data"})))
def test_filling_a_field_never_lowers_completeness(record: dict[str, Any], name: str) -> None:
    filled = record | {name: ["E01"] if name == "capabilities" else "x"}
    missing, share = measure_completeness(filled)
    assert share >= measure_completeness(record)[1]
    assert name not in missing


def test_live_system_needs_more_fields_than_planned_one() -> None:
    bare = dict.fromkeys((*NAMES, "product_id"))
    needed = {
        each: {requirement.name for requirement in requirements_for(bare | {"lifecycle": each})}
        for each in Lifecycle
    }
    assert needed[Lifecycle.PLANNED] < needed[Lifecycle.IMPLEMENTING] < needed[Lifecycle.LIVE]
    assert needed[Lifecycle.READ_ONLY_ARCHIVE] < needed[Lifecycle.LIVE]
    assert needed[Lifecycle.CANCELLED] == needed[Lifecycle.DECOMMISSIONED] == set()


def test_completeness_needs_no_field_of_the_full_profile() -> None:
    profiles = SYSTEMS.profiles
    assert profiles is not None
    needed_fields = {*NAMES, *(each.alternative for each in REQUIREMENTS if each.alternative)}
    needed_fields |= {name for each in REQUIREMENTS for name in each.where}
    assert needed_fields & profiles.full == set()
    assert needed_fields <= set(SYSTEMS.columns)


@pytest.mark.usefixtures("capabilities")
def test_each_filled_field_counts_towards_completeness(api: CheckedClient) -> None:
    created = system(api)
    assert (created["completeness"], len(created["missing"])) == (0, 11)
    path, left = f"{PATH}/{created['id']}", created["missing"]
    for name in left:
        after = answer(change(api, path, **{name: FULL[name]}))
        assert name not in after["missing"]
        assert after["completeness"] < 100
    # The system now has on-premise hosting and personal data, which need more fields.
    assert after["missing"] == ["end_of_support", "dpia_status"]
    after = answer(change(api, path, end_of_support="2030-01-01", dpia_status="draft"))
    assert (after["completeness"], after["missing"]) == (100, [])
    system(api, name="Bare")
    assert listed(api, PATH, sort="completeness") == ["Bare", "Duty management"]


def test_product_from_the_register_counts_as_product_name(api: CheckedClient) -> None:
    supplier = answer(api.post("/v1/suppliers", json={"name": "Acme"}))["id"]
    product = api.post("/v1/products", json={"name": "Roster", "supplier_id": supplier})
    created = system(api, product_id=answer(product)["id"])
    assert "product_name" not in created["missing"]


def test_missing_fields_are_shown_to_agencies_that_see_the_fields(
    api: CheckedClient, stranger: CheckedClient
) -> None:
    created = system(api, disclosure="all_agencies", legacy_risk=3)
    seen = answer(stranger.get(f"{PATH}/{created['id']}"))
    assert (seen["missing"], seen["completeness"]) == (created["missing"], 0)
