"""Products as a kind of record that a spreadsheet can fill."""

from collections.abc import Hashable, Iterable
from typing import Any

from catalogue.core.text import name_key
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.shared_rows import SharedRows
from catalogue.data_exchange.kinds.supplied_rows import SUPPLIER_NAME, SuppliedRows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.records import Record
from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import change_product, create_product
from catalogue.suppliers.schemas import ProductCreate, ProductSchema

PRODUCT_FIELDS = RecordFields(
    noun="product",
    fields=(
        ImportField("name", Kind.TEXT, (
            "product", "product name", "software", "software product", "package", "product title",
            "software name", "title", "application", "solution",
        )),
        ImportField("supplier_name", Kind.TEXT, (
            "supplier", "vendor", "vendor name", "manufacturer", "publisher", "provider",
            "company", "company name", "developer", "software vendor",
        ), words=frozenset({"supplier", "vendor", "provider", "manufacturer", "publisher"})),
        ImportField("aliases", Kind.LIST, (
            "alias", "also known as", "aka", "other names", "known as", "short name",
        )),
        ImportField("end_of_support", Kind.UNTIL_DATE, (
            "end of support date", "support end date", "support ends", "end of life",
            "end of life date", "eol", "eos", "supported until",
        )),
    ),
    needed=("name", "supplier_name"),
    not_fields={
        "supplier id": "The name of the supplier identifies the supplier in the register.",
        **dict.fromkeys(("recorded by", "agency"), "The register is shared by all agencies."),
        **dict.fromkeys(("created at", "updated at"), DERIVED),
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("product", "software"),
)  # fmt: skip

PRODUCT_SCHEMAS = {
    **ProductCreate().fields,
    "id": ProductSchema().fields["id"],
    "supplier_name": SUPPLIER_NAME,
}


class ProductRows(SharedRows, SuppliedRows):
    """A running import of products. An agency changes only the products that it recorded."""

    fields = PRODUCT_FIELDS
    key_fields = ("name", "supplier_name")

    def load(self) -> Iterable[Product]:
        return self.load_all(Product)

    def resolve(self, record: Record) -> None:
        self.check_supplier(record)

    def key_of(self, record: Product) -> Hashable:
        return record.supplier_id, record.name_key

    def key_in(self, values: dict[str, Any]) -> Hashable:
        supplier = self.suppliers.find(values["supplier_name"])
        return supplier or name_key(values["supplier_name"]), name_key(values["name"])

    def name_of(self, record: Product) -> str:
        return record.name

    def create(self, values: dict[str, Any]) -> Product:
        return create_product(self.context, self.with_supplier(values))

    def change(self, record: Product, changes: dict[str, Any]) -> None:
        change_product(self.session, record, self.with_supplier(changes))


PRODUCTS = RecordKind(
    ImportKind.PRODUCTS, PRODUCT_FIELDS, PRODUCT_SCHEMAS, ProductRows, tables=(Product,)
)
