"""As-of reads: records as they stood at a moment, read from the audit log instead of their table.

A resource with `as_of=AsOf(...)` accepts `as_of` in its reads. Filters, sorts, search and the
field mask work in the same way, on the states that events recorded. The row rule must hold twice:
for the disclosure at that moment, and for the disclosure of today.

The past table has each record's last state before the moment (see `table_as_of`):

    (SELECT (state ->> 'id')::UUID AS id, (state ->> 'name') AS name, …
     FROM (SELECT event.state, row_number() OVER (PARTITION BY event.resource_id …) AS rank
           FROM event JOIN change_set ON … WHERE event.resource = 'system' AND …at <= $1 …)
     WHERE rank = 1 AND state IS NOT NULL) AS system_then

A deleted record's last state is null, so the record is in the table until its deletion. `rebind`
rewrites expressions about the present table into expressions about the past table:

    system.lifecycle = 'live'             system_then.lifecycle = 'live'
    system.agency_id = $2                 system_then.agency_id = $2
      OR system.disclosure = …              OR system_then.disclosure = …
    system JOIN agency                    system_then JOIN agency
      ON system.agency_id = agency.id       ON system_then.agency_id = agency.id

Other tables stay as they are, so an agency has its present name. Lists in tables of their own,
such as a system's capabilities, need `AsOf.columns`, which reads them from the recorded state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from catalogue.core.rest.columns import DialectExpression, for_dialect
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.core.types import Json, UtcDateTime
from catalogue.history.models import ChangeSet, Event

AS_OF: ColumnElement[Any] = bindparam("as_of", type_=UtcDateTime(), required=True)
"""The past moment of the read, for columns and row rules."""


class kept_value(FunctionElement[Any]):  # noqa: N801 - it reads as an SQL function
    """A field of a recorded state, in the form of the table's own column."""

    name = "kept_value"
    inherit_cache = False

    def __init__(self, state: Any, key: str, type_: sa.types.TypeEngine[Any]) -> None:
        super().__init__(state, sa.literal_column(f"'{key}'"))
        self.type = type_


@compiles(kept_value, "postgresql")
def _kept_on_postgresql(element: kept_value, compiler: Any, **kw: Any) -> str:
    state, key = (compiler.process(clause, **kw) for clause in element.clauses)
    if isinstance(element.type, sa.JSON):
        # The tables have SQL's NULL in place of JSON null.
        return f"nullif({state} -> {key}, 'null'::jsonb)"
    if isinstance(element.type, sa.String):
        return f"({state} ->> {key})"
    type_name = element.type.dialect_impl(compiler.dialect).compile(dialect=compiler.dialect)
    return f"({state} ->> {key})::{type_name}"


@compiles(kept_value, "sqlite")
def _kept_on_sqlite(element: kept_value, compiler: Any, **kw: Any) -> str:
    state, key = (compiler.process(clause, **kw) for clause in element.clauses)
    value = f"json_extract({state}, '$.' || {key})"
    if isinstance(element.type, sa.Uuid):
        return f"replace({value}, '-', '')"
    if isinstance(element.type, UtcDateTime):
        # SQLite's own form has a space, no zone, and always six decimals.
        seconds = f"substr(replace({value}, 'T', ' '), 1, 19)"
        return (
            f"{seconds} || CASE WHEN substr({value}, 20, 1) = '.' "
            f"THEN substr({value}, 20, 7) ELSE '.000000' END"
        )
    if isinstance(element.type, sa.Numeric):
        return f"CAST({value} AS NUMERIC)"
    return value


def table_as_of(model: Any, resource: str, lists: tuple[str, ...] = ()) -> sa.Subquery:
    """Make the table of a resource as it stood at the past moment, from the events of the resource.

    `lists` names the lists in other tables that the recorded state also holds. Each list becomes a
    column.
    """
    order = (ChangeSet.number.desc(), Event.ordinal.desc())
    ranked = (
        sa.select(
            Event.state,
            sa.func.row_number().over(partition_by=Event.resource_id, order_by=order).label("rank"),
        )
        .join(ChangeSet, ChangeSet.id == Event.change_set_id)
        .where(
            Event.resource == sa.literal_column(f"'{resource}'"),
            ChangeSet.at <= AS_OF,
            # A read has no state, like a deletion, but the record still exists.
            Event.kind.not_like(sa.literal_column("'%.read'")),
        )
        .subquery("ranked")
    )
    columns = [kept_value(ranked.c.state, c.key, c.type).label(c.key) for c in model.__table__.c]
    columns += [kept_value(ranked.c.state, name, Json).label(name) for name in lists]
    latest = ranked.c.rank == sa.literal_column("1")
    return (
        sa.select(*columns).where(latest, ranked.c.state.is_not(None)).subquery(f"{resource}_then")
    )


