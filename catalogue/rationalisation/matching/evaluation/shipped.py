"""Reference data of the matcher, read from the files that this product ships."""

from collections import defaultdict
from functools import cache
from uuid import UUID, uuid5

from catalogue.core.reference_data import read_rows
from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import company_name
from catalogue.rationalisation.matching.records import Reference, RegisteredProduct
from catalogue.suppliers.reference_rows import product_rows, supplier_rows

_NAMESPACE = UUID("0f6e8a52-3d5e-4b0b-8c77-6a1f6f1f2b11")


@cache
def shipped_reference() -> Reference:
    """Return the reference data of a new installation. Ids are derived from the names."""
    suppliers: dict[UUID, str] = {}
    by_supplier_name: dict[str, list[UUID]] = defaultdict(list)
    renamed: dict[str, int] = {}
    for fields in supplier_rows():
        identity = _identity(fields["name"])
        suppliers[identity] = fields["name"]
        former = [each["name"] for each in fields["former_names"]]
        for name in {fold(each) for each in (fields["name"], *fields["aliases"], *former)}:
            by_supplier_name[name].append(identity)
        renamed |= {company_name(each["name"]): each["until"] for each in fields["former_names"]}
    products: dict[UUID, RegisteredProduct] = {}
    by_product_name: dict[str, list[RegisteredProduct]] = defaultdict(list)
    for supplier, fields in product_rows():
        product = RegisteredProduct(
            _identity(supplier, fields["name"]), fields["name"], _identity(supplier)
        )
        products[product.id] = product
        for name in {fold(each) for each in (product.name, *fields["aliases"])}:
            by_product_name[name].append(product)
    return Reference(
        products=products,
        products_by_name=dict(by_product_name),
        suppliers=suppliers,
        suppliers_by_name=dict(by_supplier_name),
        renamed=renamed,
        capabilities=_lowest_capabilities(),
        agencies={
            _identity(row["code"]): row["name"]
            for name in ("governors.csv", "agencies.csv")
            for row in read_rows("catalogue.agencies", name)
        },
    )


def _lowest_capabilities() -> dict[str, str]:
    rows = read_rows("catalogue.capabilities", "capabilities.csv")
    above = {row["parent"] for row in rows}
    return {row["code"]: row["name"] for row in rows if row["code"] not in above}


def _identity(*names: str) -> UUID:
    return uuid5(_NAMESPACE, "\n".join(map(fold, names)))
