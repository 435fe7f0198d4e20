"""Notices about names that nearly match recorded names, and cells with several suppliers."""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.identity import Doubt
from catalogue.data_exchange.problems import quoted
from catalogue.data_exchange.resemblance import OwnNames, RegisterNames
from catalogue.systems.models import System

_NAMED = {"supplier_name": "supplier", "product_name": "product"}


class NameNotices:
    """Comparison of a file's names with the register and with the agency's systems.

    The recorded names are read when a row first needs them.
    """

    def __init__(self, session: Session, existing: Sequence[System], front_door: FrontDoor) -> None:
        self.session = session
        self.front_door = front_door
        self.existing = existing
        self.similar: list[tuple[int, str, UUID]] = []

    @cached_property
    def _registers(self) -> dict[str, RegisterNames]:
        with self.session.no_autoflush:
            return {
                "supplier_name": RegisterNames.of_suppliers(self.session),
                "product_name": RegisterNames.of_products(self.session),
            }

    @cached_property
    def _own(self) -> OwnNames:
        return OwnNames(self.existing)

    def check(self, row: int, fields: dict[str, Any], system: System | None) -> Iterator[Doubt]:
        """Yield the notices about a row's supplier and product.

        A recorded name that the register knows stays if the new name only resembles a known one.
        """
        for name, kind in _NAMED.items():
            value = fields.get(name)
            present = getattr(system, name) if system else None
            if not value or value == present:
                continue
            register = self._registers[name]
            if name == "supplier_name" and (parts := register.divide(value)):
                choice = self.front_door.choose(name, value, parts[0])
                detail = (
                    f"The cell names several suppliers: {', '.join(map(quoted, parts))}. The whole "
                    f"text is recorded as one name. To keep the first of them, use {choice}."
                )
                yield Doubt(name, "several_suppliers", detail)
                continue
            suggestion = register.suggest(value)
            if suggestion is None:
                continue
            choice = self.front_door.choose(name, value, suggestion)
            detail = f"The register has no such {kind}. Did you mean “{suggestion}”? Use {choice}."
            if present and register.knows(present):
                del fields[name]
                detail += f" The recorded name “{quoted(present)}” stays."
            yield Doubt(name, "similar_name", detail)

    def note_created(self, row: int, system: System) -> None:
        """Remember a new system whose name resembles that of a recorded one."""
        if self.existing and (like := self._own.find_like(system.name)):
            self.similar.append((row, system.name, like))

    def list_similar(self, seen: Collection[UUID]) -> Iterator[tuple[int, str, Doubt]]:
        """Yield a notice for each new system that resembles a recorded one.

        A new system gets no notice if the file also names the recorded one.
        """
        for row, name, like in self.similar:
            if like in seen:
                continue
            recorded = self._own.systems[like]
            detail = (
                f"Your agency has a system with a similar name: “{quoted(recorded)}” ({like}). "
                f"If both are the same, use {self.front_door.choose('name', name, recorded)}."
            )
            yield row, name, Doubt("name", "similar_record", detail)
