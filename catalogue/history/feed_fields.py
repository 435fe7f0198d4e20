"""Declarations of the fields that the change feed shows, under their names in the API.

Each domain declares its own audited fields when it is imported. A field that is not declared is
never shown, even if the audit log records it.
"""

import re
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """A recorded value that the feed shows as it is, under its name in the API."""

    name: str

    def codes(self, _value: Any) -> Iterator[tuple[str, UUID]]:
        """Yield the table and id of each record that the feed shows by its code or name."""
        yield from ()

    def references(self, _value: Any) -> Iterator[tuple[Resource, UUID]]:
        """Yield each record whose id the feed shows only if the actor sees the record."""
        yield from ()

    def value(self, recorded: Any, _lookups: "Lookups") -> Any:
        return recorded


@dataclass(frozen=True)
class Lookups:
    """The lookups for a page: codes or names by id, and the records that the actor sees."""

    codes: Mapping[str, Mapping[UUID, str]]
    visible_ids: Mapping[str, frozenset[UUID]]

    def code(self, table: str, identity: Any) -> str | None:
        if identity is None:
            return None
        key = identity if isinstance(identity, UUID) else UUID(identity)
        return self.codes.get(table, {}).get(key)

    def is_visible(self, to: Resource, identity: Any) -> bool:
        """Return whether the actor sees the record with a recorded id."""
        return identity is not None and UUID(identity) in self.visible_ids.get(to.name, frozenset())


@dataclass(frozen=True)
class CodeField(Field):
    """The id of reference data, or a list of such ids, which the feed shows as codes."""

    table: str = "agency"

    def codes(self, value: Any) -> Iterator[tuple[str, UUID]]:
        for identity in value if isinstance(value, list) else [value]:
            if identity is not None:
                yield self.table, UUID(identity)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        if isinstance(recorded, list):
            return sorted(filter(None, (lookups.code(self.table, each) for each in recorded)))
        return lookups.code(self.table, recorded)


@dataclass(frozen=True)
class ReferenceField(Field):
    """The id of another record. The feed shows null if the actor does not see that record."""

    to: Resource

    def references(self, value: Any) -> Iterator[tuple[Resource, UUID]]:
        if value is not None:
            yield self.to, UUID(value)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded if lookups.is_visible(self.to, recorded) else None


@dataclass(frozen=True)
class ReferenceListField(Field):
    """A list of ids of other records. The feed shows only ids of records that the actor sees."""

    to: Resource

    def references(self, value: Any) -> Iterator[tuple[Resource, UUID]]:
        for identity in value or []:
            yield self.to, UUID(identity)

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded and [each for each in recorded if lookups.is_visible(self.to, each)]


