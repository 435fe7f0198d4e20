"""Records that a cell names: systems, agencies and suppliers, by id or by any of their names."""

from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalogue.agencies.models import Agency
from catalogue.core.codes import quote
from catalogue.core.context import Context
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import composed, fold, name_key
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.kinds.record_kind import ImportRun
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.report import MOST_PROBLEMS, ImportReport
from catalogue.data_exchange.resemblance import RegisterNames
from catalogue.data_exchange.values import ValueProblem, is_record_id
from catalogue.suppliers.models import Supplier
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

_ALIKE = 65
_MOST_SUGGESTED = MOST_PROBLEMS
"""The largest number of unknown names with a suggestion. A report lists no more problems."""


class NamedSystems:
    """The systems of the importing agency, and those of other agencies that it can see."""

    def __init__(self, context: Context, run: ImportRun) -> None:
        self.context = context
        self.agency_id = run.agency.id
        self.front_door = run.report.front_door
        self.names: dict[UUID, str] = {}
        self.agencies: dict[UUID, UUID] = {}
        self._by_name: dict[str, UUID] = {}
        self._by_alias: defaultdict[str, set[UUID]] = defaultdict(set)
        self._by_external_id: dict[str, UUID] = {}
        self._suggested: dict[str, str | None] = {}
        statement = (
            sa.select(System)
            .where(System.agency_id == self.agency_id)
            .options(selectinload(System.external_id_links))
        )
        for system in context.session.scalars(statement):
            self._note(system)
            self._by_name[system.name_key] = system.id
            for alias in system.aliases:
                self._by_alias[name_key(alias)].add(system.id)
            for link in system.external_id_links:
                if link.source == run.source:
                    self._by_external_id[link.external_id] = system.id

    def note_visible(self, ids: sa.Select[Any]) -> None:
        """Read the names of those among some systems that the agency can see."""
        statement = sa.select(System).where(System.id.in_(ids))
        for system in self.context.session.scalars(only_visible(self.context, SYSTEMS, statement)):
            self._note(system)

    def _note(self, system: System) -> None:
        self.names[system.id] = system.name
        self.agencies[system.id] = system.agency_id

    def find_own(self, field: str, text: str) -> UUID:
        """Return the id of the agency's system that a cell names. Raises ValueProblem."""
        key = name_key(text)
        found = self._by_external_id.get(composed(text.strip())) or self._by_name.get(key)
        if found is None and is_record_id(text):
            found = next((i for i in (UUID(text.strip()),) if self._owns(i)), None)
        aliases = self._by_alias.get(key, set())
        if found is None and len(aliases) == 1:
            found = next(iter(aliases))
        if found is None and len(aliases) > 1:
            raise ValueProblem(
                "ambiguous",
                f"Several systems of your agency have the alias “{quoted(text)}”. Write the name or "
                "the id of one of them.",
            )
        if found is None:
            raise ValueProblem("unknown", self._unknown(field, text))
        return found

    def _owns(self, identity: UUID) -> bool:
        return self.agencies.get(identity) == self.agency_id

    def find_visible(self, field: str, text: str, agency_id: UUID | None = None) -> UUID:
        """Return the id of a system that the agency can see. Raises ValueProblem.

        With the id of an agency, the system must be that agency's. Without it, the importing
        agency's own systems come first.
        """
        if agency_id in {None, self.agency_id}:
            try:
                return self.find_own(field, text)
            except ValueProblem as problem:
                if agency_id is not None or problem.code != "unknown":
                    raise
        found = self._find_others(text, agency_id)
        if len(found) > 1:
            raise ValueProblem(
                "ambiguous",
                f"Several agencies have a system with the name “{quoted(text)}”. Write the id of "
                "the system, or fill the column of its agency.",
            )
        if not found and agency_id is not None:
            raise ValueProblem(
                "unknown",
                f"The agency has no system with the name “{quoted(text)}” that you can see. Correct "
                "the name or the agency.",
            )
        if not found:
            raise ValueProblem("unknown", self._unknown(field, text))
        return found[0]

    def _find_others(self, text: str, agency_id: UUID | None) -> list[UUID]:
        if is_record_id(text):
            identity = UUID(text.strip())
            found = [identity] if identity in self._visible_owners else []
        else:
            found = self._others.get(name_key(text), [])
        return [i for i in found if agency_id in {None, self._visible_owners[i]}]

    @cached_property
    def _visible_owners(self) -> dict[UUID, UUID]:
        return {i: self.agencies[i] for i in chain.from_iterable(self._others.values())}

    @cached_property
    def _others(self) -> dict[str, list[UUID]]:
        """The systems of other agencies that the agency can see, by the keys of their names.

        All are read when a row first needs one, because a query for each name takes far longer.
        """
        others: defaultdict[str, list[UUID]] = defaultdict(list)
        columns: tuple[Any, ...] = (System.id, System.name, System.name_key, System.agency_id)
        statement: sa.Select[Any] = sa.select(*columns).where(System.agency_id != self.agency_id)
        rows = self.context.session.execute(only_visible(self.context, SYSTEMS, statement))
        for identity, name, key, agency_id in rows:
            others[key].append(identity)
            self.names[identity], self.agencies[identity] = name, agency_id
        return others

    def _suggest(self, text: str) -> str | None:
        from rapidfuzz import fuzz, process

        if text not in self._suggested:
            if len(self._suggested) >= _MOST_SUGGESTED:
                return None
            near = process.extractOne(
                fold(text), self._own_names, scorer=fuzz.ratio, score_cutoff=_ALIKE
            )
            self._suggested[text] = self.names[near[2]] if near else None
        return self._suggested[text]

    @cached_property
    def _own_names(self) -> dict[UUID, str]:
        return {i: fold(name) for i, name in self.names.items() if self._owns(i)}

    def _unknown(self, field: str, text: str) -> str:
        near = self._suggest(text)
        if near is None:
            return (
                f"There is no system with the name “{quoted(text)}”. Record the system first, or "
                "correct the name."
            )
        return (
            f"There is no system with the name “{quoted(text)}”. Did you mean “{quoted(near)}”? "
            f"Use {self.front_door.choose(field, text, near)}."
        )


