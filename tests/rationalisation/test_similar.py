"""Similar systems over HTTP, for recorded and planned systems."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.similar import operations
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Lifecycle
from tests.agencies.api_agreements import SignIn, agree, agreement
from tests.api_calls import Fields, answer, refusals
from tests.factories import (
    BEDS,
    CAMBS,
    HERTS,
    READ_WRITE,
    add_capability,
    add_product,
    add_system,
    record,
)
from tests.stores import Store
from tests.unsaved import CheckedClient

READS = f"{READ_WRITE} overlaps:read agencies:read agencies:write"
SIMILAR = "/v1/systems/similar"


def find_similar(api: CheckedClient, of: System | str, **fields: Any) -> list[Fields]:
    """Return the systems similar to a recorded system, or to a planned system of that name."""
    if isinstance(of, System):
        response = api.get(f"/v1/systems/{of.id}/similar", query_string=fields)
    else:
        response = api.post(SIMILAR, json={"name": of} | fields)
    assert response.status_code == 200, response.text
    return list(answer(response)["items"])


def list_names(items: list[Fields]) -> list[str]:
    return [item["system_name"] for item in items]


def test_similar_systems_are_found_before_a_system_is_recorded(
    sign_in: SignIn, session: Session
) -> None:
    registered = add_product(session, "Duty Management System", "Northgate", "DMS")
    theirs = add_system(session, CAMBS, "Duties", product_id=registered.id)
    add_system(session, CAMBS, "Fleet")
    api = sign_in(BEDS, READS)
    (item,) = find_similar(api, "Duty rostering", product_name="DMS")
    assert item | {"evidence": None, "score": None} == {
        "system_id": str(theirs.id),
        "system_name": "Duties",
        "capabilities": [],
        "agency": CAMBS,
        "agency_name": "Cambridgeshire Police",
        "is_own": False,
        "kind": "same_product",
        "score": None,
        "evidence": None,
    }
    assert 0.9 <= item["score"] <= 1
    sentence = "Both are the registered product Duty Management System of Northgate."
    assert sentence in item["evidence"]
    assert answer(api.get("/v1/systems"))["items"] == [
        each for each in answer(api.get("/v1/systems"))["items"] if each["agency"] == CAMBS
    ]


def test_similar_systems_are_found_by_product_name_and_function(
    sign_in: SignIn, session: Session
) -> None:
    registered = add_product(session, "Origin", "Totalmobile", "Crown Duties")
    add_capability(session)
    ours = add_system(session, BEDS, "Crown", product_id=registered.id, capabilities=["E04"])
    add_system(session, CAMBS, "By its id", product_id=registered.id)
    add_system(session, CAMBS, "By function", capabilities=["E04"])
    add_system(session, HERTS, "Anything", product_name="crown  DUTIES")
    add_system(session, HERTS, "Nothing")
    api = sign_in(BEDS, READS)
    kinds = {item["system_name"]: item["kind"] for item in find_similar(api, ours)}
    assert kinds == {
        "By its id": "same_product",
        "Anything": "same_product",
        "By function": "same_function",
    }
    add_system(session, CAMBS, "Quellenbuch", product_name="Quellenbuch 7")
    assert list_names(find_similar(api, "Quellenbuch")) == ["Quellenbuch"]


def test_a_similar_system_of_the_same_agency_is_marked_as_own(
    sign_in: SignIn, session: Session
) -> None:
    add_system(session, BEDS, "Zephyrine roster", product_name="Zephyrine")
    ((name, is_own),) = {
        (item["system_name"], item["is_own"])
        for item in find_similar(sign_in(BEDS, READS), "Zephyrine", product_name="Zephyrine")
    }
    assert (name, is_own) == ("Zephyrine roster", True)


@pytest.mark.parametrize("lifecycle", [Lifecycle.DECOMMISSIONED, Lifecycle.CANCELLED])
def test_retired_systems_are_not_listed_as_similar(
    sign_in: SignIn, session: Session, lifecycle: Lifecycle
) -> None:
    ours = add_system(session, BEDS, "Zephyrine", product_name="Zephyrine", lifecycle=lifecycle)
    add_system(session, CAMBS, "Zephyrine")
    add_system(session, HERTS, "Zephyrine", lifecycle=lifecycle)
    api = sign_in(BEDS, READS)
    assert [item["agency"] for item in find_similar(api, ours)] == [CAMBS]


def test_hidden_systems_do_not_affect_similar_systems(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_COMPARED", 2)
    ours = add_system(session, BEDS, "Zephyrine", product_name="Zephyrine")
    for number in range(2):
        add_system(session, CAMBS, f"Zephyrine {number}", product_name="Zephyrine")
    api, url = sign_in(BEDS, READS), f"/v1/systems/{ours.id}/similar"
    before = api.get(url)
    body = {"name": "Zephyrine", "product_name": "Zephyrine"}
    by_name = api.post(SIMILAR, json=body).data
    hidden = [
        add_system(
            session,
            HERTS,
            f"{name} {number}",
            product_name="Zephyrine",
            disclosure=Disclosure.OWNER_ONLY,
        )
        for number, name in enumerate(("Zephyrine", "Aardvark", "Zephyrine roster"))
    ]
    after = api.get(url)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert len(answer(after)["items"]) == 2
    assert api.post(SIMILAR, json=body).data == by_name
    unseen, absent = f"/v1/systems/{hidden[0].id}/similar", url.replace(str(ours.id), BEDS)
    assert api.get(unseen).status_code == api.get(absent).status_code == 404


def test_similar_systems_are_compared_by_visible_fields_only(
    sign_in: SignIn, session: Session
) -> None:
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    recorded: list[Fields] = [
        {"aliases": ["Zephyrine Quellenbuch"]},
        {"description": "Zephyrine Quellenbuch."},
        {"product_name": "Zephyrine Quellenbuch", "product_version": "7.1"},
    ]
    for number, fields in enumerate(recorded):
        shared = Disclosure.AGREEMENT
        add_system(session, CAMBS, f"System {number}", disclosure=shared, **fields)
    proposed = agreement(beds, CAMBS, field_profile="summary")
    agree(proposed, beds, cambs)
    fields = {"product_name": "Zephyrine Quellenbuch", "product_version": "7.1"}
    items = find_similar(beds, "Zephyrine Quellenbuch", **fields)
    assert list_names(items) == ["System 2"]
    assert not any("7.1" in sentence for sentence in items[0]["evidence"])
    proposed = agreement(beds, CAMBS, field_profile="standard", title="More")
    agree(proposed, beds, cambs)
    items = find_similar(beds, "Zephyrine Quellenbuch", **fields)
    assert {"System 0", "System 2"} <= set(list_names(items))
    (whole,) = [item for item in items if item["system_name"] == "System 2"]
    assert any("7.1" in sentence for sentence in whole["evidence"])
    narrow = sign_in(BEDS, "overlaps:read")
    assert list_names(find_similar(narrow, "Zephyrine Quellenbuch", **fields)) == ["System 2"]


def test_similar_systems_are_sorted_by_score_and_limited(sign_in: SignIn, session: Session) -> None:
    registered = add_product(session, "Origin", "Totalmobile")
    add_capability(session)
    ours = add_system(session, BEDS, "Crown", product_id=registered.id, capabilities=["E04"])
    for number in range(12):
        add_system(session, CAMBS, f"Roster {number}", capabilities=["E04"])
    add_system(session, HERTS, "Origin", product_id=registered.id)
    api = sign_in(BEDS, READS)
    items = find_similar(api, ours)
    assert len(items) == 10
    assert items[0]["system_name"] == "Origin"
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    assert find_similar(api, ours, limit=2) == items[:2]
    assert len(find_similar(api, ours, limit=50)) == 13
    for limit in ("0", "51", "x"):
        assert api.get(f"/v1/systems/{ours.id}/similar?limit={limit}").status_code == 400


def test_finding_similar_systems_rejects_unknown_references(
    sign_in: SignIn, session: Session
) -> None:
    add_system(session, BEDS, "Own")
    api = sign_in(BEDS, READS)
    body = {"name": "N", "product_id": "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"}
    response = api.post(SIMILAR, json=body | {"capabilities": ["X9"]})
    assert refusals(response) == {("/product_id", "unknown"), ("/capabilities/0", "unknown")}
    assert refusals(api.post(SIMILAR, json={})) == {("/name", "required")}
    assert sign_in(BEDS, READ_WRITE).post(SIMILAR, json={"name": "N"}).status_code == 403
    assert api.post(SIMILAR, json={"name": "-%_"}).status_code == 200
    administrator = sign_in(None, f"admin {READS}")
    assert [item["is_own"] for item in find_similar(administrator, "Own")] == [False]


@pytest.mark.parametrize("number", [2, 30])
def test_finding_similar_systems_takes_a_fixed_number_of_queries(
    sign_in: SignIn, session: Session, store: Store, number: int
) -> None:
    add_capability(session)
    for place in range(number):
        add_system(session, CAMBS, f"Zephyrine {place}", capabilities=["E04"])
    api = sign_in(BEDS, READS)
    find_similar(api, "Zephyrine")
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = store.database.reading_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        find_similar(api, "Zephyrine", capabilities=["E04"])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert 8 <= len(statements) <= 13, statements
    # The search takes no lock, although it is a POST.
    assert not [each for each in statements if each.startswith("BEGIN")]


def test_finding_similar_systems_records_no_change(sign_in: SignIn) -> None:
    api = sign_in(BEDS, f"{READS} audit:read")
    record(api, "/v1/systems", name="Own", lifecycle="live")
    before = api.get("/v1/changes").data
    assert list_names(find_similar(api, "Own")) == ["Own"]
    assert api.get("/v1/changes").data == before
