"""Saved mappings: create, change, and apply them to the options of an import."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.context import Context
from catalogue.core.errors import invalid
from catalogue.core.text import name_key
from catalogue.data_exchange.custom_fields import with_custom_fields
from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.operations import ImportOptions, capability_lookup
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.saved_mappings.models import ImportMapping
from catalogue.data_exchange.translations import checked_translations


def create_import_mapping(context: Context, fields: dict[str, Any]) -> ImportMapping:
    """Save a mapping of the actor's agency. Raises Unprocessable for an unknown field or value."""
    agency_id = context.require_agency("A mapping belongs to an agency")
    mapping = ImportMapping(
        agency_id=agency_id, kind=ImportKind.SYSTEMS, columns={}, values={}, skipped_columns=[]
    )
    mapping.kind = fields.get("kind", mapping.kind)
    update_import_mapping(context, mapping, fields)
    context.session.add(mapping)
    return mapping


def update_import_mapping(
    context: Context, mapping: ImportMapping, changes: dict[str, Any]
) -> None:
    """Change parts of a mapping. Raises Unprocessable for an unknown field or value."""
    with context.session.no_autoflush:
        kind = with_custom_fields(context.session, KINDS[mapping.kind], mapping.agency_id)
    record = kind.fields
    for name in changes.get("columns", {}):
        if record.find(name) is None:
            detail = f"{record.a_record} has no such field. Correct the name of the field."
            raise invalid(f"/columns/{name}", "unknown_field", detail)
    try:
        with context.session.no_autoflush:
            checked_translations(
                record, changes.get("values", {}), capability_lookup(context.session)
            )
    except TableProblem as problem:
        raise invalid(f"/values/{problem.field}", problem.code, problem.detail) from None
    for name, value in changes.items():
        setattr(mapping, name, value)
    mapping.name_key = name_key(mapping.name)


def find_import_mapping(session: Session, agency_id: UUID, name: str) -> ImportMapping | None:
    """Return the agency's mapping with this name, without regard to case."""
    return session.scalar(
        sa.select(ImportMapping).where(
            ImportMapping.agency_id == agency_id, ImportMapping.name_key == name_key(name)
        )
    )


def with_saved_mapping(
    session: Session, agency_id: UUID, name: str, options: ImportOptions
) -> ImportOptions:
    """Return the options with everything that the saved mapping adds. The options take precedence.

    Raises Unprocessable if the agency has no mapping with this name, or for another kind of record.
    """
    mapping = find_import_mapping(session, agency_id, name)
    if mapping is None:
        detail = "Your agency has no mapping with this name. `GET /v1/import-mappings` lists them."
        raise invalid("/mapping_name", "unknown", detail)
    if mapping.kind is not options.kind:
        detail = (
            f"The mapping is for {mapping.kind.value}, and the import for {options.kind.value}. "
            "Choose the kind of the mapping, or another mapping."
        )
        raise invalid("/mapping_name", "other_kind", detail)
    words = {
        field: mapping.values.get(field, {}) | options.values.get(field, {})
        for field in {**mapping.values, **options.values}
    }
    return replace(
        options,
        source=options.source or mapping.source,
        sheet=options.sheet or mapping.sheet,
        heading_row=options.heading_row or mapping.heading_row,
        mapping=mapping.columns | options.mapping,
        values=words,
        skipped_columns=[*mapping.skipped_columns, *options.skipped_columns],
    )
