"""Request and response bodies of the supplier and product endpoints."""

from marshmallow import fields

from catalogue.agencies.schemas import IdentifierSchema
from catalogue.core.rest.bulk_schemas import bulk_of
from catalogue.core.rest.schemas import (
    DateField,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)

_NAME = {
    "description": "The present name of the supplier, unique in the register.",
    "example": "NEC Software Solutions UK",
}
_ALIASES = {
    "description": "Other names of the supplier, such as trading names and short forms.",
    "example": ["NEC"],
}
_FORMER_NAMES = {"description": "Names that the supplier had before it was renamed or bought."}
_IDENTIFIERS = {"description": "The ids of the supplier in public registers."}
_RECORDED_BY = {
    "description": (
        "The code of the agency that created the record, and alone can change it. Null for "
        "reference data."
    ),
    "example": None,
}
_SUPPLIER_ID = {"description": "The id of the product's supplier."}
_PRODUCT_NAME = {
    "description": "The name of the product, unique among the supplier's products.",
    "example": "MHR iTrent",
}
_PRODUCT_ALIASES = {"description": "Other names of the product.", "example": ["iTrent"]}
_END_OF_SUPPORT = {
    "description": "The last day of the supplier's support, or null if none is announced.",
    "example": "2027-12-31",
}


class FormerNameSchema(WriteSchema):
    """A name that a supplier had before it was renamed, merged or bought."""

    name = Text(
        required=True,
        metadata={"description": "The former name.", "example": "Northgate Public Services"},
    )
    until = Integer(
        min=1800,
        max=2200,
        required=True,
        metadata={"description": "The year when the name ended.", "example": 2021},
    )


class SupplierCreate(WriteSchema):
    """A supplier to record in the shared register."""

    name = Text(required=True, metadata=_NAME)
    aliases = ListOf(Text(), max=50, unique=True, metadata=_ALIASES)
    former_names = ListOf(Nested(FormerNameSchema), max=20, metadata=_FORMER_NAMES)
    identifiers = ListOf(Nested(IdentifierSchema), max=20, metadata=_IDENTIFIERS)


SupplierPatch = patch_schema_of(SupplierCreate, "SupplierPatch")
SupplierBulk = bulk_of(SupplierCreate, "SupplierBulk")


class SupplierMerge(WriteSchema):
    """A duplicate to merge into a supplier."""

    duplicate_id = Uuid(
        required=True,
        metadata={"description": "The id of the duplicate, whichever agency recorded it."},
    )


class SupplierSchema(ReadSchema):
    """A company or body that provides systems."""

    id = Uuid(metadata={"description": "The id of the supplier."})
    name = Text(metadata=_NAME)
    aliases = ListOf(Text(), metadata=_ALIASES)
    former_names = ListOf(Nested(FormerNameSchema), metadata=_FORMER_NAMES)
    identifiers = ListOf(Nested(IdentifierSchema), metadata=_IDENTIFIERS)
    recorded_by = Text(allow_none=True, metadata=_RECORDED_BY)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class ProductCreate(WriteSchema):
    """A product to record in the shared register."""

    supplier_id = Uuid(required=True, metadata=_SUPPLIER_ID)
    name = Text(required=True, metadata=_PRODUCT_NAME)
    aliases = ListOf(Text(), max=50, unique=True, metadata=_PRODUCT_ALIASES)
    end_of_support = DateField(allow_none=True, metadata=_END_OF_SUPPORT)


ProductPatch = patch_schema_of(ProductCreate, "ProductPatch")
ProductBulk = bulk_of(ProductCreate, "ProductBulk")


class ProductMerge(WriteSchema):
    """A duplicate to merge into a product."""

    duplicate_id = Uuid(
        required=True,
        metadata={"description": "The id of the duplicate, whichever agency recorded it."},
    )


class ProductSchema(ReadSchema):
    """A product of a supplier. Many agencies can run systems of the same product."""

    id = Uuid(metadata={"description": "The id of the product."})
    supplier_id = Uuid(metadata=_SUPPLIER_ID)
    supplier_name = Text(
        metadata={"description": "The present name of the supplier.", "example": "MHR"}
    )
    name = Text(metadata=_PRODUCT_NAME)
    aliases = ListOf(Text(), metadata=_PRODUCT_ALIASES)
    end_of_support = fields.Date(allow_none=True, metadata=_END_OF_SUPPORT)
    recorded_by = Text(allow_none=True, metadata=_RECORDED_BY)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
