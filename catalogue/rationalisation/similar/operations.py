"""Finding systems that are, or do, what another one is or does, at the moment of asking.

Everything is found among the records that the actor sees, with what it sees of them, and by
reference data that everybody may read. So nothing that it may not see makes a difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.capabilities.models import Capability
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unprocessable
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile
from catalogue.rationalisation.matching.classification import PRODUCT_KINDS, Match, compare
from catalogue.rationalisation.matching.grouping import ENDED
from catalogue.rationalisation.matching.records import Record, Reference
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.rationalisation.overlaps.record_reader import read_reference, read_visible_records
from catalogue.rationalisation.similar.terms import SearchTerms, search_terms_of
from catalogue.rationalisation.visible_systems import sees_more_than_summaries
from catalogue.systems.models import System, SystemCapability
from catalogue.systems.resources import PROFILES, SYSTEMS
from catalogue.systems.vocabulary import Lifecycle

MOST_COMPARED = 100
"""As many candidates are compared, those that share most first: some thirty milliseconds' work."""

NOBODY = UUID(int=0)
"""Stands for the id of a system that is not recorded."""


@dataclass(frozen=True, slots=True)
class SimilarSystem:
    """A system that is like the one asked about."""

    record: Record
    agency: str
    agency_name: str
    match: Match


def list_similar_systems(context: Context, system_id: UUID, *, limit: int) -> list[SimilarSystem]:
    """Systems like one that is recorded. NotFound where the actor may not see it."""
    recorded = read_visible_records(context, [system_id])
    if not recorded:
        raise SYSTEMS.absent()
    return _similar(context, recorded[0], read_reference(context.session), limit=limit)


def find_similar_systems(
    context: Context, fields: dict[str, Any], *, limit: int
) -> list[SimilarSystem]:
    """Systems like one that somebody means to record. Unprocessable names what is not known."""
    reference = read_reference(context.session)
    errors = [*_unknown_product(fields, reference), *_unknown_capabilities(context.session, fields)]
    if errors:
        raise Unprocessable("It names what is not known.", errors=errors)
    record = Record(
        NOBODY,
        context.actor.agency_id or NOBODY,
        fields["name"],
        Lifecycle.PLANNED,
        product_id=fields.get("product_id"),
        product_name=fields.get("product_name"),
        supplier_name=fields.get("supplier_name"),
        capabilities=tuple(fields.get("capabilities", ())),
        aliases=tuple(fields.get("aliases", ())),
        description=fields.get("description"),
        version=fields.get("product_version"),
    )
    return _similar(context, record, reference, limit=limit)


def _unknown_product(fields: dict[str, Any], reference: Reference) -> Iterable[FieldError]:
    product_id = fields.get("product_id")
    if product_id is not None and product_id not in reference.products:
        yield FieldError("/product_id", "unknown", "There is no such product.")


def _unknown_capabilities(session: Session, fields: dict[str, Any]) -> Iterable[FieldError]:
    codes = fields.get("capabilities", ())
    asked = sa.select(Capability.code).where(Capability.code.in_(codes))
    known = set(session.scalars(asked)) if codes else set()
    for i, code in enumerate(codes):
        if code not in known:
            detail = f"There is no capability {code!r}."
            yield FieldError(f"/capabilities/{i}", "unknown", detail)


def _similar(
    context: Context, record: Record, reference: Reference, *, limit: int
) -> list[SimilarSystem]:
    weights = public_weights(reference)
    wanted = search_terms_of(record, reference, weights)
    candidates = _candidates(context, wanted, excluded_id=record.system_id)
    found = [
        (other, finding)
        for other in read_visible_records(context, candidates)
        if (finding := compare(record, other, reference, weights)) is not None
    ]
    # What is the same product comes before what only serves the same function, however surely.
    found.sort(
        key=lambda pair: (pair[1].kind not in PRODUCT_KINDS, -pair[1].score, pair[0].system_id)
    )
    agencies = {
        each.id: each for each in context.session.execute(sa.select(Agency.id, Agency.code))
    }
    return [
        SimilarSystem(
            other, agencies[other.agency_id].code, reference.agencies[other.agency_id], finding
        )
        for other, finding in found[:limit]
    ]


def _candidates(context: Context, wanted: SearchTerms, *, excluded_id: UUID) -> list[UUID]:
    """The systems, of those that the actor sees, that share most of what is wanted."""
    if wanted.is_empty:
        return []
    text = _Text(context.session.get_bind().dialect.name, sees_more_than_summaries(context.actor))
    product = wanted.product_id
    same_product = [] if product is None else [System.product_id == product]
    named = [text.says(name) for name in wanted.names]
    words = [text.calls(word) for word in wanted.words]
    serving = _serving(wanted.capabilities).subquery("serving")
    alike = sa.select(System.id).where(sa.or_(sa.false(), *same_product, *named, *words))
    asked: Any = (
        sa.select(System.id)
        .outerjoin(serving, serving.c.system_id == System.id)
        .where(
            System.id.in_(sa.union(alike, sa.select(serving.c.system_id))),
            System.id != excluded_id,
            System.lifecycle.not_in(ENDED),
        )
        .order_by(
            _count(same_product).desc(),
            (_count([*named, *words]) + sa.func.coalesce(serving.c.served, 0)).desc(),
            System.id,
        )
        .limit(MOST_COMPARED)
    )
    return list(context.session.scalars(only_visible(context, SYSTEMS, asked)))


def _serving(codes: tuple[str, ...]) -> sa.Select[UUID, int]:
    """The ids of systems that serve some of the capabilities, and how many of them."""
    return (
        sa.select(SystemCapability.system_id, sa.func.count().label("served"))
        .join(Capability, Capability.id == SystemCapability.capability_id)
        .where(Capability.code.in_(codes))
        .group_by(SystemCapability.system_id)
    )


def _count(conditions: list[ColumnElement[bool]]) -> ColumnElement[int]:
    """How many of the conditions hold."""
    total: ColumnElement[int] = sa.literal(0)
    for each in conditions:
        total = total + sa.case((each, 1), else_=0)
    return total


@dataclass(frozen=True, slots=True)
class _Text:
    """Conditions on what records say, as far as the actor is shown it."""

    dialect: str
    whole: bool
    """Whether more than summaries is looked through, where the owner shares it."""

    def says(self, phrase: str) -> ColumnElement[bool]:
        """Systems with a folded phrase anywhere: in aliases or a description, say."""
        if not self.whole:
            return self.calls(phrase)
        of_summary = self._within(System.summary_search_text, phrase)
        shown = sa.or_(PROFILES.shows(Profile.STANDARD), of_summary)
        return sa.and_(self._within(System.search_text, phrase), shown)

    def calls(self, word: str) -> ColumnElement[bool]:
        """Systems with a folded word in the names of themselves, their product or supplier."""
        of_summary = self._within(System.summary_search_text, word)
        # What the summary shows is part of the whole text, which alone has an index.
        return sa.and_(self._within(System.search_text, word), of_summary)

    def _within(self, column: Any, sought: str) -> ColumnElement[bool]:
        if self.dialect == "postgresql":
            found: ColumnElement[bool] = column.contains(sought, autoescape=True)
            return found
        # Both are folded; and it takes a tenth of the time of LIKE, which has no index there.
        return sa.func.instr(column, sought) > 0
