"""Context managers that break one rule of the product, and rebuild everything that uses it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from catalogue.core.rest.columns import DialectExpression, for_dialect
from catalogue.core.rest.query import FilterField, ListParameters
from catalogue.core.rest.resource import EVERYONE, Resource
from catalogue.core.rest.statements import Statements
from tests.api.surface import LISTS, Op

CACHED = type(lru_cache(lambda: None))

Break = Callable[[Resource], Any]


def resources() -> list[Resource]:
    """Return every declared resource once."""
    found = {
        id(value): value
        for name, module in list(sys.modules.items())
        if name.startswith("catalogue.")
        for value in vars(module).values()
        if isinstance(value, Resource)
    }
    return list(found.values())


def forget() -> None:
    """Clear everything that was derived from the declarations of resources."""
    for resource in resources():
        for name in ("list_parameters", "statements", "as_of_resource"):
            resource.__dict__.pop(name, None)
    for name, module in list(sys.modules.items()):
        if name.startswith("catalogue.") and not name.endswith((".operation", ".keys")):
            for value in vars(module).values():
                if isinstance(value, CACHED):
                    value.cache_clear()


@contextmanager
def changed(thing: Any, **values: Any) -> Iterator[None]:
    """Change attributes of an object, even of a frozen one, and restore them afterwards."""
    missing = object()
    before = {name: vars(thing).get(name, missing) for name in values}
    forget()
    for name, value in values.items():
        _set(thing, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                _delete(thing, name)
            else:
                _set(thing, name, value)
        forget()


def _set(thing: Any, name: str, value: Any) -> None:
    if isinstance(thing, type) or not hasattr(type(thing), "__dataclass_fields__"):
        setattr(thing, name, value)
    else:
        object.__setattr__(thing, name, value)


def _delete(thing: Any, name: str) -> None:
    if isinstance(thing, type) or not hasattr(type(thing), "__dataclass_fields__"):
        delattr(thing, name)
    else:
        object.__delattr__(thing, name)


# ---- Rules of any resource


class _Loose(Statements):
    """Statements that leave out the row rule for one kind of read."""

    def page(self, *arguments: Any) -> Any:
        return self._of("page")(*arguments)

    def count(self, *arguments: Any) -> Any:
        return self._of("count")(*arguments)

    def one(self, *arguments: Any) -> Any:
        return self._of("one")(*arguments)

    def _of(self, kind: str) -> Any:
        loose = kind == vars(self)["loosened"]
        plain = Statements(
            **{n: getattr(self, n) for n in Statements.__dataclass_fields__}
            | ({"visible": sa.true()} if loose else {})
        )
        return getattr(plain, kind)


def without_rule_in(kind: str) -> Break:
    """Leave the row rule out of pages, counts or single reads."""

    @contextmanager
    def broken(resource: Resource) -> Iterator[None]:
        forget()
        made = resource.statements
        loose = _Loose(**{n: getattr(made, n) for n in Statements.__dataclass_fields__})
        object.__setattr__(loose, "loosened", kind)
        with changed(resource):
            resource.__dict__["statements"] = loose
            yield

    return broken


def _unmasked(resource: Resource, *parts: str) -> ListParameters:
    made = resource.list_parameters
    filters, sorts = dict(made.filters), dict(made.sorts)
    for name, expression in resource.columns.items():
        if "filters" in parts and name in filters and not filters[name].contains:
            filters[name] = replace(filters[name], shown_where=None)
        if "contains" in parts and name in resource.contains:
            filters[name] = FilterField(expression, frozenset(), resource.contains[name])
        if "sorts" in parts and name in sorts:
            sorts[name] = resource.sort_as.get(name, expression)
    return replace(made, filters=filters, sorts=sorts)


def without_mask_in(*parts: str) -> Break:
    """Let filters or sorts use withheld values."""

    @contextmanager
    def broken(resource: Resource) -> Iterator[None]:
        forget()
        loose = _unmasked(resource, *parts)
        with changed(resource):
            resource.__dict__["list_parameters"] = loose
            yield

    return broken


@contextmanager
def shown_unmasked(resource: Resource) -> Iterator[None]:
    """Show every field of every row."""
    with changed(resource.profiles, column=lambda name, record: record.c[name]):
        yield


@contextmanager
def searched_unmasked(resource: Resource) -> Iterator[None]:
    """Search the whole text of every row."""
    with changed(resource, summary_search=resource.search):
        yield


@contextmanager
def rule_lost(resource: Resource) -> Iterator[None]:
    """Leave the row rule out everywhere."""
    with changed(resource, visible=sa.true()):
        yield


GUARDED_BEFORE = {
    "list_system_costs",
    "list_migration_checks",
    "list_migration_stages",
    "list_migration_waivers",
    "list_webhook_deliveries",
}
"""Lists whose parent record is checked first, so that breaking the row rule alone leaks nothing.

