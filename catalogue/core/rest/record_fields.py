"""Descriptions of the fields that every record has."""

CREATED_AT = {"description": "The moment when the record was created."}
UPDATED_AT = {"description": "The moment of the last change of the record."}
