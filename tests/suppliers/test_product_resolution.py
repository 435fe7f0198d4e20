"""Product resolution: the product that a name means, without a guess."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import (
    ProductNames,
    create_product,
    create_supplier,
    load_products,
    load_suppliers,
)
from tests.api_calls import answer, change, read
from tests.contexts import acting
from tests.factories import BEDS, READ_WRITE, system
from tests.unsaved import CheckedClient


@pytest.fixture
def names(session: Session) -> ProductNames:
    """A register with two suppliers that both sell a product called Roster."""
    for supplier, aliases, products in (
        ("NEC", ["Northgate", "NPS"], {"CONNECT": ["Athena"], "Roster": ["DMS"]}),
        ("Crown", ["Crown Duties"], {"Roster": ["Crown DMS"], "Athena Light": []}),
    ):
        maker = create_supplier(acting(session), {"name": supplier, "aliases": aliases})
        session.flush()
        for name, others in products.items():
            fields = {"supplier_id": maker.id, "name": name, "aliases": others}
            create_product(acting(session), fields)
    session.commit()
    return ProductNames.of(session)


def resolve(names: ProductNames, product: str | None, supplier: str | None = None) -> str | None:
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
def test_name_resolves_to_product_only_without_doubt(
    names: ProductNames, product: str | None, supplier: str | None, meant: str | None
) -> None:
    assert resolve(names, product, supplier) == meant


@pytest.fixture
def national(session: Session) -> ProductNames:
    """The register of the reference data."""
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
def test_common_names_resolve_to_national_products(
    national: ProductNames, product: str, supplier: str | None, meant: str | None
) -> None:
    assert resolve(national, product, supplier) == meant


def test_solution_differs_from_product_it_is_built_on(national: ProductNames) -> None:
    assert resolve(national, "t-Police") != resolve(national, "Oracle E-Business Suite")


@pytest.fixture
def api(sign_in: Callable[..., CheckedClient], names: ProductNames) -> CheckedClient:
    assert names.products
    return sign_in(BEDS, READ_WRITE)


def read_product_name(api: CheckedClient, identity: str | None) -> str | None:
    return None if identity is None else read(api, f"/v1/products/{identity}")["name"]


def change_system(api: CheckedClient, created: dict[str, Any], **changes: Any) -> str | None:
    """Change a system, and return the name of the product that it is linked to."""
    response = change(api, f"/v1/systems/{created['id']}", **changes)
    assert response.status_code == 200, response.text
    return read_product_name(api, answer(response)["product_id"])


def test_system_is_linked_to_product_by_its_names(api: CheckedClient) -> None:
    created = system(api, product_name="athena", supplier_name="Northgate")
    assert read_product_name(api, created["product_id"]) == "CONNECT"
    assert (created["product_name"], created["supplier_name"]) == ("athena", "Northgate")
    assert change_system(api, created, product_name="Roster") == "Roster"
    assert change_system(api, created, supplier_name="Unknown Ltd") is None
    assert change_system(api, created, supplier_name="Crown") == "Roster"
    assert change_system(api, created, description="Else") == "Roster"
    assert change_system(api, created, product_name=None) is None


def test_explicit_product_link_is_kept_until_product_name_changes(api: CheckedClient) -> None:
    [light] = answer(api.get("/v1/products?name=Athena+Light"))["items"]
    created = system(api, product_name="Our Athena", product_id=light["id"])
    assert read_product_name(api, created["product_id"]) == "Athena Light"
    assert change_system(api, created, product_name="Our Athena") == "Athena Light"
    assert change_system(api, created, description="Else", supplier_name=None) == "Athena Light"
    assert change_system(api, created, product_name="Athena") == "CONNECT", (
        "it is another product now"
    )


def test_unknown_product_name_is_resolved_on_next_change(api: CheckedClient) -> None:
    created = system(api, product_name="Chronicle")
    assert created["product_id"] is None
    [crown] = answer(api.get("/v1/suppliers?name=Crown"))["items"]
    new = {"supplier_id": crown["id"], "name": "Chronicle"}
    assert api.post("/v1/products", json=new).status_code == 201
    assert change_system(api, created, product_name="Chronicle") == "Chronicle"


def test_link_to_missing_product_is_refused(api: CheckedClient) -> None:
    body = {
        "name": "Custody",
        "lifecycle": "live",
        "product_id": "00000000-0000-7000-8000-000000000000",
    }
    response = api.post("/v1/systems", json=body)
    assert response.status_code == 422
    assert answer(response)["errors"][0]["pointer"] == "/product_id"


def test_alias_does_not_override_a_product_name(session: Session) -> None:
    load_suppliers(session)
    load_products(session)
    name = "MHR iTrent"
    before = resolve(ProductNames.of(session), name)
    maker = create_supplier(acting(session), {"name": "Impostor"})
    session.flush()
    fields = {"supplier_id": maker.id, "name": "Else", "aliases": [name]}
    create_product(acting(session), fields)
    session.commit()
    assert before is not None
    assert resolve(ProductNames.of(session), name) == before
