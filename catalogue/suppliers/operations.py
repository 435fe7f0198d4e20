"""Operations that record, change and merge suppliers and products, and find products by name."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from catalogue.core.context import Context
from catalogue.core.errors import conflict, invalid
from catalogue.core.reference_data import count_changes
from catalogue.core.references import fill_blanks, merge_records
from catalogue.core.text import fold, name_key, search_text
from catalogue.history.audit_log import record_event
from catalogue.suppliers.models import Product, Supplier
from catalogue.suppliers.reference_rows import product_rows, supplier_rows

MOST_ALIASES = 50
MOST_IDENTIFIERS = 20
UNKNOWN_SUPPLIER = "The supplier is unknown. Choose a supplier that `GET /v1/suppliers` lists."


def create_supplier(context: Context, fields: dict[str, Any]) -> Supplier:
    """Record a supplier, which only the actor's agency can change."""
    supplier = Supplier(
        agency_id=context.actor.agency_id, aliases=[], former_names=[], identifiers=[]
    )
    change_supplier(context.session, supplier, fields)
    context.session.add(supplier)
    return supplier


def change_supplier(session: Session, supplier: Supplier, changes: dict[str, Any]) -> None:
    """Change some fields of a supplier. A new name also updates the search text of its products."""
    renamed = changes.get("name", supplier.name) != supplier.name
    for name, value in changes.items():
        setattr(supplier, name, value)
    supplier.name_key = name_key(supplier.name)
    ids = [each["id"] for each in supplier.identifiers]
    former = [each["name"] for each in supplier.former_names]
    supplier.search_text = search_text(supplier.name, supplier.aliases, former, ids)
    if renamed and supplier in session:
        for product in session.scalars(
            sa.select(Product).where(Product.supplier_id == supplier.id)
        ):
            product.search_text = search_text(product.name, product.aliases, supplier.name)


def find_holder(context: Context, fields: dict[str, Any], pointer: str) -> UUID | None:
    """Return the id of the supplier that has the name of some fields. Every agency can see it."""
    if pointer != "/name":
        return None
    same = Supplier.name_key == name_key(fields.get("name", ""))
    return context.session.scalar(sa.select(Supplier.id).where(same))


def merge_suppliers(context: Context, duplicate: Supplier, survivor: Supplier) -> None:
    """Merge a duplicate into a supplier. Raises Conflict if a reference to it cannot move.

    The merger changes records of every agency, even hidden ones. So only an administrator merges
    suppliers. The duplicate's products follow, and those with the name of a product of the survivor
    merge with it. The survivor gains the duplicate's names as aliases, and its public identifiers.
    """
    former = [each["name"] for each in duplicate.former_names]
    names = [duplicate.name, *duplicate.aliases, *former]
    merge_records(context, duplicate, survivor, noun="supplier")
    known = [each["name"] for each in survivor.former_names]
    changes = {
        "aliases": _with_names(survivor, names, known),
        "identifiers": _with_identifiers(survivor, duplicate),
    }
    change_supplier(context.session, survivor, changes)
    record_event(context.session, survivor, verb="merged")


def create_product(context: Context, fields: dict[str, Any]) -> Product:
    """Record a product, which only the actor's agency can change.

    Raises Unprocessable if the supplier is unknown.
    """
    product = Product(agency_id=context.actor.agency_id, aliases=[])
    change_product(context.session, product, fields)
    context.session.add(product)
    return product


def change_product(session: Session, product: Product, changes: dict[str, Any]) -> None:
    """Change some fields of a product.

    Raises Unprocessable if the supplier is unknown, and Conflict if the new supplier has a product
    of the same name.
    """
    moves = product.supplier_id not in (None, changes.get("supplier_id", product.supplier_id))
    for name, value in changes.items():
        setattr(product, name, value)
    with session.no_autoflush:
        supplier = session.get(Supplier, product.supplier_id)
    if supplier is None:
        raise invalid("/supplier_id", "unknown", UNKNOWN_SUPPLIER)
    product.name_key = name_key(product.name)
    if moves:
        _require_free_name(session, product)
    product.search_text = search_text(product.name, product.aliases, supplier.name)


def _require_free_name(session: Session, product: Product) -> None:
    same = sa.select(Product.id).where(
        Product.supplier_id == product.supplier_id,
        Product.name_key == product.name_key,
        Product.id != product.id,
    )
    with session.no_autoflush:
        identity = session.scalar(same)
    if identity is not None:
        detail = (
            f"The supplier already has a product of this name (/v1/products/{identity}). Ask an "
            f"administrator to merge this product into that product, or choose another name."
        )
        raise conflict("/supplier_id", "taken", detail)


