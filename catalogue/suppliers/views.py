"""Suppliers and products over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.bulk import BulkMode, BulkQuery, BulkResult, run_bulk
from catalogue.suppliers import operations
from catalogue.suppliers.resources import PRODUCTS, SUPPLIERS
from catalogue.suppliers.schemas import (
    ProductBulk,
    ProductCreate,
    ProductPatch,
    ProductSchema,
    SupplierBulk,
    SupplierCreate,
    SupplierPatch,
    SupplierSchema,
)

suppliers = Blueprint(
    "suppliers",
    __name__,
    url_prefix="/v1/suppliers",
    description="Suppliers, with every name that they go by. All agencies share this register.",
)
products = Blueprint(
    "products",
    __name__,
    url_prefix="/v1/products",
    description="Products, with every name that they go by. All agencies share this register.",
)


@suppliers.get("", scope=Scope.SYSTEMS_READ, lists=SUPPLIERS)
def list_suppliers() -> Response:
    """List suppliers."""
    return SUPPLIERS.listing()


@suppliers.post("", scope=Scope.SYSTEMS_WRITE, body=SupplierCreate, answer=SupplierSchema)
def create_supplier(fields: dict[str, Any]) -> Response:
    """Record a supplier in the register that all agencies share."""
    supplier = operations.create_supplier(session(), fields, by=current_actor())
    session().flush()
    return SUPPLIERS.read(supplier.id, status=201)


@suppliers.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=SupplierBulk,
    query=BulkQuery,
    answer=BulkResult,
    status=200,
)
def create_suppliers(body: dict[str, Any], mode: BulkMode, dry_run: bool) -> Response:
    """Record many suppliers."""
    return run_bulk(
        session(),
        body["items"],
        schema=SupplierCreate(),
        each=lambda fields: operations.create_supplier(session(), fields, by=current_actor()),
        resource=SUPPLIERS,
        status=201,
        mode=mode,
        dry_run=dry_run,
    )


@suppliers.get("/<uuid:supplier_id>", scope=Scope.SYSTEMS_READ, answer=SupplierSchema)
def get_supplier(supplier_id: UUID) -> Response:
    """Read one supplier."""
    return SUPPLIERS.read(supplier_id)


@suppliers.patch(
    "/<uuid:supplier_id>", scope=Scope.SYSTEMS_WRITE, body=SupplierPatch, answer=SupplierSchema
)
def update_supplier(changes: dict[str, Any], supplier_id: UUID) -> Response:
    """Change a supplier that one's own agency recorded."""
    supplier = SUPPLIERS.for_update(session(), supplier_id)
    operations.change_supplier(session(), supplier, changes)
    session().flush()
    return SUPPLIERS.read(supplier_id)


@products.get("", scope=Scope.SYSTEMS_READ, lists=PRODUCTS)
def list_products() -> Response:
    """List products."""
    return PRODUCTS.listing()


@products.post("", scope=Scope.SYSTEMS_WRITE, body=ProductCreate, answer=ProductSchema)
def create_product(fields: dict[str, Any]) -> Response:
    """Record a product in the register that all agencies share."""
    product = operations.create_product(session(), fields, by=current_actor())
    session().flush()
    return PRODUCTS.read(product.id, status=201)


@products.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=ProductBulk,
    query=BulkQuery,
    answer=BulkResult,
    status=200,
)
def create_products(body: dict[str, Any], mode: BulkMode, dry_run: bool) -> Response:
    """Record many products."""
    return run_bulk(
        session(),
        body["items"],
        schema=ProductCreate(),
        each=lambda fields: operations.create_product(session(), fields, by=current_actor()),
        resource=PRODUCTS,
        status=201,
        mode=mode,
        dry_run=dry_run,
    )


@products.get("/<uuid:product_id>", scope=Scope.SYSTEMS_READ, answer=ProductSchema)
def get_product(product_id: UUID) -> Response:
    """Read one product."""
    return PRODUCTS.read(product_id)


@products.patch(
    "/<uuid:product_id>", scope=Scope.SYSTEMS_WRITE, body=ProductPatch, answer=ProductSchema
)
def update_product(changes: dict[str, Any], product_id: UUID) -> Response:
    """Change a product that one's own agency recorded."""
    product = PRODUCTS.for_update(session(), product_id)
    operations.change_product(session(), product, changes)
    session().flush()
    return PRODUCTS.read(product_id)
