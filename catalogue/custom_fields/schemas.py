"""Request and response bodies of the custom field endpoints."""

from typing import Any

from marshmallow import fields

from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    ListOf,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.core.text import ONE_FILLED_LINE
from catalogue.custom_fields.vocabulary import (
    KEY,
    LONGEST_CHOICE,
    LONGEST_KEY,
    MOST_CHOICES,
    CustomFieldRecord,
    CustomFieldType,
)

_DESCRIPTIONS = {
    "record": "The kind of record that has the field. It never changes.",
    "key": (
        "The name of the field in `attributes`, in filters and in files. Two underscores never "
        "stand together, because they separate a filter from its operator. It never changes."
    ),
    "label": "The name of the field for people, which imports accept as a heading.",
    "description": "The meaning of the field, or null.",
    "type": "The values that the field accepts.",
    "choices": (
        "The texts that a field of the type `choice` accepts, in the order in which people see "
        "them. Empty for every other type."
    ),
    "for_all_agencies": (
        "True if an administrator declared the field for the records of all agencies. False if it "
        "belongs to the records of your agency alone."
    ),
}
_EXAMPLES: dict[str, Any] = {
    "record": "system",
    "key": "renewal_date",
    "label": "Renewal date",
    "description": "The day on which the licence ends unless it is renewed.",
    "type": "date",
    "choices": [],
    "for_all_agencies": False,
}


def _describe(name: str) -> dict[str, Any]:
    return {"description": _DESCRIPTIONS[name], "example": _EXAMPLES[name]}


class CustomFieldCreate(WriteSchema):
    """A custom field to declare."""

    record = Choice(CustomFieldRecord, required=True, metadata=_describe("record"))
    key = Text(max=LONGEST_KEY, pattern=KEY, required=True, metadata=_describe("key"))
    label = Text(max=100, pattern=ONE_FILLED_LINE, required=True, metadata=_describe("label"))
    description = Text(max=2000, allow_none=True, metadata=_describe("description"))
    type = Choice(CustomFieldType, required=True, metadata=_describe("type"))
    choices = ListOf(
        Text(max=LONGEST_CHOICE, pattern=ONE_FILLED_LINE),
        max=MOST_CHOICES,
        unique=True,
        metadata=_describe("choices"),
    )
    for_all_agencies = Boolean(load_default=False, metadata=_describe("for_all_agencies"))


CustomFieldPatch = patch_schema_of(
    CustomFieldCreate, "CustomFieldPatch", without=("record", "key", "for_all_agencies")
)


class CustomFieldSchema(ReadSchema):
    """A field that your agency, or an administrator for all agencies, added to records."""

    id = Uuid(metadata={"description": "The id of the custom field."})
    record = Choice(CustomFieldRecord, metadata=_describe("record"))
    key = Text(metadata=_describe("key"))
    label = Text(metadata=_describe("label"))
    description = Text(allow_none=True, metadata=_describe("description"))
    type = Choice(CustomFieldType, metadata=_describe("type"))
    choices = ListOf(Text(), metadata=_describe("choices"))
    for_all_agencies = Boolean(metadata=_describe("for_all_agencies"))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
