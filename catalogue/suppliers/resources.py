"""The supplier and product resources. Every client with `systems:read` can read all records."""

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import list_contains
from catalogue.core.rest.resource import EVERYONE, Resource
from catalogue.history.feed_fields import CodeField, expose, same_names
from catalogue.suppliers.models import Product, Supplier
from catalogue.suppliers.schemas import ProductSchema, SupplierSchema

_recorder = sa.orm.aliased(Agency, name="recorder")

SUPPLIERS = Resource(
    name="supplier",
    path="/v1/suppliers",
    model=Supplier,
    schema=SupplierSchema,
    columns={
        "id": Supplier.id,
        "name": Supplier.name,
        "aliases": Supplier.aliases,
        "former_names": Supplier.former_names,
        "identifiers": Supplier.identifiers,
        "recorded_by": _recorder.code,
        "created_at": Supplier.created_at,
        "updated_at": Supplier.updated_at,
    },
    source=sa.orm.outerjoin(Supplier, _recorder, Supplier.agency_id == _recorder.id),
    sort_as={"name": Supplier.name_key},
    contains={"aliases": lambda value: list_contains(Supplier.__table__.c.aliases, value)},
    visible=EVERYONE,
    was_visible=lambda *_: True,
    search=Supplier.search_text,
    owner="agency_id",
    administered=True,
)

PRODUCTS = Resource(
    name="product",
    path="/v1/products",
    model=Product,
    schema=ProductSchema,
    columns={
        "id": Product.id,
        "supplier_id": Product.supplier_id,
        "supplier_name": Supplier.name,
        "name": Product.name,
        "aliases": Product.aliases,
        "end_of_support": Product.end_of_support,
        "recorded_by": _recorder.code,
        "created_at": Product.created_at,
        "updated_at": Product.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.join(Product, Supplier, Product.supplier_id == Supplier.id),
        _recorder,
        Product.agency_id == _recorder.id,
    ),
    sort_as={"name": Product.name_key},
    contains={"aliases": lambda value: list_contains(Product.__table__.c.aliases, value)},
    visible=EVERYONE,
    was_visible=lambda *_: True,
    search=Product.search_text,
    owner="agency_id",
    administered=True,
)

expose(
    SUPPLIERS,
    scope=Scope.SYSTEMS_READ,
    verbs=("merged",),
    fields={
        **same_names("name", "aliases", "former_names", "identifiers"),
        "agency_id": CodeField("recorded_by"),
    },
)
expose(
    PRODUCTS,
    scope=Scope.SYSTEMS_READ,
    verbs=("merged",),
    fields={
        **same_names("supplier_id", "name", "aliases", "end_of_support"),
        "agency_id": CodeField("recorded_by"),
    },
)