class NamedAgencies:
    """All agencies, by code and by name. The list of agencies is public."""

    def __init__(self, session: Session, front_door: FrontDoor) -> None:
        self.front_door = front_door
        self.codes: dict[UUID, str] = {}
        self._found: dict[str, UUID] = {}
        self._suggested: dict[str, str | None] = {}
        for agency in session.scalars(sa.select(Agency)):
            self.codes[agency.id] = agency.code
            self._found[fold(agency.name)] = agency.id
        # A code counts for more than a name.
        self._found |= {fold(code): identity for identity, code in self.codes.items()}

    def find(self, field: str, text: str) -> UUID:
        """Return the id of the agency that a cell names. Raises ValueProblem."""
        found = self._found.get(fold(text))
        if found is None:
            near = self._suggest(text)
            choice = self.front_door.choose(field, text, "CODE")
            detail = (
                f"There is no agency {quote(text)}. Write the name or the code of an agency, or "
                f"use {choice}."
            )
            if near:
                choice = self.front_door.choose(field, text, near)
                detail = f"There is no agency {quote(text)}. Did you mean `{near}`? Use {choice}."
            raise ValueProblem("unknown", detail)
        return found

    def _suggest(self, text: str) -> str | None:
        """Return the code of the agency with nearly this name or code, or None."""
        from rapidfuzz import fuzz, process

        if text not in self._suggested:
            if len(self._suggested) >= _MOST_SUGGESTED:
                return None
            near = process.extractOne(
                fold(text), list(self._found), scorer=fuzz.ratio, score_cutoff=_ALIKE
            )
            self._suggested[text] = self.codes[self._found[near[0]]] if near else None
        return self._suggested[text]


class NamedSuppliers:
    """The register of suppliers, by name, alias, former name and company number."""

    def __init__(self, session: Session, front_door: FrontDoor) -> None:
        self.front_door = front_door
        self.names: dict[UUID, str] = {}
        self._by_name: dict[str, UUID] = {}
        self._by_other_name: defaultdict[str, set[UUID]] = defaultdict(set)
        with session.no_autoflush:
            for supplier in session.scalars(sa.select(Supplier)):
                self._note(supplier)
            self.register = RegisterNames.of_suppliers(session)

    def add(self, supplier: Supplier) -> None:
        """Add a supplier that the import has recorded."""
        self._note(supplier)
        for name in (*supplier.aliases, supplier.name):
            self.register.add(name)

    def remove(self, identity: UUID) -> None:
        """Remove a supplier without aliases that the import has taken back."""
        name = self.names.pop(identity)
        del self._by_name[name_key(name)]
        self.register.remove(name)

    def _note(self, supplier: Supplier) -> None:
        self.names[supplier.id] = supplier.name
        self._by_name[supplier.name_key] = supplier.id
        former = (each["name"] for each in supplier.former_names)
        for name in (*supplier.aliases, *former):
            self._by_other_name[name_key(name)].add(supplier.id)

    def find(self, text: str) -> UUID | None:
        """Return the supplier that a cell names, or None. Raises ValueProblem if several have it."""
        # A name counts for more than an alias, and the text as it is for more than one without “Ltd”.
        known = self.register.known_name(text)
        keys = [name_key(text), *([name_key(known)] if known else [])]
        for key in keys:
            if key in self._by_name:
                return self._by_name[key]
        found = next((f for key in keys if (f := self._by_other_name.get(key))), set())
        if len(found) > 1:
            names = " and ".join(sorted(f"“{quoted(self.names[i])}”" for i in found))
            raise ValueProblem(
                "ambiguous", f"The name can mean {names}. Write one of these names instead."
            )
        return next(iter(found), None)

    def find_or_suggest(self, field: str, text: str) -> UUID | None:
        """Return the supplier that a cell names, or None if the name is new.

        Raises ValueProblem if a known name is spelt nearly like it, or the cell has several names.
        """
        found = self.find(text)
        if found is not None:
            return found
        if parts := self.register.divide(text):
            raise ValueProblem(
                "several_suppliers",
                f"The cell names several suppliers: {', '.join(map(quoted, parts))}. Write one of "
                "them.",
            )
        if suggestion := self.register.suggest(text):
            choice = self.front_door.choose(field, text, suggestion)
            raise ValueProblem(
                "similar_name",
                f"The register has no such supplier. Did you mean “{suggestion}”? Use {choice}, or "
                "record the supplier first.",
            )
        return None

    def notice_uncompared(self, report: ImportReport) -> None:
        """Record a notice if the file had too many new names to compare all with the register."""
        if self.register.is_spent:
            detail = (
                "The file has too many new suppliers, so the last ones were not compared with "
                "similar names in the register. Check them, or send the file in parts."
            )
            report.notice(TableProblem("names_not_compared", detail, field="supplier_name"))