@dataclass(frozen=True)
class ObjectListField(Field):
    """A list of objects about other records. Those about hidden records are left out.

    `by` is the key of the other record's id. `also` are keys of further ids, which are null if the
    actor does not see their records.
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


@dataclass(frozen=True)
class PersonListField(Field):
    """A list of objects with a `person_id`, for which the feed shows the name as `person`."""

    def codes(self, value: Any) -> Iterator[tuple[str, UUID]]:
        for entry in value or []:
            if entry.get("person_id") is not None:
                yield "person", UUID(entry["person_id"])

    def value(self, recorded: Any, lookups: Lookups) -> Any:
        return recorded and [
            {name: value for name, value in entry.items() if name != "person_id"}
            | {"person": lookups.code("person", entry.get("person_id"))}
            for entry in recorded
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class FeedSpec:
    """The declaration of one kind of record in the feed."""

    resource: Resource
    kind: str
    scope: Scope
    """The scope that a token needs to read such records."""
    fields: Mapping[str, Field]
    """The fields that the feed can show, by their recorded keys."""
    parties: Parties | None
    """The agencies that the record names, in addition to its owner."""
    disclosure_rule: Callable[..., ColumnElement[bool]] | None
    """`disclosure_rule(model, at=profile)`: the row rule by owner and disclosure alone."""
    records_visibility: bool
    """True if the event itself does not show all agencies that see the record."""
    hides_owner: bool
    """True if other agencies see neither the owner nor the acting agency in the feed."""
    owner_only: frozenset[str]
    """The recorded keys that the feed shows to the owner alone, as the resource does."""
    hides_actor: bool
    """True if other agencies see the acting agency only if it owns the record or is their own."""
    verbs: tuple[str, ...]
    """The more exact verbs that events of such records can have, such as `merged`."""
    has_address: bool
    """True if a GET request returns a single record of this kind."""

    @cached_property
    def path_keys(self) -> tuple[str, ...]:
        """The recorded keys in the path of the resource, such as `system_id` of a use."""
        return tuple(re.findall(r"{(\w+)}", self.resource.path))

    def path(self, identity: UUID, values: Mapping[str, Any]) -> str | None:
        """Return the address of a record, if it has one. `values` holds the keys in the path."""
        if not self.has_address:
            return None
        keys = {key: str(values[key]) for key in self.path_keys}
        return f"{self.resource.path.format(**keys)}/{identity}"

    @property
    def shows_deletion(self) -> bool:
        """True if agencies that saw the record see its deletion, with the summary fields."""
        return self.resource.was_visible is not None

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """The smallest profile that shows each recorded key of the feed."""
        by = self.resource.profiles
        return {
            key: by.profile_of(field.name) if by else Profile.SUMMARY
            for key, field in self.fields.items()
        }

    def keys(self, level: int) -> list[str]:
        """Return the recorded keys that a level shows."""
        return [key for key, profile in self.profiles.items() if profile <= level]

    @cached_property
    def _withheld(self) -> dict[int, list[str]]:
        by = self.resource.profiles
        names = self.resource.columns if by else ()
        return {level: [n for n in names if by and by.profile_of(n) > level] for level in range(4)}

    def withheld(self, level: int) -> list[str]:
        """Return the record's fields that a level withholds, whether or not they changed."""
        return self._withheld[level]


_specs: dict[str, FeedSpec] = {}
KINDS: list[str] = []
"""The kinds of records in the feed, in alphabetical order."""


def expose(
    resource: Resource,
    *,
    scope: Scope,
    fields: Mapping[str, str | Field | None],
    kind: str | None = None,
    disclosure_rule: Callable[..., ColumnElement[bool]] | None = None,
    parties: Parties | None = None,
    rule_is_complete: bool = False,
    owner_only: Iterable[str] = (),
    hides_owner: bool = False,
    hides_actor: bool = False,
    verbs: Iterable[str] = (),
    has_address: bool = True,
) -> None:
    """Declare how the feed shows a resource.

    `fields` has the API's field for each recorded key, or None for a key that is never shown.
    `disclosure_rule` is the row rule by owner and disclosure. The feed applies the rule to the
    disclosure at the time of an event too. `parties` finds other agencies that a record names.
    `rule_is_complete` declares that the disclosure and the parties decide alone who sees a record.
    `owner_only` are keys that the feed shows to the owner alone, as the resource does.
    `hides_owner` hides the owner and the acting agency from others. `hides_actor` hides the acting
    agency from third agencies. `verbs` are more exact verbs than `updated`, which
    `event_kinds.VERBS` explains. `has_address` is False for records that the API only lists.
    """
    kind = kind or resource.name
    if kind in _specs:
        raise ValueError(f"The feed already shows {kind}.")
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
        records_visibility=not (rule_is_complete or (disclosure_rule is None and parties is None)),
        owner_only=frozenset(owner_only),
        hides_owner=hides_owner,
        hides_actor=hides_actor,
        verbs=tuple(verbs),
        has_address=has_address,
    )
    insort(KINDS, kind)


def feed_spec(kind: str) -> FeedSpec:
    """Return the declaration of a kind of record."""
    return _specs[kind]


def kind_of_resource(resource: Resource) -> str:
    """Return the kind under which the feed shows a resource."""
    (kind,) = (each.kind for each in _specs.values() if each.resource is resource)
    return kind


def same_names(*names: str) -> dict[str, str]:
    """Map recorded keys to API fields of the same names."""
    return {name: name for name in names}
