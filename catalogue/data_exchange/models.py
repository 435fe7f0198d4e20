"""The table of imports and their reports."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from catalogue.core.database import Entity
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.types import Json, enumeration
from catalogue.core.vocabulary import Vocabulary
from catalogue.history.audit_log import not_audited


class ImportKind(Vocabulary):
    """The kind of record that an import creates."""

    SYSTEMS = "systems", "Systems."
    CONTRACTS = "contracts", "Contracts, from a spreadsheet or from OCDS releases."
    COSTS = "costs", "Cost lines of systems."
    INTERFACES = "interfaces", "Interfaces between systems."
    USES = "uses", "The agencies that use systems."
    SUPPLIERS = "suppliers", "Suppliers in the shared register."
    PRODUCTS = "products", "Products in the shared register."


@not_audited("An import holds its own sender and outcome, and its records are audited.")
class Import(Entity):
    """One file that an agency sent. Its job holds the progress.

    The file is deleted once it has been loaded, because it can hold more than the catalogue needs.
    The file of a dry run stays for three days, so that it can be loaded without sending it again.
    The rejected rows are kept for 30 days, so that people can correct them.
    """

    __tablename__ = "spreadsheet_import"

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(100))
    job_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("job.id"), index=True)
    kind: Mapped[ImportKind] = mapped_column(
        enumeration(ImportKind), default=ImportKind.SYSTEMS, server_default=ImportKind.SYSTEMS
    )
    filename: Mapped[str] = mapped_column(sa.String(255))
    source: Mapped[str] = mapped_column(sa.String(50))
    """The register that the ids come from. Empty for a file without ids."""
    mode: Mapped[BulkMode] = mapped_column(enumeration(BulkMode))
    dry_run: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    """The reason that the history of each record shows."""
    dry_run_id: Mapped[UUID | None]
    """The dry run whose file this import loads. Not a foreign key, because imports are a log."""
    loadable_until: Mapped[datetime | None]
    """The moment until which the file of a dry run is kept."""
    outcome_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """The digest of everything that a dry run would write, and of its report."""
    undone_at: Mapped[datetime | None]
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    content: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))

    rejected_rows: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    """The rejected rows with their reasons, packed by `rejected_rows.py`."""

    written: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int | None]
    created: Mapped[int | None]
    updated: Mapped[int | None]
    unchanged: Mapped[int | None]
    rejected: Mapped[int | None]
    held_back: Mapped[int | None]
    existing: Mapped[int | None]
    not_seen: Mapped[int | None]
    problem_count: Mapped[int | None]
    notice_count: Mapped[int | None]
    read_as: Mapped[dict[str, Any] | None] = mapped_column(Json)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(Json)
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    notices: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    created_records: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    updated_records: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    not_seen_records: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    unknown_word_count: Mapped[int | None]
    unknown_words: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
