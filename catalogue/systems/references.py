"""References to systems and products from systems, uses, attestations and interfaces."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.capabilities.models import Capability
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, fill_blanks, fixed, in_use, reference_to
from catalogue.core.rest.reader import only_visible
from catalogue.suppliers.models import Product
from catalogue.systems.attestations.models import Attestation
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.models import SystemUse

MOST_ALIASES = 50


@reference_to(System)
class PartsOfSystem(Reference):
    """Capabilities and external ids, which are fields of the system."""

    columns = ("system_capability.system_id", "system_external_id.system_id")

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        if duplicate.disclosure.is_narrower_than(survivor.disclosure):
            yield FieldError(
                "/duplicate_id",
                "narrower_disclosure",
                f"The duplicate has the disclosure `{duplicate.disclosure.value}` and the system "
                f"that stays `{survivor.disclosure.value}`, so the merger would show more agencies "
                "what was recorded for the duplicate. Change the disclosure of one of the two "
                "systems first.",
            )
        ids = {link.source: link.external_id for link in survivor.external_id_links}
        for link in duplicate.external_id_links:
            if ids.get(link.source, link.external_id) != link.external_id:
                yield fixed(
                    f"Both systems have an id in the register {link.source}: "
                    f"{ids[link.source]} and {link.external_id}. Remove one of the two ids first."
                )
        count = len({*survivor.aliases, duplicate.name, *duplicate.aliases})
        if count > MOST_ALIASES:
            yield fixed(
                f"The merged system would have more than {MOST_ALIASES} aliases. Remove some first."
            )

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        session = context.session
        external_ids = _external_ids(duplicate)
        capabilities = {link.capability_id for link in duplicate.capability_links}
        duplicate.external_id_links = []
        duplicate.capability_links = []
        # The external ids of an agency are unique, so the duplicate must release its own first.
        session.flush()
        writer = SystemWriter(context, survivor.agency_id)
        names = [duplicate.name, *duplicate.aliases]
        known = {survivor.name, *survivor.aliases}
        aliases = [*survivor.aliases, *(n for n in dict.fromkeys(names) if n not in known)]
        writer.change(
            survivor,
            {
                "aliases": aliases,
                "external_ids": [*_external_ids(survivor), *external_ids],
                "capabilities": _codes(context, survivor, capabilities),
            },
        )


def _external_ids(system: System) -> list[dict[str, str]]:
    return [{"source": x.source, "id": x.external_id} for x in system.external_id_links]


def _codes(context: Context, system: System, more: set[UUID]) -> list[str]:
    wanted = more | {link.capability_id for link in system.capability_links}
    statement = sa.select(Capability.code).where(Capability.id.in_(wanted))
    return sorted(context.session.scalars(statement))


@reference_to(System)
class UsesOfSystem(Reference):
    """Uses, which the owner of the system records. Uses by other agencies block a deletion."""

    columns = ("system_use.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for use, agency in _uses(context, record):
            if use.using_agency_id != record.agency_id:
                yield in_use(f"{agency} uses the system. Delete the use {_path(use)} first.")

    def find_parts(self, context: Context, record: System) -> Iterator[FieldError]:
        for use, agency in _uses(context, record):
            if use.using_agency_id == record.agency_id:
                yield in_use(f"{agency} uses the system. Delete the use {_path(use)} first.")

    def end(self, context: Context, record: System) -> None:
        for use, _ in _uses(context, record):
            context.session.delete(use)

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        session = context.session
        open_uses = {u.using_agency_id: u for u, _ in _uses(context, survivor) if u.until is None}
        for use, _ in _uses(context, duplicate):
            kept = open_uses.get(use.using_agency_id) if use.until is None else None
            if kept is None:
                use.system = survivor
                continue
            fill_blanks(kept, use, "user_count", "since")
            session.delete(use)


def _uses(context: Context, system: System) -> list[Any]:
    statement = (
        sa.select(SystemUse, Agency.name)
        .join(Agency, Agency.id == SystemUse.using_agency_id)
        .where(SystemUse.system_id == system.id)
        .order_by(SystemUse.id)
    )
    return list(context.session.execute(statement).all())


def _path(use: SystemUse) -> str:
    return f"/v1/systems/{use.system_id}/uses/{use.id}"


@reference_to(System)
class AttestationsOfSystem(Reference):
    """Attestations, which are statements about one record and are deleted with it."""

    columns = ("attestation.system_id",)

    def find_parts(self, context: Context, record: System) -> Iterator[FieldError]:
        for attestation in _attestations(context, record):
            day = attestation.created_at.date().isoformat()
            yield in_use(
                f"Your agency attested the system on {day}. "
                "Delete the system itself to delete its attestations."
            )

    def end(self, context: Context, record: System) -> None:
        for attestation in _attestations(context, record):
            context.session.delete(attestation)

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        self.end(context, duplicate)


def _attestations(context: Context, system: System) -> list[Attestation]:
    statement = sa.select(Attestation).where(Attestation.system_id == system.id)
    return list(context.session.scalars(statement.order_by(Attestation.id)))


@reference_to(System)
class InterfacesOfSystem(Reference):
    """Interfaces of a system. The system's owner can see all of them."""

    columns = ("interface.from_system_id", "interface.to_system_id")

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for interface in _interfaces(context, record):
            yield in_use(
                f"An interface ({interface.standard.value}) connects "
                f"{_other_end(context, interface, record)} with the system. The interface "
                f"/v1/interfaces/{interface.id} must be deleted first."
            )

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        # The merger must not reveal whether the two interfaces have the same hidden end.
        hidden = _with_hidden_end(context, survivor)
        for key, interface in _with_hidden_end(context, duplicate).items():
            if key in hidden:
                yield fixed(
                    f"Both systems have an interface ({interface.standard.value}) with a system "
                    "that your agency cannot see. The agency that recorded "
                    f"/v1/interfaces/{interface.id} must delete the interface first."
                )

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        session = context.session
        kept = {_interface_key(each): each for each in _interfaces(context, survivor)}
        for interface in _interfaces(context, duplicate):
            ends = {
                name: survivor.id if getattr(interface, name) == duplicate.id else None
                for name in ("from_system_id", "to_system_id")
            }
            source = ends["from_system_id"] or interface.from_system_id
            target = ends["to_system_id"] or interface.to_system_id
            same = kept.get((interface.agency_id, source, target, interface.standard))
            if source == target or same is not None:
                if same is not None:
                    names = ("data_categories", "criticality", "fallback", "description")
                    fill_blanks(same, interface, *names)
                session.delete(interface)
                continue
            interface.from_system_id, interface.to_system_id = source, target
            kept[_interface_key(interface)] = interface


