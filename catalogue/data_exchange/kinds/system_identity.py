"""The system that a row means, and the doubts about it."""

from collections.abc import Sequence
from typing import Any

from catalogue.core.text import name_key
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.identity import Confirmed, Doubt, RecordedNames, without_zeros
from catalogue.data_exchange.problems import quoted
from catalogue.systems.models import System

_UNKNOWN_ID = (
    "No system of your agency has this id. Empty the cell to record a new system, or remove the "
    "row. To export only the systems of your agency, filter the list by `agency`."
)


class SystemIdentity:
    """The agency's systems by id and name, and the rows of the file that are about them."""

    def __init__(
        self,
        existing: Sequence[System],
        source: str | None,
        confirmed: Confirmed,
        file_names: Sequence[str],
        front_door: FrontDoor,
    ) -> None:
        self.source = source
        self.confirmed = confirmed
        self.front_door = front_door
        self.by_name = {system.name_key: system for system in existing}
        self._by_id = {system.id: system for system in existing}
        self.by_external_id = {i: s for s in existing if (i := self.id_of(s))}
        self._by_bare_id = {without_zeros(i): s for i, s in self.by_external_id.items()}
        ids = {system.id: identity for identity, system in self.by_external_id.items()}
        self.recorded = RecordedNames.of(existing, ids, file_names, front_door) if ids else None
        self.claimed: dict[Any, tuple[int, str | None, str | None]] = {}

    def id_of(self, system: System) -> str | None:
        """Return the id of a system in the register that the file comes from."""
        if self.source is None:
            return None
        links = system.external_id_links
        return next((x.external_id for x in links if x.source == self.source), None)

    @property
    def has_ids(self) -> bool:
        """True if a system had an id in the register `source` before the import."""
        return bool(self.by_external_id)

    def rename(self, system: System, former: str) -> None:
        """Note that a system has a new name, so that another row can use the former one."""
        self.by_name[system.name_key] = self.by_name.pop(former)

    def find(
        self, row: int, fields: dict[str, Any], *, has_errors: bool
    ) -> tuple[System | None, list[Doubt]]:
        """Return the system that a row means, and the doubts, which reject the row."""
        name, identity = fields.get("name"), fields.get("external_id")
        key = name_key(name) if name else None
        own = self._by_id.get(record_id) if (record_id := fields.pop("id", None)) else None
        if record_id and own is None:
            return None, [Doubt("id", "unknown", _UNKNOWN_ID)]
        known = self.by_external_id.get(identity) if identity else None
        doubts: list[Doubt] = []
        if identity and known is None and (like := self._by_bare_id.get(without_zeros(identity))):
            known = like
            recorded = self.id_of(like) or ""
            if self.confirmed.ids:
                identity = fields["external_id"] = max(identity, recorded, key=len)
            else:
                detail = (
                    f"The record “{quoted(like.name)}” has the id “{quoted(recorded)}”, which "
                    "differs only in its zeros. Spreadsheet programs drop leading zeros. Correct "
                    f"the id, or confirm with {self.front_door.confirm('ids')} that the ids are "
                    "the same."
                )
                doubts.append(Doubt("external_id", "id_without_zeros", detail))
        named = self.by_name.get(key) if key else None
        system = own or known or named
        if not doubts and own is None:
            doubts += self._doubts(known, named, name, identity, fields)
        elif not doubts:
            doubts += _doubts_of_record(own, known, named)
        if not doubts and not has_errors:
            doubts += self._claim(row, identity, name, key, system)
        return system, doubts

    def _doubts(
        self,
        known: System | None,
        named: System | None,
        name: str | None,
        identity: str | None,
        fields: dict[str, Any],
    ) -> list[Doubt]:
        if known is not None and name and self.recorded and not self.confirmed.renames:
            doubt = self.recorded.doubt_of_rename(known, name, fields.get("aliases", ()))
            if doubt:
                return [doubt]
        if known is not None and named is not None and known is not named:
            detail = "Another system of your agency has this name. Change the name or the id."
            return [Doubt("name", "name_taken", detail)]
        if known is None and named is not None and identity and (other := self.id_of(named)):
            detail = (
                f"The system with this name has the id {other!r} in {self.source!r}. "
                "Correct one of them."
            )
            return [Doubt("name", "name_taken", detail)]
        return []

    def _claim(
        self,
        row: int,
        identity: str | None,
        name: str | None,
        key: str | None,
        system: System | None,
    ) -> list[Doubt]:
        """Reserve a system for a row. A second row is rejected with the number of the first."""
        claims = {"external_id": identity, "name": key, None: system.id if system else None}
        for field, claim in claims.items():
            if not claim:
                continue
            first, first_id, first_name = self.claimed.setdefault(
                (field, claim), (row, identity, name)
            )
            if first != row:
                same = {"external_id": name_key(first_name or "") == (key or "")}
                same["name"] = not identity or not first_id
                return [
                    _repeated(first, row, field, (first_id, identity), (first_name, name), same)
                ]
        return []


def _doubts_of_record(
    own: System | None, known: System | None, named: System | None
) -> list[Doubt]:
    """Return the doubts about a row with the catalogue's id of a system, which can rename it."""
    if known is not None and known is not own:
        detail = "Another system of your agency has this external id. Correct one of the ids."
        return [Doubt("external_id", "name_taken", detail)]
    if named is not None and named is not own:
        detail = "Another system of your agency has this name. Change the name or the id."
        return [Doubt("name", "name_taken", detail)]
    return []


def _repeated(
    first: int,
    row: int,
    field: str | None,
    ids: tuple[str | None, str | None],
    names: tuple[str | None, str | None],
    same: dict[str, bool],
) -> Doubt:
    rows = f"Rows {first} and {row}"
    if field == "external_id" and not same["external_id"]:
        shown = " and ".join(f"“{quoted(name)}”" for name in names)
        detail = (
            f"{rows} have the same id “{quoted(ids[1])}” and different names: {shown}. "
            "Correct the id of one of them."
        )
        return Doubt("external_id", "repeated_id", detail)
    if field == "name" and not same["name"]:
        shown = " and ".join(f"“{quoted(identity)}”" for identity in ids)
        detail = (
            f"{rows} have the same name and different ids: {shown}. Add a word to one of the "
            "names, such as the site, because each system needs a name of its own."
        )
        return Doubt("name", "repeated_name", detail)
    detail = f"{rows} are about the same system. Remove one of the rows."
    return Doubt(field or "name", "duplicate_row", detail)
