"""Systems like another one, recorded or not yet, as far as one sees them."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.similar import operations
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Lifecycle
from tests.agencies.agreeing import SignIn, agree, agreement
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, capability, product, system
from tests.recording import READ_WRITE, Fields, answer, record, refusals
from tests.stores import Store
from tests.unsaved import CheckedClient

READS = f"{READ_WRITE} overlaps:read agencies:read agencies:write"
ASK = "/v1/systems/similar"


def found(api: CheckedClient, of: System | str, **fields: Any) -> list[Fields]:
    """What is like a recorded system, or like one of that name."""
    if isinstance(of, System):
        response = api.get(f"/v1/systems/{of.id}/similar", query_string=fields)
    else:
        response = api.post(ASK, json={"name": of} | fields)
    assert response.status_code == 200, response.text
    return list(answer(response)["items"])


def names(items: list[Fields]) -> list[str]:
    return [item["system_name"] for item in items]


def test_what_others_have_is_told_before_it_is_recorded(sign_in: SignIn, session: Session) -> None:
    registered = product(session, "Duty Management System", "Northgate", "DMS")
    theirs = system(session, CAMBS, "Duties", product_id=registered.id)
    system(session, CAMBS, "Fleet")
    api = sign_in(BEDS, READS)
    (item,) = found(api, "Duty rostering", product_name="DMS")
    assert item | {"evidence": None, "score": None} == {
        "system_id": str(theirs.id),
        "system_name": "Duties",
        "agency": CAMBS,
        "agency_name": "Cambridgeshire Police",
        "is_own": False,
        "kind": "same_product",
        "score": None,
        "evidence": None,
    }
    assert 0.9 <= item["score"] <= 1
    said = "Both are the registered product Duty Management System of Northgate."
    assert said in item["evidence"]
    assert answer(api.get("/v1/systems"))["items"] == [
        each for each in answer(api.get("/v1/systems"))["items"] if each["agency"] == CAMBS
    ]


def test_each_way_to_be_alike_is_found(sign_in: SignIn, session: Session) -> None:
    registered = product(session, "Origin", "Totalmobile", "Crown Duties")
    capability(session)
    ours = system(session, BEDS, "Crown", product_id=registered.id, capabilities=["E04"])
    system(session, CAMBS, "By its id", product_id=registered.id)
    system(session, CAMBS, "By function", capabilities=["E04"])
    system(session, HERTS, "Anything", product_name="crown  DUTIES")
    system(session, HERTS, "Nothing")
    api = sign_in(BEDS, READS)
    kinds = {item["system_name"]: item["kind"] for item in found(api, ours)}
    assert kinds == {
        "By its id": "same_product",
        "Anything": "same_product",
        "By function": "same_function",
    }
    system(session, CAMBS, "Quellenbuch", product_name="Quellenbuch 7")
    assert names(found(api, "Quellenbuch")) == ["Quellenbuch"]


def test_a_double_within_one_agency_is_told(sign_in: SignIn, session: Session) -> None:
    system(session, BEDS, "Zephyrine roster", product_name="Zephyrine")
    ((name, is_own),) = {
        (item["system_name"], item["is_own"])
        for item in found(sign_in(BEDS, READS), "Zephyrine", product_name="Zephyrine")
    }
    assert (name, is_own) == ("Zephyrine roster", True)


@pytest.mark.parametrize("lifecycle", [Lifecycle.DECOMMISSIONED, Lifecycle.CANCELLED])
def test_what_is_gone_is_not_proposed(
    sign_in: SignIn, session: Session, lifecycle: Lifecycle
) -> None:
    ours = system(session, BEDS, "Zephyrine", product_name="Zephyrine", lifecycle=lifecycle)
    system(session, CAMBS, "Zephyrine")
    system(session, HERTS, "Zephyrine", lifecycle=lifecycle)
    api = sign_in(BEDS, READS)
    assert [item["agency"] for item in found(api, ours)] == [CAMBS]


def test_hidden_systems_are_not_felt(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_COMPARED", 2)
    ours = system(session, BEDS, "Zephyrine", product_name="Zephyrine")
    for number in range(2):
        system(session, CAMBS, f"Zephyrine {number}", product_name="Zephyrine")
    api, url = sign_in(BEDS, READS), f"/v1/systems/{ours.id}/similar"
    before = api.get(url)
    body = {"name": "Zephyrine", "product_name": "Zephyrine"}
    asked = api.post(ASK, json=body).data
    hidden = [
        system(
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
    assert api.post(ASK, json=body).data == asked
    unseen, absent = f"/v1/systems/{hidden[0].id}/similar", url.replace(str(ours.id), BEDS)
    assert api.get(unseen).status_code == api.get(absent).status_code == 404


def test_a_summary_is_compared_by_what_it_shows(sign_in: SignIn, session: Session) -> None:
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    recorded: list[Fields] = [
        {"aliases": ["Zephyrine Quellenbuch"]},
        {"description": "Zephyrine Quellenbuch."},
        {"product_name": "Zephyrine Quellenbuch", "product_version": "7.1"},
    ]
    for number, fields in enumerate(recorded):
        shared = Disclosure.AGREEMENT
        system(session, CAMBS, f"System {number}", disclosure=shared, **fields)
    made = agreement(beds, CAMBS, field_profile="summary")
    agree(made, beds, cambs)
    asked = {"product_name": "Zephyrine Quellenbuch", "product_version": "7.1"}
    items = found(beds, "Zephyrine Quellenbuch", **asked)
    assert names(items) == ["System 2"]
    assert not any("7.1" in said for said in items[0]["evidence"])
    made = agreement(beds, CAMBS, field_profile="standard", title="More")
    agree(made, beds, cambs)
    items = found(beds, "Zephyrine Quellenbuch", **asked)
    assert {"System 0", "System 2"} <= set(names(items))
    (whole,) = [item for item in items if item["system_name"] == "System 2"]
    assert any("7.1" in said for said in whole["evidence"])
    narrow = sign_in(BEDS, "overlaps:read")
    assert names(found(narrow, "Zephyrine Quellenbuch", **asked)) == ["System 2"]


def test_the_likeliest_come_first_and_no_more_than_asked(sign_in: SignIn, session: Session) -> None:
    registered = product(session, "Origin", "Totalmobile")
    capability(session)
    ours = system(session, BEDS, "Crown", product_id=registered.id, capabilities=["E04"])
    for number in range(12):
        system(session, CAMBS, f"Roster {number}", capabilities=["E04"])
    system(session, HERTS, "Origin", product_id=registered.id)
    api = sign_in(BEDS, READS)
    items = found(api, ours)
    assert len(items) == 10
    assert items[0]["system_name"] == "Origin"
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    assert found(api, ours, limit=2) == items[:2]
    assert len(found(api, ours, limit=50)) == 13
    for limit in ("0", "51", "x"):
        assert api.get(f"/v1/systems/{ours.id}/similar?limit={limit}").status_code == 400


def test_what_is_not_known_is_named(sign_in: SignIn, session: Session) -> None:
    system(session, BEDS, "Own")
    api = sign_in(BEDS, READS)
    body = {"name": "N", "product_id": "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"}
    response = api.post(ASK, json=body | {"capabilities": ["X9"]})
    assert refusals(response) == {("/product_id", "unknown"), ("/capabilities/0", "unknown")}
    assert refusals(api.post(ASK, json={})) == {("/name", "required")}
    assert sign_in(BEDS, READ_WRITE).post(ASK, json={"name": "N"}).status_code == 403
    assert api.post(ASK, json={"name": "-%_"}).status_code == 200
    administrator = sign_in(None, f"admin {READS}")
    assert [item["is_own"] for item in found(administrator, "Own")] == [False]


@pytest.mark.parametrize("number", [2, 30])
def test_the_number_of_queries_is_fixed(
    sign_in: SignIn, session: Session, store: Store, number: int
) -> None:
    capability(session)
    for place in range(number):
        system(session, CAMBS, f"Zephyrine {place}", capabilities=["E04"])
    api = sign_in(BEDS, READS)
    found(api, "Zephyrine")
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = store.database.reading_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        found(api, "Zephyrine", capabilities=["E04"])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert 8 <= len(asked) <= 13, asked
    # To ask takes no lock, though it is a POST.
    assert not [each for each in asked if each.startswith("BEGIN")]


def test_asking_leaves_nothing_behind(sign_in: SignIn) -> None:
    api = sign_in(BEDS, f"{READS} audit:read")
    record(api, "/v1/systems", name="Own", lifecycle="live")
    before = api.get("/v1/changes").data
    assert names(found(api, "Own")) == ["Own"]
    assert api.get("/v1/changes").data == before
