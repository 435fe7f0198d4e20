"""Effects of deleting or merging systems and products on overlaps and decisions."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, describe_record, fixed, in_use, reference_to
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapMember,
    OverlapOrigin,
    OverlapPair,
    OverlapReview,
)
from catalogue.rationalisation.overlaps.run_lock import acquire_run_lock
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.suppliers.models import Product
from catalogue.systems.models import System


@reference_to(System)
class DecisionsOnSystem(Reference):
    """Decisions that name a system. The system's owner can see all of them."""

    columns = ("decision_member.system_id", "decision_member.successor_id")

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for decision in _decisions(context.session, record.id):
            described = describe_record(context, decision, DECISIONS, Scope.DECISIONS_READ)
            yield in_use(
                f"{described} names the system. Remove the system if the decision is a draft, or "
                "keep the system."
            )

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        for decision in _decisions(context.session, duplicate.id):
            described = describe_record(context, decision, DECISIONS, Scope.DECISIONS_READ)
            named = {member.system_id for member in decision.members}
            named |= {member.successor_id for member in decision.members if member.successor_id}
            if decision.status is not DecisionStatus.DRAFT:
                yield fixed(
                    f"{described} is {decision.status.value}, and names the "
                    "duplicate. Keep both systems, because the content of a proposed decision "
                    "cannot change."
                )
            elif survivor.id in named:
                yield fixed(f"{described} names both systems. Remove one of them first.")

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        for decision in _decisions(context.session, duplicate.id):
            members = []
            for member in decision.members:
                if member.successor_id == duplicate.id:
                    member.successor_id = survivor.id
                members.append(_moved(member, duplicate, survivor))
            decision.members = members
            decision.touch()


def _moved(member: DecisionMember, duplicate: System, survivor: System) -> DecisionMember:
    """Return the member. If it names the duplicate, make a new row, because the system is in the key."""
    if member.system_id != duplicate.id:
        return member
    return DecisionMember(
        system_id=survivor.id,
        disposition=member.disposition,
        strategy=member.strategy,
        successor_id=member.successor_id,
        is_open=member.is_open,
    )


def _decisions(session: Session, system_id: UUID) -> list[Decision]:
    names = sa.or_(DecisionMember.system_id == system_id, DecisionMember.successor_id == system_id)
    named = sa.exists().where(DecisionMember.decision_id == Decision.id, names)
    return list(session.scalars(sa.select(Decision).where(named).order_by(Decision.id)))


@reference_to(System)
class OverlapsOfSystem(Reference):
    """Overlaps, which runs find by comparing systems. They block no deletion and no merger.

    A deletion or a merger removes the system from its overlaps. The survivor of a merger joins no
    further overlap before the next run.
    """

    columns = ("overlap_member.system_id", "overlap_pair.first_id", "overlap_pair.second_id")

    def end(self, context: Context, record: System) -> None:
        session = context.session
        acquire_run_lock(session)
        for overlap in _overlaps(session, record.id):
            _remove(session, overlap, record.id)

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        # The title, evidence and reviews are about the duplicate, and readers of the survivor might
        # not have seen it. The next run compares the survivor's own record.
        self.end(context, duplicate)


def _remove(session: Session, overlap: Overlap, system_id: UUID) -> None:
    """Remove a system from an overlap.

    A pair is deleted, or stays without members if another record refers to it.
    """
    if overlap.pair is None:
        overlap.members = [each for each in overlap.members if each.system_id != system_id]
        return
    referring = (OverlapReview.overlap_id, Decision.overlap_id, OverlapOrigin.origin_id)
    if any(
        session.scalar(sa.select(column).where(column == overlap.id).limit(1))
        for column in referring
    ):
        overlap.members, overlap.pair = [], None
    else:
        session.delete(overlap)


def _overlaps(session: Session, system_id: UUID) -> list[Overlap]:
    is_member = sa.exists().where(
        OverlapMember.overlap_id == Overlap.id, OverlapMember.system_id == system_id
    )
    is_end = sa.exists().where(
        OverlapPair.overlap_id == Overlap.id,
        sa.or_(OverlapPair.first_id == system_id, OverlapPair.second_id == system_id),
    )
    statement = sa.select(Overlap).where(sa.or_(is_member, is_end)).order_by(Overlap.id)
    return list(session.scalars(statement))


@reference_to(Product)
class OverlapsOfProduct(Reference):
    """Overlaps of systems with the same product. They block no deletion and no merger."""

    columns = ("overlap.product_id",)

    def end(self, context: Context, record: Product) -> None:
        for overlap in _of_product(context, record):
            overlap.product_id = None

    def move(self, context: Context, duplicate: Product, survivor: Product) -> None:
        for overlap in _of_product(context, duplicate):
            overlap.product_id = survivor.id


def _of_product(context: Context, product: Product) -> Any:
    acquire_run_lock(context.session)
    return context.session.scalars(sa.select(Overlap).where(Overlap.product_id == product.id))
