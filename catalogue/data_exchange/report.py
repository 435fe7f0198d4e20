"""The report of an import: counts, and the rows behind them."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.problems import TableProblem

MOST_PROBLEMS = 1_000
MOST_RECORDS = 1_000
COUNTS = ("rows", "created", "updated", "unchanged", "rejected", "existing", "not_seen")


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that an import created or updated, or that no row names."""

    name: str
    id: UUID | None = None
    row: int | None = None
    changes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the record as the report lists it."""
        return {
            "id": str(self.id) if self.id else None,
            "name": self.name,
            "row": self.row,
            "changes": list(self.changes),
        }


class ReadFile(Protocol):
    """The way in which a file was read. None where it does not apply to the kind of file."""

    @property
    def kind(self) -> str: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def delimiter(self) -> str | None: ...
    @property
    def heading_row(self) -> int | None: ...


@dataclass
class ImportReport:
    """The outcome of an import.

    `rows` is the sum of created, updated, unchanged and rejected rows. `existing` is the number of
    existing records that rows name, plus `not_seen`. Lists hold at most 1,000 items, and counts
    are complete.
    """

    table: ReadFile
    mapping: Any
    """The use of the columns, or the places in releases that values came from."""
    mode: BulkMode
    dry_run: bool
    source: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    existing: int = 0
    not_seen: int = 0
    problem_count: int = 0
    notice_count: int = 0
    problems: list[TableProblem] = field(default_factory=list)
    notices: list[TableProblem] = field(default_factory=list)
    created_records: list[Touched] = field(default_factory=list)
    updated_records: list[Touched] = field(default_factory=list)
    not_seen_records: list[Touched] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the rows can be written in this mode."""
        return not self.rejected or self.mode is BulkMode.PARTIAL

    @property
    def written(self) -> bool:
        return self.accepted and not self.dry_run

    def reject(self, problems: list[TableProblem]) -> None:
        """Count a row with errors."""
        self.rejected += 1
        self.problem_count += len(problems)
        self.problems += problems[: MOST_PROBLEMS - len(self.problems)]

    def notice(self, notice: TableProblem) -> None:
        """Record a value of an accepted row that was not imported, or is in doubt."""
        self.notice_count += 1
        if len(self.notices) < MOST_PROBLEMS:
            self.notices.append(notice)

    def list_not_seen(self, names: dict[UUID, str]) -> None:
        """List the records that no row names."""
        self.not_seen = len(names)
        ordered = sorted(names.items(), key=lambda item: item[1].casefold())
        self.not_seen_records = [Touched(name, id=i) for i, name in ordered[:MOST_RECORDS]]

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}

    def read_as(self) -> dict[str, Any]:
        return {
            "kind": self.table.kind,
            "sheet": self.table.sheet,
            "encoding": self.table.encoding,
            "delimiter": self.table.delimiter,
            "heading_row": self.table.heading_row,
        }

    def details(self) -> dict[str, Any]:
        """Return the rows and records behind the counts."""
        return {
            "problem_count": self.problem_count,
            "problems": [problem.as_json() for problem in self.problems],
            "notice_count": self.notice_count,
            "notices": [notice.as_json() for notice in self.notices],
            "created_records": [touched.as_json() for touched in self.created_records],
            "updated_records": [touched.as_json() for touched in self.updated_records],
            "not_seen_records": [touched.as_json() for touched in self.not_seen_records],
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole report, as `--json` prints it."""
        return {
            "mode": self.mode.value,
            "dry_run": self.dry_run,
            "written": self.written,
            "source": self.source,
            "read_as": self.read_as(),
            "mapping": self.mapping.as_json(),
            **self.counts(),
            **self.details(),
        }


def append_within_limit(records: list[Touched], touched: Touched) -> None:
    """Append a record to a list with fewer than 1,000 items."""
    if len(records) < MOST_RECORDS:
        records.append(touched)
