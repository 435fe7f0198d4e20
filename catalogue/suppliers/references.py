"""References from products to suppliers, which block a deletion or move in a merger."""

from collections.abc import Iterator

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, in_use, reference_to, references_to
from catalogue.suppliers.models import Product, Supplier
from catalogue.suppliers.operations import change_product, merge_products


@reference_to(Supplier)
class ProductsOfSupplier(Reference):
    """Products of a supplier, which every agency can see."""

    columns = ("product.supplier_id",)

    def find_uses(self, context: Context, record: Supplier) -> Iterator[FieldError]:
        for product in _products(context, record):
            yield in_use(
                f"The product “{product.name}” (/v1/products/{product.id}) has this supplier. "
                "Delete the product, or choose another supplier for it."
            )

    def find_fixed(
        self, context: Context, duplicate: Supplier, survivor: Supplier
    ) -> Iterator[FieldError]:
        for product, same in _same_named(context, duplicate, survivor):
            for reference in references_to(Product):
                yield from reference.find_fixed(context, product, same)

    def move(self, context: Context, duplicate: Supplier, survivor: Supplier) -> None:
        for product, same in _same_named(context, duplicate, survivor):
            merge_products(context, product, same)
        for product in _products(context, duplicate):
            change_product(context.session, product, {"supplier_id": survivor.id})


def _same_named(
    context: Context, duplicate: Supplier, survivor: Supplier
) -> list[tuple[Product, Product]]:
    """Pair each product of the duplicate with the survivor's product of the same name."""
    kept = {product.name_key: product for product in _products(context, survivor)}
    products = _products(context, duplicate, lock=True)
    return [(each, kept[each.name_key]) for each in products if each.name_key in kept]


def _products(context: Context, supplier: Supplier, *, lock: bool = False) -> list[Product]:
    statement = sa.select(Product).where(Product.supplier_id == supplier.id).order_by(Product.id)
    # A locked product gains no system while it merges with another.
    return list(context.session.scalars(statement.with_for_update() if lock else statement))