The mutations of `mutations*.py` break both checks."""

RULED = tuple(
    op
    for op in LISTS
    if op.kernel.list_of.visible is not EVERYONE and op.name not in GUARDED_BEFORE  # type: ignore[union-attr]
)
"""Lists that have a row rule."""
NEVER_AS_SUMMARIES = {"list_notice_dates"}
"""Lists whose rows are shown in the standard profile: there is no summary to search."""
ALL_OR_NOTHING = {"list_baseline_lines"}
"""Lists whose rows are visible in full or not at all."""
PROFILED = tuple(
    op
    for op in RULED
    if op.kernel.list_of.profiles and op.name not in ALL_OR_NOTHING  # type: ignore[union-attr]
)
"""Lists whose rows can withhold fields."""


# ---- Row rules inside fields, such as members, ends and targets


def unruled(expression: Any) -> Any | None:
    """Return an expression without the row rules in it, or None if it has none."""
    if isinstance(expression, DialectExpression):
        both = unruled(expression.postgresql), unruled(expression.sqlite)
        return None if both[0] is None else DialectExpression(*both)
    found = 0

    def instead(element: Any, **_kw: Any) -> Any:
        nonlocal found
        clauses = element.clauses if isinstance(element, sa.sql.elements.BooleanClauseList) else ()
        if _is_own(element) or any(_is_own(clause) for clause in clauses):
            found += 1
            return sa.true()
        return None

    made = sa.sql.visitors.replacement_traverse(for_dialect("sqlite", expression), {}, instead)
    return made if found else None


def _is_own(element: Any) -> bool:
    element = getattr(element, "element", element) if _is_grouping(element) else element
    right = getattr(element, "right", None)
    return isinstance(right, sa.BindParameter) and right.key == "actor_agency_id"


def _is_grouping(element: Any) -> bool:
    return isinstance(element, sa.sql.elements.Grouping)


@dataclass(frozen=True)
class RuledField:
    """A field of a list whose expression contains a row rule."""

    op: Op
    name: str
    expression: Any

    def __str__(self) -> str:
        return f"{self.op}-{self.name}"

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Leave out the row rule of this field."""
        resource = self.op.kernel.list_of
        assert resource
        if self.name == SOURCE:
            columns = {n: _onto(c, self.expression) for n, c in resource.columns.items()}
            with changed(resource, source=self.expression, columns=columns):
                yield
            return
        with changed(resource, columns=dict(resource.columns) | {self.name: self.expression}):
            yield


def _onto(expression: Any, source: Any) -> Any:
    """Return the same column from the subquery of the same name in another source."""
    there = {e.name: e for e in sa.sql.visitors.iterate(source) if isinstance(e, sa.Subquery)}

    def instead(element: Any, **_kw: Any) -> Any:
        held = getattr(element, "table", None)
        if isinstance(held, sa.Subquery) and held.name in there:
            return there[held.name].c[element.key]
        return None

    if isinstance(expression, DialectExpression):
        return DialectExpression(
            _onto(expression.postgresql, source), _onto(expression.sqlite, source)
        )
    return sa.sql.visitors.replacement_traverse(for_dialect("sqlite", expression), {}, instead)


SOURCE = "source"
REVEALS_NO_MORE = {
    # Without the rule the count is always 0.
    ("list_decisions", "withheld_members"),
    # Without the rule the flag depends only on proposals and sign-offs that the actor sees.
    ("list_decisions", "awaiting_your_signature"),
    # No decision is superseded here: tests/rationalisation/test_decision_succession.py covers that.
    ("list_decisions", "superseded_by"),
    # The same agency owns a pipeline entry and its contract.
    ("list_pipeline_entries", "contract_id"),
    # The field has the same value for every agency except the owner.
    ("list_attestations", "withheld"),
}
"""Fields that reveal nothing more without their row rule."""


def ruled_fields() -> Iterator[RuledField]:
    """Yield every such field of every list."""
    for op in LISTS:
        resource = op.kernel.list_of
        assert resource
        source = unruled(resource.source) if resource.source is not None else None
        for name, expression in [*resource.columns.items()]:
            made = unruled(expression)
            if made is not None and (op.name, name) not in REVEALS_NO_MORE:
                yield RuledField(op, name, made)
        if source is not None:
            yield RuledField(op, SOURCE, source)