def _interfaces(context: Context, system: System) -> list[Interface]:
    statement = sa.select(Interface).where(
        sa.or_(Interface.from_system_id == system.id, Interface.to_system_id == system.id)
    )
    return list(context.session.scalars(statement.order_by(Interface.id)))


def _interface_key(interface: Interface) -> tuple[Any, ...]:
    ends = (interface.from_system_id, interface.to_system_id)
    return (interface.agency_id, *ends, interface.standard)


def _with_hidden_end(context: Context, system: System) -> dict[tuple[Any, ...], Interface]:
    """Return the interfaces whose other end the actor cannot see, by standard and direction."""
    return {
        (each.standard, each.from_system_id == system.id): each
        for each in _interfaces(context, system)
        if _name_of_other_end(context, each, system) is None
    }


def _other_end(context: Context, interface: Interface, system: System) -> str:
    name = _name_of_other_end(context, interface, system)
    return "a system that your agency cannot see" if name is None else f"“{name}”"


def _name_of_other_end(context: Context, interface: Interface, system: System) -> str | None:
    ends = {interface.from_system_id, interface.to_system_id} - {system.id}
    statement = sa.select(System.name).where(System.id.in_(ends))
    name: str | None = context.session.scalar(only_visible(context, SYSTEMS, statement))
    return name


@reference_to(Product)
class SystemsOfProduct(Reference):
    """Systems of a product. If the actor can see none of them, the error names no system."""

    columns = ("system.product_id",)

    def find_uses(self, context: Context, record: Product) -> Iterator[FieldError]:
        statement = (
            sa.select(System)
            .where(System.product_id == record.id)
            .order_by(System.name_key, System.id)
        )
        visible = list(context.session.scalars(only_visible(context, SYSTEMS, statement)))
        for system in visible:
            yield in_use(
                f"The system “{system.name}” (/v1/systems/{system.id}) has this product. Its "
                "owner must choose another product first."
            )
        if not visible and context.session.scalar(statement.limit(1)) is not None:
            yield in_use("Other records use this product. Ask an administrator about them.")

    def move(self, context: Context, duplicate: Product, survivor: Product) -> None:
        statement = sa.select(System).where(System.product_id == duplicate.id)
        for system in context.session.scalars(statement):
            system.product_id = survivor.id
