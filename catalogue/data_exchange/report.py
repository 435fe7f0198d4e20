"""The report of an import: its counts, with the rows and records behind them."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from catalogue.core.canonical import content_digest
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.translations import UnknownWords

MOST_PROBLEMS = 1_000
MOST_RECORDS = 1_000
MOST_REJECTED_ROWS = 10_000
COUNTS = (
    "rows",
    "created",
    "updated",
    "unchanged",
    "rejected",
    "held_back",
    "existing",
    "not_seen",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed, with both values as text of at most 80 characters. None if empty."""

    field: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, name: str, before: Any, after: Any) -> "Change":
        """Return the change of a field. For an object, it has only the parts that differ."""
        if isinstance(before, dict) and isinstance(after, dict):
            parts = [key for key in {**before, **after} if before.get(key) != after.get(key)]
            before, after = ({k: each[k] for k in parts if k in each} for each in (before, after))
        return cls(name, _shown(before), _shown(after))

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "before": self.before, "after": self.after}


def _shown(value: Any) -> str | None:
    if value is None or value in ([], {}):
        return None
    match value:
        case bool():
            return "yes" if value else "no"
        case {"source": source, "id": identity}:
            return quoted(f"{source}: {identity}")
        case dict():
            return quoted("; ".join(f"{key}: {each}" for key, each in value.items()))
        case list():
            return quoted("; ".join(_shown(each) or "" for each in value))
        case Enum():
            return str(value.value)
    return quoted(value)


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that an import created or updated, or that no row names."""

    name: str
    id: UUID | None = None
    row: int | None = None
    changes: tuple[Change, ...] = ()

    @property
    def is_renamed(self) -> bool:
        return any(change.field == "name" for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return the record as the report lists it."""
        return {
            "id": str(self.id) if self.id else None,
            "name": self.name,
            "row": self.row,
            "changes": [change.as_json() for change in self.changes],
        }


class ReadFile(Protocol):
    """The properties of a file that was read. They are None if this kind of file lacks them."""

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

    `rows` is the sum of created, updated, unchanged, rejected and held back rows. `existing` is the
    number of existing records that rows name, plus `not_seen`. Lists hold at most 1,000 items, and
    counts are complete.
    """

    table: ReadFile
    mapping: Any
    """The use of each column, or the places in OCDS releases that values came from."""
    mode: BulkMode
    dry_run: bool
    source: str | None
    front_door: FrontDoor = FrontDoor.HTTP
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    held_back: int = 0
    """Valid rows that were not written, because other rows or open questions stopped the import."""
    existing: int = 0
    not_seen: int = 0
    problem_count: int = 0
    notice_count: int = 0
    reasons: dict[int, list[str]] = field(default_factory=dict)
    """The reasons for each rejected row by its number, for at most 10,000 rows."""
    problems: list[TableProblem] = field(default_factory=list)
    notices: list[TableProblem] = field(default_factory=list)
    created_records: list[Touched] = field(default_factory=list)
    updated_records: list[Touched] = field(default_factory=list)
    not_seen_records: list[Touched] = field(default_factory=list)
    unknown_words: UnknownWords = field(default_factory=UnknownWords)
    _renamed: list[Touched] = field(default_factory=list)
    questions: int = 0
    """Questions about the file as a whole, which a person must answer before it is written."""
    changes_digest: str | None = None
    """The digest of everything that the rows changed, taken before a dry run is rolled back."""

    @property
    def outcome_digest(self) -> str:
        """The digest of everything that the import does and reports, row by row.

        Records that no row names are left out, because the import does nothing to them.
        """
        counts = {n: v for n, v in self.counts().items() if n not in {"existing", "not_seen"}}
        remarks = {n: v for n, v in self.details().items() if not n.endswith("_records")}
        return content_digest([self.changes_digest, counts, remarks])

    @property
    def accepted(self) -> bool:
        """True if the rows can be written in this mode."""
        return not self.questions and (not self.rejected or self.mode is BulkMode.PARTIAL)

    @property
    def written(self) -> bool:
        return self.accepted and not self.dry_run

    def reject(self, problems: list[TableProblem]) -> None:
        """Count a rejected row, and list its errors."""
        self.rejected += 1
        self.problem_count += len(problems)
        row = problems[0].row if problems else None
        if row is not None and len(self.reasons) < MOST_REJECTED_ROWS:
            # A row with a column for each year is several records.
            self.reasons.setdefault(row, []).extend(problem.as_reason() for problem in problems)
        self.problems += problems[: MOST_PROBLEMS - len(self.problems)]
        for problem in problems:
            self.unknown_words.add(problem)

    def ask(self, question: TableProblem) -> None:
        """Add a question about the file as a whole, which stops the import in every mode."""
        self.questions += 1
        self.problem_count += 1
        self.problems = [question, *self.problems][:MOST_PROBLEMS]

    def notice(self, notice: TableProblem) -> None:
        """Record a value of an accepted row that was not imported, or is in doubt."""
        self.notice_count += 1
        self.unknown_words.add(notice)
        if len(self.notices) < MOST_PROBLEMS:
            self.notices.append(notice)

    def add_created(self, touched: Touched) -> None:
        self.created += 1
        if len(self.created_records) < MOST_RECORDS:
            self.created_records.append(touched)

    def add_updated(self, touched: Touched) -> None:
        """Count and list a changed record. Renamed records come first, and are cut last."""
        self.updated += 1
        if touched.is_renamed:
            self._renamed.append(touched)
        elif len(self.updated_records) < MOST_RECORDS:
            self.updated_records.append(touched)

    def hold_back(self) -> None:
        """Count the valid rows as held back, because the import was refused."""
        self.held_back = self.created + self.updated + self.unchanged
        self.created = self.updated = self.unchanged = 0
        self.created_records, self.updated_records = [], []

    def finish(self) -> None:
        """Put renamed records first in the list of changed records."""
        self.updated_records = [*self._renamed, *self.updated_records][:MOST_RECORDS]

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
            "unknown_word_count": self.unknown_words.total,
            "unknown_words": self.unknown_words.as_json(self.front_door),
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
