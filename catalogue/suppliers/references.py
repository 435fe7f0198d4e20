"""References from products to suppliers, which block a deletion or move in a merger."""

from collections.abc import Iterator

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, fixed, in_use, reference_to
from catalogue.suppliers.models import Product, Supplier
from catalogue.suppliers.operations import change_product


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
        kept = {product.name_key: product for product in _products(context, survivor)}
        for product in _products(context, duplicate):
            if same := kept.get(product.name_key):
                yield fixed(
                    f"Both suppliers have a product “{product.name}”. Merge the product "
                    f"/v1/products/{product.id} into /v1/products/{same.id} first."
                )

    def move(self, context: Context, duplicate: Supplier, survivor: Supplier) -> None:
        for product in _products(context, duplicate):
            change_product(context.session, product, {"supplier_id": survivor.id})


def _products(context: Context, supplier: Supplier) -> list[Product]:
    statement = sa.select(Product).where(Product.supplier_id == supplier.id)
    return list(context.session.scalars(statement.order_by(Product.name_key)))
