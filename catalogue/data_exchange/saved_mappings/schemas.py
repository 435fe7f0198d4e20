"""Schemas of saved mappings, with checks of their columns and words."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    ReadSchema,
    Text,
    WriteSchema,
    patch_schema_of,
    validation_error,
)
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.schemas import (
    LONGEST_COLUMN_NAME,
    LONGEST_WORD,
    MOST_COLUMNS_OF_FIELD,
    check_columns,
    check_words,
    has_nul,
)
from catalogue.systems.schemas import SOURCE, SOURCE_FORM

NO_NUL = r"^[^\x00]*$"
_MOST_FIELDS = 100
_MOST_WORDS = 1_000

_DESCRIPTIONS = {
    "name": "The name of the mapping, which is unique in your agency.",
    "kind": "The kind of record in the file, which stays as it is. The default is `systems`.",
    "source": "The register that the ids in the file come from. Null without ids.",
    "columns": "The column of each field, by its heading or letter. A list such as `tags` can have "
    "several columns, and null skips the field. `attributes.NAME` is a field of your own.",
    "values": "For each field, words of the file with their values. A null leaves the field empty, "
    "and an empty word stands for an empty cell.",
    "skipped_columns": "The columns to leave out without a notice.",
    "heading_row": "The number of the row with the headings. Null to detect the row.",
    "sheet": "The name or number of the sheet to read. Null for the first one.",
}
_EXAMPLES: dict[str, Any] = {
    "name": "Monthly asset list",
    "kind": "systems",
    "source": "cmdb",
    "columns": {"name": "System", "tags": None},
    "values": {"lifecycle": {"Live (BAU)": "live"}},
    "skipped_columns": ["Notes"],
    "heading_row": 3,
    "sheet": "Systems",
}


def _describe(name: str) -> dict[str, Any]:
    return {"description": _DESCRIPTIONS[name], "example": _EXAMPLES[name]}


class ColumnsField(fields.Dict):
    """An object of field names and columns."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _checked(value, check_columns)


class WordsField(fields.Dict):
    """An object that holds an object of words and values for each field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = _checked(value, check_words)
        if sum(map(len, found.values())) > _MOST_WORDS:
            raise validation_error(
                f"The mapping has more than {_MOST_WORDS:,} words. Remove some.", "too_many"
            )
        return found


def _checked(value: Any, check: Any) -> Any:
    if not isinstance(value, dict):
        raise validation_error(
            "The value is not a JSON object. Send a JSON object whose keys are field names."
        )
    if has_nul(list(value)):
        raise validation_error(
            "The name of a field contains a NUL character. Remove the character."
        )
    if len(value) > _MOST_FIELDS:
        raise validation_error(
            f"The object has more than {_MOST_FIELDS} fields. Remove some.", "too_many"
        )
    reasons = {name: check(each) or _refuse_nul(each) for name, each in value.items()}
    if wrong := {name: [reason] for name, reason in reasons.items() if reason}:
        raise ma.ValidationError(wrong)
    return value


def _refuse_nul(value: Any) -> str | None:
    return "The text contains a NUL character. Remove the character." if has_nul(value) else None


_HEADING = {"type": "string", "pattern": NO_NUL, "maxLength": LONGEST_COLUMN_NAME}
_HEADINGS = {
    "type": "array",
    "items": _HEADING,
    "minItems": 1,
    "maxItems": MOST_COLUMNS_OF_FIELD,
}
_COLUMN = {"anyOf": [_HEADING, _HEADINGS, {"type": "null"}]}
_WORD = {"type": "string", "pattern": NO_NUL, "maxLength": LONGEST_WORD}
_WORDS = {"type": "object", "additionalProperties": {"anyOf": [_WORD, {"type": "null"}]}}


class ImportMappingCreate(WriteSchema):
    """A mapping of columns and words to keep."""

    name = Text(max=100, required=True, metadata=_describe("name"))
    kind = Choice(ImportKind, metadata=_describe("kind"))
    source = Text(
        max=50,
        pattern=SOURCE,
        pattern_text=SOURCE_FORM,
        allow_none=True,
        metadata=_describe("source"),
    )
    columns = ColumnsField(metadata=_describe("columns") | {"additionalProperties": _COLUMN})
    values = WordsField(metadata=_describe("values") | {"additionalProperties": _WORDS})
    skipped_columns = ListOf(
        Text(max=200), max=200, unique=True, metadata=_describe("skipped_columns")
    )
    heading_row = Integer(min=1, max=1_000, allow_none=True, metadata=_describe("heading_row"))
    sheet = Text(max=200, allow_none=True, metadata=_describe("sheet"))


ImportMappingPatch = patch_schema_of(ImportMappingCreate, "ImportMappingPatch", without=("kind",))


class ImportMappingSchema(ReadSchema):
    """A mapping of columns and words that your agency keeps."""

    id = fields.UUID(metadata={"description": "The id of the mapping."})
    name = Text(metadata=_describe("name"))
    kind = Choice(ImportKind, metadata=_describe("kind"))
    source = Text(allow_none=True, metadata=_describe("source"))
    columns = fields.Dict(metadata=_describe("columns") | {"additionalProperties": _COLUMN})
    values = fields.Dict(metadata=_describe("values") | {"additionalProperties": _WORDS})
    skipped_columns = ListOf(Text(), metadata=_describe("skipped_columns"))
    heading_row = Integer(allow_none=True, metadata=_describe("heading_row"))
    sheet = Text(allow_none=True, metadata=_describe("sheet"))
    created_at = fields.DateTime(metadata={"description": "The moment of the creation."})
    updated_at = fields.DateTime(metadata={"description": "The moment of the last change."})
    revision = fields.Integer(metadata={"description": "The number of the revision."})
