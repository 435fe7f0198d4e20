"""The uses of systems as a kind of record that a spreadsheet can fill."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.core.rest.schemas import Text
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.named_records import NamedAgencies, NamedSystems
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.record_rows import RecordRows
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.records import Record
from catalogue.systems.models import System
from catalogue.systems.uses.models import SystemUse
from catalogue.systems.uses.operations import change_use, create_use
from catalogue.systems.uses.schemas import SystemUseCreate, SystemUseSchema

USE_FIELDS = RecordFields(
    noun="use",
    fields=(
        ImportField("system", Kind.TEXT, (
            "system name", "application", "application name", "system id", "service", "software",
            "asset", "asset name", "app", "app name", "name",
        )),
        ImportField("agency", Kind.TEXT, (
            "agency name", "agency code", "used by", "user", "using agency", "organisation",
            "organization", "force", "service user", "user organisation", "customer", "partner",
            "force name", "organisation name",
        )),
        ImportField("user_count", Kind.INTEGER, (
            "users", "number of users", "user number", "total users", "named users",
            "active users", "user numbers", "how many users", "headcount",
        )),
        ImportField("since", Kind.FROM_DATE, (
            "from", "start", "start date", "used since", "in use since", "first used", "joined",
        )),
        ImportField("until", Kind.UNTIL_DATE, (
            "to", "end", "end date", "used until", "last used", "left",
        )),
    ),
    needed=("system", "agency"),
    required=frozenset({"since", "until"}),
    not_fields={
        **dict.fromkeys(
            ("created at", "updated at", "withheld"), DERIVED
        ),
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("use",),
)  # fmt: skip

OWN_SYSTEM = Text(
    metadata={
        "description": "Your agency's system, by name, alias or id.",
        "example": "Duty management",
    }
)
USE_SCHEMAS = {
    **SystemUseCreate().fields,
    "id": SystemUseSchema().fields["id"],
    "system": OWN_SYSTEM,
    "agency": Text(
        metadata={
            "description": "The agency that uses the system, by name or code.",
            "example": "bedfordshire-police",
        }
    ),
}


class UseRows(RecordRows):
    """A running import of the uses of an agency's systems."""

    fields = USE_FIELDS
    key_fields = ("system", "agency")

    def prepare(self) -> None:
        self.agencies = NamedAgencies(self.session, self.report.front_door)
        self.systems = NamedSystems(self.context, self.run)
        self.uses: defaultdict[tuple[UUID, UUID], list[SystemUse]] = defaultdict(list)

    def load(self) -> Iterable[SystemUse]:
        owned = sa.select(System.id).where(System.agency_id == self.run.agency.id)
        statement = (
            sa.select(SystemUse)
            .where(SystemUse.system_id.in_(owned))
            .order_by(SystemUse.id)
            .with_for_update(of=SystemUse)
        )
        uses = self.session.scalars(statement).all()
        for use in uses:
            self.uses[use.system_id, use.using_agency_id].append(use)
        return uses

    def resolve(self, record: Record) -> None:
        self.replace_name(record, "system", self.systems.find_own)
        self.replace_name(record, "agency", self.agencies.find)

    def key_of(self, record: SystemUse) -> Hashable:
        return _key(record.system_id, record.using_agency_id, record.since, record.until)

    def key_after(self, record: SystemUse, values: dict[str, Any]) -> Hashable:
        names = ("system", "agency", "since", "until")
        return _key(*(values.get(name) or self.present(record, name) for name in names))

    def key_in(self, values: dict[str, Any]) -> Hashable:
        """Return the key of the use that a row means.

        An agency can leave and return. A row with the first day of a recorded use means that use. A
        row that ends means the open use if one of them has no first day. Any other row means the
        open use, or a new one.
        """
        system, agency = values["system"], values["agency"]
        since, until = values.get("since"), values.get("until")
        uses = self.uses[system, agency]
        same = next((use for use in uses if since and use.since == since), None)
        open_use = next((use for use in uses if use.until is None), None)
        if same is None and open_use and until and not (since and open_use.since):
            same = open_use
        return self.key_of(same) if same else _key(system, agency, since, until)

    def name_of(self, record: SystemUse) -> str:
        agency = self.agencies.codes[record.using_agency_id]
        return f"{self.systems.names[record.system_id]}, {agency}"

    def is_expected(self, record: SystemUse) -> bool:
        return record.until is None

    def create(self, values: dict[str, Any]) -> SystemUse:
        system = self.session.get_one(System, values["system"])
        fields = self._with_code({n: v for n, v in values.items() if n != "system"})
        use = create_use(self.session, system, fields)
        use.system_id = system.id
        self.uses[use.system_id, use.using_agency_id].append(use)
        return use

    def change(self, record: SystemUse, changes: dict[str, Any]) -> None:
        changes.pop("system", None)
        change_use(self.session, record, self._with_code(changes))

    def _with_code(self, values: dict[str, Any]) -> dict[str, Any]:
        if "agency" in values:
            values["agency"] = self.agencies.codes[values["agency"]]
        return values

    def present(self, record: SystemUse, name: str) -> Any:
        match name:
            case "system":
                return record.system_id
            case "agency":
                return record.using_agency_id
        return getattr(record, name)


def _key(system: UUID, agency: UUID, since: date | None, until: date | None) -> Hashable:
    """Return the values that identify a use: an agency has only one open use of a system."""
    return (system, agency, since, until) if until else (system, agency)


USES = RecordKind(ImportKind.USES, USE_FIELDS, USE_SCHEMAS, UseRows, tables=(SystemUse,))
