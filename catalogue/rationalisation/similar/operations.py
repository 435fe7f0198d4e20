"""Search for systems that are similar to a given system.

The search compares the fields and records that the actor can see, and reference data that everybody
can read. Hidden records and fields therefore never change a result.
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
from catalogue.capabilities.operations import unknown_capability
from catalogue.core.context import Context
from catalogue.core.database import pairs
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
from catalogue.systems.operations import UNKNOWN_PRODUCT
from catalogue.systems.resources import PROFILES, SYSTEMS
from catalogue.systems.vocabulary import Lifecycle

MOST_COMPARED = 100
"""The largest number of candidates to compare, which takes about 30 milliseconds."""

NO_ID = UUID(int=0)
"""A stand-in for the id of an unrecorded system, or of an agency if the client has none."""


@dataclass(frozen=True, slots=True)
class SimilarSystem:
    """A system that matches the given system, with its owner."""

    record: Record
    agency_code: str
    agency_name: str
    match: Match


def list_similar_systems(context: Context, system_id: UUID, *, limit: int) -> list[SimilarSystem]:
    """List systems similar to a recorded system. Raises NotFound if the actor cannot see it."""
    recorded = read_visible_records(context, [system_id])
    if not recorded:
        raise SYSTEMS.absent()
    return _similar(context, recorded[0], read_reference(context.session), limit=limit)


def find_similar_systems(
    context: Context, fields: dict[str, Any], *, limit: int
) -> list[SimilarSystem]:
    """Find systems similar to a planned system.

    Raises Unprocessable if the product or a capability is unknown.
    """
    reference = read_reference(context.session)
    errors = [*_unknown_product(fields, reference), *_unknown_capabilities(context.session, fields)]
    if errors:
        raise Unprocessable(
            (
                "The search refers to an unknown product or capability. "
                "Correct those that `errors` lists."
            ),
            errors=errors,
        )
    record = Record(
        NO_ID,
        context.actor.agency_id or NO_ID,
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
        yield FieldError("/product_id", "unknown", UNKNOWN_PRODUCT)


def _unknown_capabilities(session: Session, fields: dict[str, Any]) -> Iterable[FieldError]:
    codes = fields.get("capabilities", ())
    statement = sa.select(Capability.code).where(Capability.code.in_(codes))
    known = set(session.scalars(statement)) if codes else set()
    for i, code in enumerate(codes):
        if code not in known:
            yield FieldError(f"/capabilities/{i}", "unknown", unknown_capability(code))


def _similar(
    context: Context, record: Record, reference: Reference, *, limit: int
) -> list[SimilarSystem]:
    weights = public_weights(reference)
    terms = search_terms_of(record, reference, weights)
    candidates = _candidates(context, terms, excluded_id=record.system_id)
    matches = [
        (other, match)
        for other in read_visible_records(context, candidates)
        if (match := compare(record, other, reference, weights)) is not None
    ]
    # The same product comes before the same function, whatever their scores.
    matches.sort(
        key=lambda pair: (pair[1].kind not in PRODUCT_KINDS, -pair[1].score, pair[0].system_id)
    )
    codes = pairs(context.session, sa.select(Agency.id, Agency.code))
    return [
        SimilarSystem(other, codes[other.agency_id], reference.agencies[other.agency_id], match)
        for other, match in matches[:limit]
    ]


def _candidates(context: Context, terms: SearchTerms, *, excluded_id: UUID) -> list[UUID]:
    """Return the ids of the visible systems that share the most search terms."""
    if terms.is_empty:
        return []
    text = _Text(context.session.get_bind().dialect.name, sees_more_than_summaries(context.actor))
    product = terms.product_id
    same_product = [] if product is None else [System.product_id == product]
    named = [text.contains(name) for name in terms.names]
    words = [text.names_contain(word) for word in terms.words]
    providing = _providing(terms.capabilities).subquery("providing")
    sharing_terms = sa.select(System.id).where(sa.or_(sa.false(), *same_product, *named, *words))
    statement: Any = (
        sa.select(System.id)
        .outerjoin(providing, providing.c.system_id == System.id)
        .where(
            System.id.in_(sa.union(sharing_terms, sa.select(providing.c.system_id))),
            System.id != excluded_id,
            System.lifecycle.not_in(ENDED),
        )
        .order_by(
            _count(same_product).desc(),
            (_count([*named, *words]) + sa.func.coalesce(providing.c.provided, 0)).desc(),
            System.id,
        )
        .limit(MOST_COMPARED)
    )
    return list(context.session.scalars(only_visible(context, SYSTEMS, statement)))


def _providing(codes: tuple[str, ...]) -> sa.Select[UUID, int]:
    """Return the ids of systems that provide some of the capabilities, and how many of them."""
    return (
        sa.select(SystemCapability.system_id, sa.func.count().label("provided"))
        .join(Capability, Capability.id == SystemCapability.capability_id)
        .where(Capability.code.in_(codes))
        .group_by(SystemCapability.system_id)
    )


def _count(conditions: list[ColumnElement[bool]]) -> ColumnElement[int]:
    """Return the SQL expression for the number of these conditions that are true."""
    total: ColumnElement[int] = sa.literal(0)
    for each in conditions:
        total = total + sa.case((each, 1), else_=0)
    return total


@dataclass(frozen=True, slots=True)
class _Text:
    """Conditions on the text of records that the actor can see."""

    dialect: str
    beyond_summary: bool
    """True if the search also covers the fields beyond the summary that owners share."""

    def contains(self, phrase: str) -> ColumnElement[bool]:
        """Return the condition that a record's visible text, with its description, has a phrase."""
        if not self.beyond_summary:
            return self.names_contain(phrase)
        of_summary = self._within(System.summary_search_text, phrase)
        shown = sa.or_(PROFILES.shows(Profile.STANDARD), of_summary)
        return sa.and_(self._within(System.search_text, phrase), shown)

    def names_contain(self, word: str) -> ColumnElement[bool]:
        """Return the condition that the name of the system, product or supplier has a word."""
        of_summary = self._within(System.summary_search_text, word)
        # Only the full text has an index, and the full text includes the summary.
        return sa.and_(self._within(System.search_text, word), of_summary)

    def _within(self, column: Any, phrase: str) -> ColumnElement[bool]:
        if self.dialect == "postgresql":
            condition: ColumnElement[bool] = column.contains(phrase, autoescape=True)
            return condition
        # Both strings are folded. `instr` takes a tenth of the time of LIKE, which has no index.
        return sa.func.instr(column, phrase) > 0
