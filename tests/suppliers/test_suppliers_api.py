"""Suppliers and products: a shared register, in which agencies change their own records."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.suppliers.models import Product, Supplier
from catalogue.suppliers.operations import load_products, load_suppliers
from tests.api_calls import answer, change, listed, read, refusals
from tests.factories import BEDS, CAMBS, READ_WRITE, record
from tests.unsaved import CheckedClient

SignIn = Callable[[str | None, str], CheckedClient]

SUPPLIERS, PRODUCTS = "/v1/suppliers", "/v1/products"


@pytest.fixture
def beds(sign_in: SignIn) -> CheckedClient:
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def cambs(sign_in: SignIn) -> CheckedClient:
    return sign_in(CAMBS, READ_WRITE)


@pytest.fixture
def admin(sign_in: SignIn) -> CheckedClient:
    return sign_in(None, f"admin {READ_WRITE}")


def supplier(api: CheckedClient, name: str = "NEC", **fields: Any) -> dict[str, Any]:
    return record(api, SUPPLIERS, name=name, **fields)


def product(api: CheckedClient, supplier_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return record(api, PRODUCTS, supplier_id=supplier_id, name=name, **fields)


def test_created_supplier_and_product_return_every_field(beds: CheckedClient) -> None:
    of_supplier = {
        "name": "NEC Software Solutions UK",
        "aliases": ["Northgate", "NPS"],
        "identifiers": [{"scheme": "GB-COH", "id": "00968498"}],
    }
    created = supplier(beds, **of_supplier)
    assert created | of_supplier | {"recorded_by": BEDS} == created
    assert read(beds, f"{SUPPLIERS}/{created['id']}") == created
    assert answer(change(beds, f"{SUPPLIERS}/{created['id']}", **of_supplier)) == created
    of_product = {
        "supplier_id": created["id"],
        "name": "NEC CONNECT",
        "aliases": ["Athena"],
        "end_of_support": "2030-12-31",
    }
    created_product = record(beds, PRODUCTS, **of_product)
    assert (
        created_product | of_product | {"supplier_name": created["name"], "recorded_by": BEDS}
        == created_product
    )
    assert read(beds, f"{PRODUCTS}/{created_product['id']}") == created_product
    assert (
        answer(change(beds, f"{PRODUCTS}/{created_product['id']}", **of_product)) == created_product
    )


def test_name_differing_only_in_spelling_is_taken(
    beds: CheckedClient, cambs: CheckedClient
) -> None:
    first = supplier(beds, "Café  Systems")
    second = supplier(beds, "Niche")
    for name in ("Café  Systems", "CAFE SYSTEMS", " cafe\tsystems ", "ＣＡＦÉ systems"):
        refused = cambs.post(SUPPLIERS, json={"name": name})
        assert refusals(refused, 409) == {("/name", "taken")}, name
    renamed = change(beds, f"{SUPPLIERS}/{second['id']}", name="cafe systems")
    assert refusals(renamed, 409) == {("/name", "taken")}
    assert change(beds, f"{SUPPLIERS}/{first['id']}", name="CAFE Systems").status_code == 200
    product(beds, first["id"], "Roster")
    product(beds, second["id"], "Roster")
    again = cambs.post(PRODUCTS, json={"supplier_id": first["id"], "name": "ROSTER"})
    assert refusals(again, 409) == {("/name", "taken")}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param(
            {"supplier_id": "00000000-0000-7000-8000-000000000000"},
            ("/supplier_id", "unknown"),
            id="unknown_supplier",
        ),
        pytest.param(
            {"supplier_id": "NEC"}, ("/supplier_id", "invalid_uuid"), id="supplier_by_name"
        ),
        pytest.param({"supplier_id": None}, ("/supplier_id", "null"), id="null_supplier"),
        pytest.param({"aliases": ["a", "a"]}, ("/aliases/1", "repeated"), id="repeated_alias"),
        pytest.param(
            {"end_of_support": "2030-13-01"}, ("/end_of_support", "invalid"), id="month_13"
        ),
        pytest.param(
            {"recorded_by": CAMBS}, ("/recorded_by", "unknown_field"), id="recorded_by_given"
        ),
    ],
)
def test_invalid_product_is_refused_on_create_and_change(
    beds: CheckedClient, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    maker = supplier(beds)["id"]
    created = product(beds, maker, "Kept")
    assert refusals(beds.post(PRODUCTS, json={"supplier_id": maker, "name": "New"} | fields)) == {
        error
    }
    assert refusals(change(beds, f"{PRODUCTS}/{created['id']}", **fields)) == {error}
    assert listed(beds, PRODUCTS) == ["Kept"]
    assert read(beds, f"{PRODUCTS}/{created['id']}") == created


def test_only_recording_agency_or_administrator_changes_a_record(
    beds: CheckedClient, cambs: CheckedClient, admin: CheckedClient
) -> None:
    maker = supplier(beds)
    created_product = product(beds, maker["id"], "CONNECT")
    for path in (f"{SUPPLIERS}/{maker['id']}", f"{PRODUCTS}/{created_product['id']}"):
        before = read(cambs, path)
        assert refusals(change(cambs, path, name="Ours"), 403) == set()
        assert read(cambs, path) == before
        assert answer(change(admin, path, aliases=["By the administrator"]))
        assert answer(change(beds, path, name="Renamed"))["recorded_by"] == BEDS


def test_record_of_administrator_belongs_to_no_agency(
    beds: CheckedClient, admin: CheckedClient
) -> None:
    maker = supplier(admin)
    assert maker["recorded_by"] is None
    assert refusals(change(beds, f"{SUPPLIERS}/{maker['id']}", name="Ours"), 403) == set()
    assert product(beds, maker["id"], "CONNECT")["recorded_by"] == BEDS


def test_suppliers_and_products_are_found_by_every_name(beds: CheckedClient) -> None:
    maker = supplier(beds, "NEC", aliases=["Northgate"], identifiers=[{"scheme": "C", "id": "42"}])
    created_product = product(beds, maker["id"], "CONNECT", aliases=["Athena"])
    for q in ("nec", "NORTHGATE", "42"):
        assert listed(beds, SUPPLIERS, q=q) == ["NEC"], q
    for q in ("connect", "athena", "nec athena"):
        assert listed(beds, PRODUCTS, q=q) == ["CONNECT"], q
    assert listed(beds, SUPPLIERS, aliases="Northgate") == ["NEC"]
    assert listed(beds, SUPPLIERS, aliases="North") == []
    assert listed(beds, PRODUCTS, supplier_id=maker["id"]) == ["CONNECT"]
    change(beds, f"{PRODUCTS}/{created_product['id']}", aliases=[])
    assert listed(beds, PRODUCTS, q="athena") == []


def test_products_are_found_by_new_name_of_their_supplier(beds: CheckedClient) -> None:
    maker = supplier(beds, "Midland HR")
    product(beds, maker["id"], "iTrent")
    change(beds, f"{SUPPLIERS}/{maker['id']}", name="MHR")
    assert listed(beds, PRODUCTS, supplier_name="MHR") == ["iTrent"]
    assert listed(beds, PRODUCTS, q="mhr") == ["iTrent"]
    assert listed(beds, PRODUCTS, q="midland") == []


def test_product_moves_to_another_supplier(beds: CheckedClient) -> None:
    old, new = supplier(beds, "Capita"), supplier(beds, "SSS")
    created_product = product(beds, old["id"], "ControlWorks")
    path = f"{PRODUCTS}/{created_product['id']}"
    assert answer(change(beds, path, supplier_id=new["id"]))["supplier_name"] == "SSS"
    assert listed(beds, PRODUCTS, q="sss") == ["ControlWorks"]


def test_bulk_creation_reports_taken_names(beds: CheckedClient) -> None:
    created = beds.post(f"{SUPPLIERS}/bulk", json={"items": [{"name": "A"}, {"name": "B"}]})
    ids = [item["id"] for item in answer(created)["items"]]
    items = [{"supplier_id": each, "name": "Roster"} for each in (*ids, ids[0])]
    refused = beds.post(f"{PRODUCTS}/bulk", json={"items": items})
    assert refusals(refused) == {("/items/2/name", "taken")}
    partly = answer(beds.post(f"{PRODUCTS}/bulk?mode=partial", json={"items": items}))
    assert [item["status"] for item in partly["items"]] == [201, 201, 409]
    assert {item["recorded_by"] for item in answer(beds.get(PRODUCTS))["items"]} == {BEDS}


def reload(session: Session) -> list[tuple[int, int]]:
    session.expire_all()
    counts = [load_suppliers(session), load_products(session)]
    session.commit()
    return counts


def test_reloading_suppliers_and_products_restores_changed_ones(
    admin: CheckedClient, beds: CheckedClient, session: Session
) -> None:
    numbers = [session.scalar(sa.select(sa.func.count(model.id))) for model in (Supplier, Product)]
    assert numbers == [0, 0]
    new = reload(session)
    numbers = [session.scalar(sa.select(sa.func.count(model.id))) for model in (Supplier, Product)]
    assert new == [(number, 0) for number in numbers]
    assert reload(session) == [(0, 0), (0, 0)]

    own = supplier(beds, "Ours alone")
    [maker] = answer(admin.get(SUPPLIERS, query_string={"name": "MHR"}))["items"]
    [created_product] = answer(admin.get(PRODUCTS, query_string={"name": "MHR iTrent"}))["items"]
    assert maker["aliases"]
    change(admin, f"{SUPPLIERS}/{maker['id']}", aliases=["Wrong"], identifiers=[])
    change(admin, f"{PRODUCTS}/{created_product['id']}", aliases=[], end_of_support="2001-01-01")
    assert reload(session) == [(0, 1), (0, 1)]
    for path, before in ((SUPPLIERS, maker), (PRODUCTS, created_product)):
        after = read(admin, f"{path}/{before['id']}")
        assert after | {"updated_at": ""} == before | {"updated_at": ""}
    assert listed(admin, PRODUCTS, q="itrent") == ["MHR iTrent"]
    assert read(beds, f"{SUPPLIERS}/{own['id']}") == own