def rebind(expression: Any, table: Any, other: Any) -> Any:
    """Rewrite an expression for the columns of another selectable, as in the module's example.

    Aliases of the table stay as they are, so a condition on an alias holds for present records.
    """
    if isinstance(expression, DialectExpression):
        return DialectExpression(
            *(rebind(for_dialect(d, expression), table, other) for d in ("postgresql", "sqlite"))
        )
    if isinstance(expression, Mapping):
        return {name: rebind(part, table, other) for name, part in expression.items()}

    def alias_of_table(element: Any) -> bool:
        return isinstance(element, sa.Alias) and element.element is table

    def replace_column(element: Any, **_kw: Any) -> Any:
        if isinstance(element, sa.Table) and element.name == table.name:
            return other
        owner = getattr(element, "table", None)
        if alias_of_table(element) or alias_of_table(owner):
            return element
        if isinstance(owner, sa.Table) and owner.name == table.name:
            return other.c[element.key]
        return None

    element = for_dialect("postgresql", expression)
    return sa.sql.visitors.replacement_traverse(element, {}, replace_column)


@dataclass(frozen=True)
class AsOf:
    """The declaration of a resource's as-of reads."""

    lists: tuple[str, ...] = ()
    """The lists that other tables hold and that the recorded state includes."""
    columns: Callable[[sa.Subquery], Mapping[str, Any]] = lambda _then: {}
    """The SQL of fields that do not come from the record's own columns."""
    contains: Mapping[str, Callable[[sa.Subquery], Callable[[Any], Any]]] = field(
        default_factory=dict
    )
    """The filters on fields that do not come from the record's own columns."""

    def as_of_resource(self, resource: Resource) -> Resource:
        table = resource.model.__table__
        then = table_as_of(resource.model, resource.name, self.lists)
        now = table.alias("now")

        def holds_today(condition: ColumnElement[bool]) -> ColumnElement[bool]:
            """Make the condition that the actor sees today's record, or owned the deleted one."""
            return sa.or_(
                then.c.agency_id == ACTOR_AGENCY,
                sa.exists(
                    sa.select(sa.literal_column("1")).where(
                        now.c.id == then.c.id, rebind(condition, table, now)
                    )
                ),
            )

        def both(condition: ColumnElement[bool]) -> ColumnElement[bool]:
            return sa.and_(rebind(condition, table, then), holds_today(condition))

        profiles = resource.profiles
        if profiles is not None:
            seen = profiles.seen
            profiles = replace(
                profiles,
                level=_level(lambda at: both(seen(at=at))),
                seen=lambda *, at: both(seen(at=at)),
                owner=then.c[profiles.owner.key],
            )
        listed = self.columns(then)
        contains = {
            name: self.contains[name](then)
            if name in self.contains
            else _within(condition, table, then)
            for name, condition in resource.contains.items()
        }
        columns = {n: listed.get(n, rebind(c, table, then)) for n, c in resource.columns.items()}
        return replace(
            resource,
            as_of=None,
            identity=then.c.id,
            columns=columns,
            visible=both(resource.visible),
            source=rebind(resource.source, table, then) if resource.source is not None else then,
            contains=contains,
            sort_as=rebind(resource.sort_as, table, then),
            search=None if resource.search is None else rebind(resource.search, table, then),
            summary_search=(
                None
                if resource.summary_search is None
                else rebind(resource.summary_search, table, then)
            ),
            profiles=profiles,
        )


def _within(condition: Callable[[Any], Any], table: Any, then: Any) -> Callable[[Any], Any]:
    return lambda value: rebind(condition(value), table, then)


def _level(seen: Callable[[Profile], ColumnElement[bool]]) -> ColumnElement[int]:
    return sa.case(
        *[
            (seen(profile), sa.literal_column(str(profile.value), sa.Integer()))
            for profile in (Profile.FULL, Profile.STANDARD)
        ],
        else_=sa.literal_column(str(Profile.SUMMARY.value), sa.Integer()),
    )
