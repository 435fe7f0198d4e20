"""Which product a name means: by any of its names, and never by a guess."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.core.actor import SYSTEM_ACTOR
from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import (
    ProductNames,
    create_product,
    create_supplier,
    load_products,
    load_suppliers,
)
from tests.recording import BEDS, READ_WRITE, answer, change, read, system
from tests.unsaved import CheckedClient


@pytest.fixture
def names(session: Session) -> ProductNames:
    """The register: two suppliers, who both sell a Roster."""
    for supplier, aliases, products in (
        ("NEC", ["Northgate", "NPS"], {"CONNECT": ["Athena"], "Roster": ["DMS"]}),
        ("Crown", ["Crown Duties"], {"Roster": ["Crown DMS"], "Athena Light": []}),
    ):
        maker = create_supplier(session, {"name": supplier, "aliases": aliases}, by=SYSTEM_ACTOR)
        session.flush()
        for name, others in products.items():
            fields = {"supplier_id": maker.id, "name": name, "aliases": others}
            create_product(session, fields, by=SYSTEM_ACTOR)
    session.commit()
    return ProductNames.of(session)


def found(names: ProductNames, product: str | None, supplier: str | None = None) -> str | None:
    resolved: Product | None = names.product(product, supplier)
    return f"{resolved.supplier.name} {resolved.name}" if resolved else None


@pytest.mark.parametrize(
    ("product", "supplier", "meant"),
    [
        ("CONNECT", None, "NEC CONNECT"),
        ("connect", None, "NEC CONNECT"),
        (" Connect ", "", "NEC CONNECT"),
        ("Athena", None, "NEC CONNECT"),
        ("ATHENA", "Northgate", "NEC CONNECT"),
        ("athena", "nps", "NEC CONNECT"),
        ("Roster", "NEC", "NEC Roster"),
        ("Roster", "CROWN duties", "Crown Roster"),
        ("DMS", None, "NEC Roster"),
        ("Roster", None, None),
        ("Roster", "Somebody else", None),
        ("CONNECT", "Somebody else", "NEC CONNECT"),
        ("CONNECT", "Crown", None),
        ("DMS", "Crown", None),
        ("CONN", None, None),
        ("CONNECT 9", None, None),
        ("NEC", None, None),
        ("", "NEC", None),
        (None, "NEC", None),
        (None, None, None),
    ],
)
def test_a_name(
    names: ProductNames, product: str | None, supplier: str | None, meant: str | None
) -> None:
    assert found(names, product, supplier) == meant


@pytest.fixture
def national(session: Session) -> ProductNames:
    """The register that comes with the product."""
    load_suppliers(session)
    load_products(session)
    session.commit()
    return ProductNames.of(session)


@pytest.mark.parametrize(
    ("product", "supplier", "meant"),
    [
        ("iTrent", "Midland HR", "MHR MHR iTrent"),
        ("Niche Records Management System", None, "Niche Technology Niche RMS"),
        ("Athena", "Northgate Public Services", "NEC Software Solutions UK NEC CONNECT"),
        ("Agresso", None, "Unit4 Unit4 ERP"),
        ("Oracle E-Business Suite", "Oracle", "Oracle Oracle E-Business Suite"),
        ("Oracle EBS", "Oracle Corporation", "Oracle Oracle E-Business Suite"),
        ("t-Police", "Capgemini", "Capgemini Capgemini t-Police"),
        ("Oracle E-Business Suite", "Capgemini", None),
        ("t-Police", "Oracle", None),
    ],
)
def test_names_that_people_write(
    national: ProductNames, product: str, supplier: str | None, meant: str | None
) -> None:
    assert found(national, product, supplier) == meant


def test_a_solution_is_not_the_product_that_it_is_built_on(national: ProductNames) -> None:
    assert found(national, "t-Police") != found(national, "Oracle E-Business Suite")


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient], names: ProductNames) -> CheckedClient:
    assert names.products
    return sign_in(BEDS, READ_WRITE)


def named(api: CheckedClient, identity: str | None) -> str | None:
    return None if identity is None else read(api, f"/v1/products/{identity}")["name"]


def changed(api: CheckedClient, made: dict[str, Any], **changes: Any) -> str | None:
    """The name of the product that a system is linked to after a change."""
    response = change(api, f"/v1/systems/{made['id']}", **changes)
    assert response.status_code == 200, response.text
    return named(api, answer(response)["product_id"])


def test_a_system_is_linked_by_the_names_it_gives(api: CheckedClient) -> None:
    made = system(api, product_name="athena", supplier_name="Northgate")
    assert named(api, made["product_id"]) == "CONNECT"
    assert (made["product_name"], made["supplier_name"]) == ("athena", "Northgate")
    assert changed(api, made, product_name="Roster") == "Roster"
    assert changed(api, made, supplier_name="Unknown Ltd") is None
    assert changed(api, made, supplier_name="Crown") == "Roster"
    assert changed(api, made, description="Else") == "Roster"
    assert changed(api, made, product_name=None) is None


def test_a_link_that_somebody_made_is_kept(api: CheckedClient) -> None:
    [light] = answer(api.get("/v1/products?name=Athena+Light"))["items"]
    made = system(api, product_name="Our Athena", product_id=light["id"])
    assert named(api, made["product_id"]) == "Athena Light"
    assert changed(api, made, product_name="Our Athena") == "Athena Light"
    assert changed(api, made, description="Else", supplier_name=None) == "Athena Light"
    assert changed(api, made, product_name="Athena") == "CONNECT", "it is another product now"


def test_a_name_that_was_unknown_is_tried_again(api: CheckedClient) -> None:
    made = system(api, product_name="Chronicle")
    assert made["product_id"] is None
    [crown] = answer(api.get("/v1/suppliers?name=Crown"))["items"]
    new = {"supplier_id": crown["id"], "name": "Chronicle"}
    assert api.post("/v1/products", json=new).status_code == 201
    assert changed(api, made, product_name="Chronicle") == "Chronicle"


def test_a_link_to_nothing_is_refused(api: CheckedClient) -> None:
    body = {
        "name": "Custody",
        "lifecycle": "live",
        "product_id": "00000000-0000-7000-8000-000000000000",
    }
    response = api.post("/v1/systems", json=body)
    assert response.status_code == 422
    assert answer(response)["errors"][0]["pointer"] == "/product_id"


def test_an_alias_takes_nothing_away_from_a_name(session: Session) -> None:
    load_suppliers(session)
    load_products(session)
    name = "MHR iTrent"
    before = found(ProductNames.of(session), name)
    maker = create_supplier(session, {"name": "Impostor"}, by=SYSTEM_ACTOR)
    session.flush()
    fields = {"supplier_id": maker.id, "name": "Else", "aliases": [name]}
    create_product(session, fields, by=SYSTEM_ACTOR)
    session.commit()
    assert before is not None
    assert found(ProductNames.of(session), name) == before
