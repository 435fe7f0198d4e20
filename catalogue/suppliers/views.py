"""Endpoints for the shared register of suppliers and products."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.references import delete_unused
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.bulk import run_bulk
from catalogue.core.rest.bulk_schemas import BulkMode, BulkQuery, BulkResult
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import (
    list_response,
    lock_for_merger,
    lock_for_update,
    record_response,
)
from catalogue.suppliers import operations
from catalogue.suppliers.resources import PRODUCTS, SUPPLIERS
from catalogue.suppliers.schemas import (
    ProductBulk,
    ProductCreate,
    ProductMerge,
    ProductPatch,
    ProductSchema,
    SupplierBulk,
    SupplierCreate,
    SupplierMerge,
    SupplierPatch,
    SupplierSchema,
)

suppliers = Blueprint(
    "suppliers",
    __name__,
    url_prefix="/v1/suppliers",
    description=(
        "Suppliers with their former and trading names, in a register that all agencies share."
    ),
)
products = Blueprint(
    "products",
    __name__,
    url_prefix="/v1/products",
    description="Products with all their names, in a register that all agencies share.",
)


@suppliers.get("", scope=Scope.SYSTEMS_READ, list_of=SUPPLIERS)
def list_suppliers(context: Context) -> Response:
    """List the suppliers in the shared register."""
    return list_response(context, SUPPLIERS)


@suppliers.post(
    "",
    scope=Scope.SYSTEMS_WRITE,
    body=SupplierCreate,
    response=SupplierSchema,
    find_holder=operations.find_holder,
)
def create_supplier(context: Context, fields: dict[str, Any]) -> Response:
    """Record a supplier in the shared register."""
    supplier = operations.create_supplier(context, fields)
    return record_response(context, SUPPLIERS, supplier.id, status=201)


@suppliers.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=SupplierBulk,
    query=BulkQuery,
    response=BulkResult,
    status=200,
)
def create_suppliers(
    context: Context, body: dict[str, Any], mode: BulkMode, dry_run: bool
) -> Response:
    """Record up to 500 suppliers in the shared register."""
    return run_bulk(
        context,
        body["items"],
        schema=SupplierCreate(),
        each=lambda fields: operations.create_supplier(context, fields),
        resource=SUPPLIERS,
        status=201,
        mode=mode,
        dry_run=dry_run,
    )


add_get(suppliers, SUPPLIERS, scope=Scope.SYSTEMS_READ)


@suppliers.patch(
    "/<uuid:supplier_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=SupplierPatch,
    response=SupplierSchema,
    find_holder=operations.find_holder,
)
def update_supplier(context: Context, changes: dict[str, Any], supplier_id: UUID) -> Response:
    """Change a supplier that your agency recorded."""
    supplier = lock_for_update(context, SUPPLIERS, supplier_id)
    operations.change_supplier(context.session, supplier, changes)
    return record_response(context, SUPPLIERS, supplier_id)


@suppliers.delete("/<uuid:supplier_id>", scope=Scope.SYSTEMS_WRITE)
def delete_supplier(context: Context, supplier_id: UUID) -> None:
    """Delete a supplier that your agency recorded by mistake.

    The response is 409 if any record uses the supplier, and lists those records that you can see. An
    administrator can delete a supplier that any agency recorded.
    """
    delete_unused(context, lock_for_update(context, SUPPLIERS, supplier_id), noun="supplier")


@suppliers.post(
    "/<uuid:supplier_id>/merge",
    scope=Scope.ADMIN,
    body=SupplierMerge,
    response=SupplierSchema,
    status=200,
    if_match_optional=True,
)
def merge_supplier(context: Context, fields: dict[str, Any], supplier_id: UUID) -> Response:
    """Merge a duplicate into another supplier, as an administrator.

    Everything that refers to the duplicate then refers to the supplier, and the duplicate is deleted.
    Products of the same name merge, and all other products of the duplicate follow. This includes records of all agencies, so the operation needs the scope `admin`. A read of the
    duplicate's id returns 410 with the path of the supplier.
    """
    survivor, duplicate = lock_for_merger(context, SUPPLIERS, supplier_id, fields["duplicate_id"])
    operations.merge_suppliers(context, duplicate, survivor)
    return record_response(context, SUPPLIERS, supplier_id)


@products.get("", scope=Scope.SYSTEMS_READ, list_of=PRODUCTS)
def list_products(context: Context) -> Response:
    """List the products in the shared register."""
    return list_response(context, PRODUCTS)


@products.post("", scope=Scope.SYSTEMS_WRITE, body=ProductCreate, response=ProductSchema)
def create_product(context: Context, fields: dict[str, Any]) -> Response:
    """Record a product in the shared register."""
    product = operations.create_product(context, fields)
    return record_response(context, PRODUCTS, product.id, status=201)


@products.post(
    "/bulk",
    scope=Scope.SYSTEMS_WRITE,
    body=ProductBulk,
    query=BulkQuery,
    response=BulkResult,
    status=200,
)
def create_products(
    context: Context, body: dict[str, Any], mode: BulkMode, dry_run: bool
) -> Response:
    """Record up to 500 products in the shared register."""
    return run_bulk(
        context,
        body["items"],
        schema=ProductCreate(),
        each=lambda fields: operations.create_product(context, fields),
        resource=PRODUCTS,
        status=201,
        mode=mode,
        dry_run=dry_run,
    )


add_get(products, PRODUCTS, scope=Scope.SYSTEMS_READ)


@products.patch(
    "/<uuid:product_id>", scope=Scope.SYSTEMS_WRITE, body=ProductPatch, response=ProductSchema
)
def update_product(context: Context, changes: dict[str, Any], product_id: UUID) -> Response:
    """Change a product that your agency recorded."""
    product = lock_for_update(context, PRODUCTS, product_id)
    operations.change_product(context.session, product, changes)
    return record_response(context, PRODUCTS, product_id)


@products.delete("/<uuid:product_id>", scope=Scope.SYSTEMS_WRITE)
def delete_product(context: Context, product_id: UUID) -> None:
    """Delete a product that your agency recorded by mistake.

    The response is 409 if any record uses the product, and lists those records that you can see. An
    administrator can delete a product that any agency recorded.
    """
    delete_unused(context, lock_for_update(context, PRODUCTS, product_id), noun="product")


@products.post(
    "/<uuid:product_id>/merge",
    scope=Scope.ADMIN,
    body=ProductMerge,
    response=ProductSchema,
    status=200,
    if_match_optional=True,
)
def merge_product(context: Context, fields: dict[str, Any], product_id: UUID) -> Response:
    """Merge a duplicate into another product, as an administrator.

    Everything that refers to the duplicate then refers to the product, and the duplicate is deleted.
    This includes records of all agencies, so the operation needs the scope `admin`. A read of the
    duplicate's id returns 410 with the path of the product.
    """
    survivor, duplicate = lock_for_merger(context, PRODUCTS, product_id, fields["duplicate_id"])
    operations.merge_products(context, duplicate, survivor)
    return record_response(context, PRODUCTS, product_id)
