"""What suppliers and products look like, and what one may say about them."""

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

_ALIASES = {
    "description": "Other names: former, short and long forms.",
    "example": ["Northgate Public Services"],
}


class FormerNameSchema(WriteSchema):
    """A name that a supplier had before it was renamed, merged or bought."""

    name = Text(required=True, metadata={"example": "Northgate Public Services"})
    until = Integer(
        min=1800,
        max=2200,
        required=True,
        metadata={"description": "The year in which it gave up the name.", "example": 2021},
    )


class SupplierCreate(WriteSchema):
    """A supplier to record."""

    name = Text(required=True, metadata={"example": "NEC Software Solutions UK"})
    aliases = ListOf(Text(), max=50, unique=True, metadata=_ALIASES)
    former_names = ListOf(Nested(FormerNameSchema), max=20)
    identifiers = ListOf(Nested(IdentifierSchema), max=20)


SupplierPatch = patch_schema_of(SupplierCreate, "SupplierPatch")
SupplierBulk = bulk_of(SupplierCreate, "SupplierBulk")


class SupplierSchema(ReadSchema):
    """A company, or a body that supplies systems to others."""

    id = Uuid()
    name = Text(metadata={"example": "NEC Software Solutions UK"})
    aliases = ListOf(Text(), metadata=_ALIASES)
    former_names = ListOf(Nested(FormerNameSchema))
    identifiers = ListOf(Nested(IdentifierSchema))
    recorded_by = Text(
        allow_none=True,
        metadata={"description": "The agency that keeps the record.", "example": None},
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class ProductCreate(WriteSchema):
    """A product to record."""

    supplier_id = Uuid(required=True)
    name = Text(required=True, metadata={"example": "MHR iTrent"})
    aliases = ListOf(Text(), max=50, unique=True, metadata={"example": ["iTrent"]})
    end_of_support = DateField(
        allow_none=True, metadata={"description": "The last day of the supplier's support."}
    )


ProductPatch = patch_schema_of(ProductCreate, "ProductPatch")
ProductBulk = bulk_of(ProductCreate, "ProductBulk")


class ProductSchema(ReadSchema):
    """Something that a supplier sells, and that many agencies may run."""

    id = Uuid()
    supplier_id = Uuid()
    supplier_name = Text(metadata={"example": "MHR"})
    name = Text(metadata={"example": "MHR iTrent"})
    aliases = ListOf(Text(), metadata={"example": ["iTrent"]})
    end_of_support = fields.Date(allow_none=True)
    recorded_by = Text(allow_none=True, metadata={"example": None})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
