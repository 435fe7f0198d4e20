"""References between records, and their part in a deletion or a merger.

A domain declares how each of its columns refers to records of the packages below. A deletion then
finds everything that uses a record, and a merger moves everything to the record that stays. A test
compares the declarations with the foreign keys, so that no table is forgotten.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import Base
from catalogue.core.errors import Conflict, FieldError
from catalogue.core.models import MergedRecord
from catalogue.core.rest.resource import Resource

_AT_ONCE = 500
MOST_OBSTACLES = 100
"""The largest number of obstacles that one problem document lists."""


class Reference:
    """The columns of one domain that refer to a kind of record.

    Records that the owner cannot see block nothing. A deletion ends their references to the record,
    and a merger moves them.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    """The columns with the foreign keys, as `table.column`."""

    def find_uses(self, context: Context, record: Any) -> Iterator[FieldError]:
        """Yield each use that blocks the deletion of the record."""
        yield from ()

    def find_parts(self, context: Context, record: Any) -> Iterator[FieldError]:
        """Yield each record that a deletion would also delete, and that the actor can see."""
        yield from ()

    def end(self, context: Context, record: Any) -> None:
        """Delete or clear the references that do not block the deletion of the record."""

    def find_fixed(self, context: Context, duplicate: Any, survivor: Any) -> Iterator[FieldError]:
        """Yield each reference that cannot move from the duplicate to the survivor."""
        yield from ()

    def move(self, context: Context, duplicate: Any, survivor: Any) -> None:
        """Move the references of the duplicate to the survivor."""


def in_use(detail: str) -> FieldError:
    """Make the error for a record that blocks a deletion."""
    return FieldError("", "in_use", detail)


def fixed(detail: str) -> FieldError:
    """Make the error for a reference that cannot move in a merger."""
    return FieldError("/duplicate_id", "fixed", detail)


def describe_record(context: Context, record: Any, resource: Resource, scope: Scope) -> str:
    """Return a record's name for an error, or only its kind if the token cannot read the record."""
    if not context.actor.has(scope):
        return f"A {resource.noun}, which your token cannot read,"
    return f"The {resource.noun} “{record.title}” ({resource.path}/{record.id})"


def fill_blanks(kept: Any, left: Any, *names: str) -> None:
    """Fill empty fields of the record that survives a merger with values of the duplicate."""
    for name in names:
        if getattr(kept, name) in (None, [], ""):
            setattr(kept, name, getattr(left, name))


_references: defaultdict[type[Any], list[Reference]] = defaultdict(list)


def reference_to(model: type[Any]) -> Callable[[type[Reference]], type[Reference]]:
    """Declare that a domain refers to records of a table."""

    def declare(reference: type[Reference]) -> type[Reference]:
        _references[model].append(reference())
        return reference

    return declare


def references_to(model: type[Any]) -> Sequence[Reference]:
    """Return the declared references to records of a table."""
    return _references[model]


def find_uses(context: Context, record: Any) -> list[FieldError]:
    """List everything that blocks the deletion of a record."""
    with context.session.no_autoflush:
        return [
            use
            for reference in references_to(type(record))
            for use in reference.find_uses(context, record)
        ]


def find_parts(context: Context, record: Any) -> list[FieldError]:
    """List the records that a deletion would also delete, and that the actor can see."""
    with context.session.no_autoflush:
        return [
            part
            for reference in references_to(type(record))
            for part in reference.find_parts(context, record)
        ]


def referred_to(session: Session, model: type[Any], identities: Sequence[UUID]) -> set[UUID]:
    """Return the ids of those records of a table that other records refer to."""
    found: set[UUID] = set()
    for reference in references_to(model):
        if (
            type(reference).end is Reference.end
            and type(reference).find_uses is Reference.find_uses
        ):
            continue  # fields of the record itself
        for name in reference.columns:
            table, _, column = name.partition(".")
            key = Base.metadata.tables[table].c[column]
            for start in range(0, len(identities), _AT_ONCE):
                some = identities[start : start + _AT_ONCE]
                found.update(session.scalars(sa.select(key).where(key.in_(some)).distinct()))
    return found


def delete_unused(context: Context, record: Any, *, noun: str) -> None:
    """Delete a record that was recorded by mistake. The caller has locked it.

    Raises Conflict if the record is in use, with each use that the actor can see.
    """
    refuse(
        f"The {noun} is in use, so it cannot be deleted. First end the uses that `errors` lists.",
        find_uses(context, record),
    )
    end_references(context, record)
    # Delete the parts first, because the audit log finds their owner through the record.
    context.session.flush()
    context.session.delete(record)
    context.session.flush()


def end_references(context: Context, record: Any) -> None:
    """Delete or clear the references that do not block the deletion of a record."""
    for reference in references_to(type(record)):
        reference.end(context, record)


def merge_records(context: Context, duplicate: Any, survivor: Any, *, noun: str) -> None:
    """Move all references of a duplicate to the survivor, and delete the duplicate.

    `noun` is the name of the resource. The caller has locked both records. Raises Conflict, with
    each reference that cannot move.
    """
    session = context.session
    references = references_to(type(survivor))
    with session.no_autoflush:
        fixed = [
            each
            for reference in references
            for each in reference.find_fixed(context, duplicate, survivor)
        ]
    refuse(
        f"The two {noun}s cannot be merged yet. First resolve the obstacles that `errors` lists.",
        fixed,
    )
    _explain_merger(context, f"Merges the duplicate {noun} {duplicate.id}.")
    for reference in references:
        reference.move(context, duplicate, survivor)
        session.flush()
    _redirect(context, duplicate, survivor, noun)
    session.delete(duplicate)
    session.flush()


def refuse(detail: str, obstacles: Sequence[FieldError]) -> None:
    """Raise Conflict if there are obstacles. The error counts all, and lists the first 100."""
    if not obstacles:
        return
    count = len(obstacles)
    if count > MOST_OBSTACLES:
        detail = f"{detail} Of {count:,} obstacles, `errors` lists the first {MOST_OBSTACLES}."
    raise Conflict(detail, errors=list(obstacles[:MOST_OBSTACLES]), extra={"obstacle_count": count})


def _explain_merger(context: Context, text: str) -> None:
    """Add the merger to the reason of the change set, without the names of records.

    The owners of the records that move can read the reason, but may be unable to see the duplicate.
    """
    author = context.session.info["author"]
    reason = f"{author.reason} {text}" if author.reason else text
    context.write_as(replace(author, reason=reason))


def _redirect(context: Context, duplicate: Any, survivor: Any, resource: str) -> None:
    earlier = context.session.query(MergedRecord).filter_by(survivor_id=duplicate.id)
    for merged in earlier:
        merged.survivor_id = survivor.id
    merged = MergedRecord(
        id=duplicate.id,
        resource=resource,
        survivor_id=survivor.id,
        agency_id=duplicate.agency_id,
        disclosure=getattr(duplicate, "disclosure", None),
    )
    context.session.add(merged)
    context.session.flush()
