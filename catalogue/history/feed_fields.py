"""Change feed: which audited fields it exposes, under the names that the API has for them.

The domains stand above; each declares its own at import. What is not named is never
shown, whatever is recorded.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import Profile
from catalogue.history.parties import Parties


@dataclass(frozen=True)
class Field:
    """A recorded value that is shown as it is, under the name that the API has for it."""

    name: str

    def codes(self, _value: Any) -> Iterator[tuple[str, UUID]]:
        """The tables and ids of records that are shown by their codes."""
        yield from ()

    def references(self, _value: Any) -> Iterator[tuple[Resource, UUID]]:
        """The records that it may name only to those who see them."""
        yield from ()

    def value(self, recorded: Any, _lookups: "Lookups") -> Any:
        return recorded


@dataclass(frozen=True)
class Lookups:
    """What was looked up for a page: codes by table and id, and which records the actor sees."""

    codes: Mapping[str, Mapping[UUID, str]]
    visible_ids: Mapping[str, frozenset[UUID]]

    def code(self, table: str, identity: Any) -> str | None:
        if identity is None:
            return None
        key = identity if isinstance(identity, UUID) else UUID(identity)
        return self.codes.get(table, {}).get(key)

    def is_visible(self, to: Resource, identity: Any) -> bool:
        """Whether the actor sees the record that a recorded id names."""
        return identity is not None and UUID(identity) in self.visible_ids.get(to.name, frozenset())


@dataclass(frozen=True)
class CodeField(Field):
    """The id of a record that everybody knows by its code, or a list of such; shown as codes."""

    table: str = "agency"

    def codes(self, value: Any) -> Iterator[tuple[str, UUID]]:
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield self.table, UUID(each)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        if isinstance(recorded, list):
            return sorted(filter(None, (lookups.code(self.table, each) for each in recorded)))
        return lookups.code(self.table, recorded)


@dataclass(frozen=True)
class ReferenceField(Field):
    """The id of another record, which is null to who does not see that."""

    to: Resource

    def references(self, value: Any) -> Iterator[tuple[Resource, UUID]]:
        if value is not None:
            yield self.to, UUID(value)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded if lookups.is_visible(self.to, recorded) else None


@dataclass(frozen=True)
class ReferenceListField(Field):
    """Ids of other records, of which those are shown that one sees."""

    to: Resource

    def references(self, value: Any) -> Iterator[tuple[Resource, UUID]]:
        for each in value or []:
            yield self.to, UUID(each)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded and [each for each in recorded if lookups.is_visible(self.to, each)]


@dataclass(frozen=True)
class ObjectListField(Field):
    """A list of objects, each about another record: shown are those about records that one sees.

    `by` is the key of that record's id; `also` are keys of further ids, null to who does not see
    those.
    """

    to: Resource
    by: str
    also: tuple[str, ...] = ()

    def references(self, value: Any) -> Iterator[tuple[Resource, UUID]]:
        for entry in value or []:
            for key in (self.by, *self.also):
                if entry.get(key) is not None:
                    yield self.to, UUID(entry[key])

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded and [
            entry | {k: None for k in self.also if not lookups.is_visible(self.to, entry.get(k))}
            for entry in recorded
            if lookups.is_visible(self.to, entry[self.by])
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class FeedSpec:
    """How the history of one kind of record is told."""

    resource: Resource
    kind: str
    scope: Scope
    """What a token needs to read such records."""
    fields: Mapping[str, Field]
    """For each recorded key that may be shown: how."""
    parties: Parties | None
    """Who else than its owner it concerned at the time."""
    disclosure_rule: Callable[..., ColumnElement[bool]] | None
    """`disclosure_rule(model, at=profile)`: the row rule, by owner and disclosure alone."""
    hides_actor: bool
    """Whether it is hidden from others who acted on it, unless that was the owner."""

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """For each recorded key that may be shown, the least profile that shows it."""
        by = self.resource.profiles
        return {
            key: by.profile_of(field.name) if by else Profile.SUMMARY
            for key, field in self.fields.items()
        }

    def keys(self, level: int) -> list[str]:
        """The recorded keys that a level shows."""
        return [key for key, profile in self.profiles.items() if profile <= level]

    @cached_property
    def _withheld(self) -> dict[int, list[str]]:
        by = self.resource.profiles
        names = self.resource.columns if by else ()
        return {level: [n for n in names if by and by.profile_of(n) > level] for level in range(4)}

    def withheld(self, level: int) -> list[str]:
        """The record's fields that a level does not show, whether or not they changed."""
        return self._withheld[level]


_specs: dict[str, FeedSpec] = {}
KINDS: list[str] = []
"""The kinds of records whose history is told, in the order of the alphabet."""


def expose(
    resource: Resource,
    *,
    scope: Scope,
    fields: Mapping[str, str | Field | None],
    kind: str | None = None,
    disclosure_rule: Callable[..., ColumnElement[bool]] | None = None,
    parties: Parties | None = None,
    hides_actor: bool = False,
) -> None:
    """Declare how a resource's history is told.

    `fields`: for each recorded key, the API's field; None says that it is recorded and not shown.
    `disclosure_rule` is the row rule by owner and disclosure, which then holds for the disclosure that
    the record had at the time as well. `parties` says whom else than its owner it concerned.
    """
    kind = kind or resource.name
    if kind in _specs:
        raise ValueError(f"The history of {kind} is told already.")
    exposed = {
        key: Field(name) if isinstance(name, str) else name
        for key, name in fields.items()
        if name is not None
    }
    unknown = {each.name for each in exposed.values()} - set(resource.columns)
    if unknown:
        raise ValueError(f"{kind} has no field {', '.join(sorted(unknown))}.")
    _specs[kind] = FeedSpec(
        resource=resource,
        kind=kind,
        scope=scope,
        fields=exposed,
        disclosure_rule=disclosure_rule,
        parties=parties,
        hides_actor=hides_actor,
    )
    insort(KINDS, kind)


def feed_spec(kind: str) -> FeedSpec:
    """How the history of a kind of record is told."""
    return _specs[kind]


def kind_of_resource(resource: Resource) -> str:
    """The kind under which a resource's history is told."""
    (kind,) = (each.kind for each in _specs.values() if each.resource is resource)
    return kind


def same_names(*names: str) -> dict[str, str]:
    """Recorded keys that the API calls by the same names."""
    return {name: name for name in names}
