"""The writer of systems that the API, feeds, bulk requests and imports share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.capabilities.models import Capability
from catalogue.capabilities.operations import unknown_capability
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.drafts import draft_of, is_draft, new_part
from catalogue.core.errors import FieldError, Unprocessable, invalid
from catalogue.core.text import name_key, search_text
from catalogue.core.transitions import explain_refusal
from catalogue.core.types import same_json
from catalogue.custom_fields.values import DeclaredField, declared_fields, stored_values
from catalogue.custom_fields.vocabulary import CustomFieldRecord
from catalogue.suppliers.models import Product
from catalogue.suppliers.operations import ProductNames
from catalogue.systems.completeness import update_completeness
from catalogue.systems.lifecycle import TRANSITIONS, can_be_reached, can_follow
from catalogue.systems.models import System, SystemCapability, SystemExternalId
from catalogue.systems.vocabulary import MOST_ATTRIBUTES, Lifecycle

UNKNOWN_PRODUCT = "The product is unknown. Choose a product that `GET /v1/products` lists."

RetirementCheck = Callable[[Context, System], list[str]]
_retirement_checks: list[RetirementCheck] = []


def retirement_check(check: RetirementCheck) -> RetirementCheck:
    """Register a function that returns a sentence for each reason not to decommission a system.

    Systems cannot import decisions and migrations, which are in higher layers. So those packages
    register their checks.
    """
    _retirement_checks.append(check)
    return check


@dataclass
class SystemWriter:
    """A writer of an agency's systems, which caches the records that many writes look up.

    With `allow_skipped_steps`, a change can skip lifecycles. Spreadsheets need that, because they
    show only the present lifecycle.
    """

    context: Context
    agency_id: UUID
    allow_skipped_steps: bool = False
    _capabilities: dict[str, UUID] | None = None
    _declared: dict[str, DeclaredField] | None = None
    _names: ProductNames | None = None

    @classmethod
    def of_actor(cls, context: Context) -> "SystemWriter":
        """Return a writer for the actor's agency. Raises Forbidden for an actor without one."""
        return cls(context, context.require_agency("A system belongs to an agency"))

    def create(self, fields: dict[str, Any]) -> System:
        """Record a system. Raises Unprocessable for invalid values."""
        system = self._fill(System(), fields)
        self.context.session.add(system)
        return system

    def draft(self, fields: dict[str, Any]) -> System:
        """Make a draft of a system, which the caller records together with many others.

        Raises Unprocessable for invalid values.
        """
        return self._fill(draft_of(System), fields)

    def _fill(self, system: System, fields: dict[str, Any]) -> System:
        system.agency_id, system.lifecycle = self.agency_id, fields["lifecycle"]
        system.retention_hold = False
        system.aliases, system.tags, system.attributes = [], [], {}
        with self.context.session.no_autoflush:
            self._apply(system, fields)
        return system

    def change(self, system: System, changes: dict[str, Any]) -> bool:
        """Change some fields, and return whether anything changed.

        Raises Unprocessable for invalid values. The caller must then discard the system, which can
        hold part of the changes.
        """
        after = changes.get("lifecycle", system.lifecycle)
        if after != system.lifecycle:
            self._require_transition(system, after)
            if after is Lifecycle.DECOMMISSIONED:
                self._require_no_blockers(system, changes)
        # One flush, so that one change set of the audit log holds the whole change.
        with self.context.session.no_autoflush:
            return self._apply(system, changes)

    def _apply(self, system: System, changes: dict[str, Any]) -> bool:
        values = dict(changes)
        changed = False
        names_before = system.product_name, system.supplier_name
        if "attributes" in values:
            attributes = self._stored_attributes(values["attributes"])
            values["attributes"] = _merged(system.attributes, attributes)
            if len(values["attributes"]) > MOST_ATTRIBUTES:
                detail = (
                    f"The system would have more than {MOST_ATTRIBUTES} attributes. Remove some."
                )
                raise invalid("/attributes", "too_many", detail)
        if "capabilities" in values:
            changed |= self._set_capabilities(system, values.pop("capabilities"))
        if "external_ids" in values:
            changed |= self._set_external_ids(system, values.pop("external_ids"))
        if changed:
            system.touch()
        if "product_id" in values:
            self._require_product(values["product_id"])
        is_new = is_draft(system) or sa.inspect(system).transient
        for name, value in values.items():
            if is_new or not same_json(getattr(system, name), value):
                setattr(system, name, value)
                changed = True
        # A linked product stays linked until a name changes, so that an explicit choice lasts.
        names_after = system.product_name, system.supplier_name
        linked = system.product_id and names_before == names_after
        if {"product_name", "supplier_name"} & set(changes) and "product_id" not in changes:
            changed |= not linked and self._find_product(system)
        if changed:
            update_completeness(system)
            system.name_key = name_key(system.name)
            system.summary_search_text = search_text(
                system.name, system.product_name, system.supplier_name
            )
            system.search_text = search_text(
                system.name,
                system.aliases,
                system.product_name,
                system.supplier_name,
                system.description,
                system.tags,
            )
        return changed

    def _stored_attributes(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Check the values of declared custom fields, and return them as they are stored."""
        if self._declared is None:
            session = self.context.session
            self._declared = declared_fields(session, self.agency_id, CustomFieldRecord.SYSTEM)
        return stored_values(self._declared, attributes, pointer="/attributes")

    def _require_transition(self, system: System, after: Lifecycle) -> None:
        allowed = can_be_reached if self.allow_skipped_steps else can_follow
        if not allowed(system.lifecycle, after):
            follow = sorted(TRANSITIONS[system.lifecycle])
            detail = explain_refusal("system", system.lifecycle, follow, after)
            raise invalid("/lifecycle", "transition", detail)

    def _require_no_blockers(self, system: System, changes: dict[str, Any]) -> None:
        blockers = [s for check in _retirement_checks for s in check(self.context, system)]
        if changes.get("retention_hold") and not system.retention_hold:
            blockers.append(
                "The change would place a retention hold on the system's records. "
                "Leave `retention_hold` false."
            )
        if blockers:
            raise Unprocessable(
                "The system cannot be decommissioned yet. First clear the blockers that `errors` lists.",
                errors=[FieldError("/lifecycle", "blocked", each) for each in blockers],
            )

    def _set_capabilities(self, system: System, codes: list[str]) -> bool:
        if self._capabilities is None:
            statement = sa.select(Capability.code, Capability.id)
            self._capabilities = pairs(self.context.session, statement)
        known = self._capabilities
        unknown = [
            FieldError(f"/capabilities/{i}", "unknown", unknown_capability(code))
            for i, code in enumerate(codes)
            if code not in known
        ]
        if unknown:
            raise Unprocessable(
                "Some capabilities are unknown. Correct those that `errors` lists.", errors=unknown
            )
        wanted = {known[code] for code in codes}
        present = {link.capability_id for link in system.capability_links}
        if wanted == present:
            return False
        kept = [link for link in system.capability_links if link.capability_id in wanted]
        added = [
            new_part(system, SystemCapability, capability_id=c) for c in sorted(wanted - present)
        ]
        system.capability_links = kept + added
        return True

    def _set_external_ids(self, system: System, entries: list[dict[str, str]]) -> bool:
        wanted = {each["source"]: each["id"] for each in entries}
        if len(wanted) < len(entries):
            raise invalid(
                "/external_ids",
                "repeated",
                "A source of external ids is listed more than once. Give one id for each source.",
            )
        present = {link.source: link for link in system.external_id_links}
        if wanted == {source: link.external_id for source, link in present.items()}:
            return False
        for source, identity in wanted.items():
            if source in present:
                present[source].external_id = identity
            else:
                present[source] = new_part(
                    system,
                    SystemExternalId,
                    source=source,
                    external_id=identity,
                    agency_id=system.agency_id,
                )
        system.external_id_links = [present[source] for source in wanted]
        return True

    def _require_product(self, identity: UUID | None) -> None:
        if identity is not None and self.context.session.get(Product, identity) is None:
            raise invalid("/product_id", "unknown", UNKNOWN_PRODUCT)

    def _find_product(self, system: System) -> bool:
        if self._names is None:
            self._names = ProductNames.of(self.context.session)
        product = self._names.product(system.product_name, system.supplier_name)
        product_id = product.id if product else None
        if system.product_id == product_id:
            return False
        system.product_id = product_id
        return True


def _merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    # JSON Merge Patch (RFC 7396): null removes a field.
    after = before | changes
    return {name: value for name, value in after.items() if value is not None}


@retirement_check
def find_retention_hold(_context: Context, system: System) -> list[str]:
    """Return a list with one sentence if the system has a retention hold, otherwise an empty list."""
    if system.retention_hold:
        return ["The system's records are under a retention hold. Lift the hold first."]
    return []


def find_by_external_id(
    session: Session, agency_id: UUID, source: str, identity: str
) -> System | None:
    """Lock and return the agency's system with this id in a register. Return None without one."""
    return session.scalar(
        sa.select(System)
        .join(SystemExternalId, SystemExternalId.system_id == System.id)
        .where(
            SystemExternalId.agency_id == agency_id,
            SystemExternalId.source == source,
            SystemExternalId.external_id == identity,
        )
        .with_for_update(of=System)
    )


def find_holder(context: Context, fields: dict[str, Any], pointer: str) -> UUID | None:
    """Return the id of your agency's system that has the name or an external id of some fields."""
    systems = sa.select(System.id).where(System.agency_id == context.actor.agency_id)
    if pointer == "/name":
        systems = systems.where(System.name_key == name_key(fields.get("name", "")))
    elif pointer == "/external_ids":
        same = [
            sa.and_(
                SystemExternalId.source == each["source"],
                SystemExternalId.external_id == each["id"],
            )
            for each in fields.get("external_ids", ())
        ]
        systems = systems.join(SystemExternalId, SystemExternalId.system_id == System.id)
        systems = systems.where(sa.or_(sa.false(), *same))
    else:
        return None
    return context.session.scalar(systems.limit(1))