def merge_products(context: Context, duplicate: Product, survivor: Product) -> None:
    """Merge a duplicate into a product. Raises Conflict if a reference to it cannot move.

    The merger changes records of every agency, even hidden ones. So only an administrator merges
    products. The survivor gains the duplicate's names as aliases, and its end of support if the
    survivor has none.
    """
    names = [duplicate.name, *duplicate.aliases]
    merge_records(context, duplicate, survivor, noun="product")
    fill_blanks(survivor, duplicate, "end_of_support")
    change_product(context.session, survivor, {"aliases": _with_names(survivor, names, [])})
    record_event(context.session, survivor, verb="merged")


def _with_identifiers(survivor: Supplier, duplicate: Supplier) -> list[dict[str, Any]]:
    new = [each for each in duplicate.identifiers if each not in survivor.identifiers]
    return [*survivor.identifiers, *new][:MOST_IDENTIFIERS]


def _with_names(record: Supplier | Product, names: list[str], known: list[str]) -> list[str]:
    """Return a record's aliases and the names that it lacks, at most `MOST_ALIASES` in total."""
    folded = {fold(name) for name in (record.name, *record.aliases, *known)}
    new = {fold(name): name for name in names if fold(name) not in folded}
    return [*record.aliases, *new.values()][:MOST_ALIASES]


@dataclass(frozen=True)
class ProductNames:
    """Every name in the register, read once so that many names can be looked up without queries."""

    products: dict[str, list[Product]]
    suppliers: dict[str, list[UUID]]

    @classmethod
    def of(cls, session: Session) -> "ProductNames":
        products: dict[str, list[Product]] = defaultdict(list)
        suppliers: dict[str, list[UUID]] = defaultdict(list)
        with session.no_autoflush:
            for product in session.scalars(
                sa.select(Product).options(joinedload(Product.supplier))
            ):
                for key in {fold(name) for name in (product.name, *product.aliases)}:
                    products[key].append(product)
            for supplier in session.scalars(sa.select(Supplier)):
                former = [each["name"] for each in supplier.former_names]
                for key in {fold(name) for name in (supplier.name, *supplier.aliases, *former)}:
                    suppliers[key].append(supplier.id)
        return cls(products, suppliers)

    def product(self, name: str | None, supplier: str | None) -> Product | None:
        """Return the product with this name or alias, or None if no product or several match.

        If the register holds the supplier's name, only products of that supplier match.
        """
        if not name:
            return None
        candidates = self.products.get(fold(name), [])
        if supplier and (known := self.suppliers.get(fold(supplier))):
            candidates = [each for each in candidates if each.supplier_id in known]
        # A name counts for more than an alias, and reference data for more than other products,
        # because any agency can record a product with any alias.
        by_name = [each for each in candidates if each.name_key == name_key(name)]
        candidates = by_name or [p for p in candidates if p.agency_id is None] or candidates
        return candidates[0] if len(candidates) == 1 else None


def load_suppliers(session: Session) -> tuple[int, int]:
    """Load the reference data's suppliers. Return how many are new, and how many changed."""
    known = {each.name_key: each for each in session.scalars(sa.select(Supplier))}
    new = 0
    for fields in supplier_rows():
        supplier = known.get(name_key(fields["name"]))
        if supplier is None:
            supplier = known[name_key(fields["name"])] = Supplier(agency_id=None)
            session.add(supplier)
            new += 1
        _set_changed(supplier, fields)
        if session.is_modified(supplier):
            change_supplier(session, supplier, {})
    return count_changes(session, Supplier, new=new)


def load_products(session: Session) -> tuple[int, int]:
    """Load the reference data's products. Return how many are new, and how many changed."""
    suppliers = {each.name_key: each for each in session.scalars(sa.select(Supplier))}
    known = {
        (each.supplier_id, each.name_key): each for each in session.scalars(sa.select(Product))
    }
    new = 0
    for supplier_name, fields in product_rows():
        supplier = suppliers[name_key(supplier_name)]
        product = known.get((supplier.id, name_key(fields["name"])))
        if product is None:
            product = Product(agency_id=None, supplier_id=supplier.id)
            session.add(product)
            new += 1
        _set_changed(product, fields)
        if session.is_modified(product):
            change_product(session, product, {})
    return count_changes(session, Product, new=new)


def _set_changed(entity: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(entity, name) != value:
            setattr(entity, name, value)
