"""Mutations: rules of systems, sharing, history and writes that the tests break one by one."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import sqlalchemy as sa
from flask import Response

from catalogue.agencies import sharing
from catalogue.contracts import operations as contracts
from catalogue.contracts import visible_contracts
from catalogue.contracts.resources import CONTRACTS, COSTS
from catalogue.core import sharing as core_sharing
from catalogue.core.application import database
from catalogue.core.context import Context
from catalogue.core.errors import Conflict, invalid
from catalogue.core.models import IdempotencyKey
from catalogue.core.rest import idempotency
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import Basis, Profile, id_in, sharing_agencies
from catalogue.core.text import name_key
from catalogue.history import access_query, event_levels, event_query, feed
from catalogue.programmes.progress import summary_query
from catalogue.rationalisation import visible_systems
from catalogue.rationalisation.decisions import operations as decisions
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.options import operations as options
from catalogue.rationalisation.overlaps import record_reader
from catalogue.rationalisation.similar import operations as similar
from catalogue.systems import dependencies
from catalogue.systems import operations as systems
from catalogue.systems import views as system_views
from catalogue.systems.models import System, SystemExternalId
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.resources import USES
from tests.noninterference import attempts
from tests.noninterference.attempts import Attempt
from tests.noninterference.broken_rules import changed

Broken = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Mutation:
    """A rule for reading, a way to break it, and the operations that must then leak."""

    rule: str
    broken: Broken
    operations: tuple[str, ...]

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


@dataclass(frozen=True)
class Written:
    """A rule for writing, a way to break it, and the attempt that must then leak."""

    rule: str
    broken: Broken
    attempt: Attempt

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


MUTATIONS: list[Mutation] = []
WRITTEN: list[Written] = []


def breaks(rule: str, *operations: str) -> Callable[[Broken], Broken]:
    """Declare a mutation of a rule for reading."""

    def declare(broken: Broken) -> Broken:
        MUTATIONS.append(Mutation(rule, broken, operations))
        return broken

    return declare


def breaks_writing(rule: str, attempt: Attempt) -> Callable[[Broken], Broken]:
    """Declare a mutation of a rule for writing."""

    def declare(broken: Broken) -> Broken:
        WRITTEN.append(Written(rule, broken, attempt))
        return broken

    return declare


def patched(where: Any, name: str, value: Any) -> AbstractContextManager[Any]:
    """Replace an attribute, and clear every cache that was built from the old one."""
    return changed(where, **{name: value})


def loose(resource: Resource) -> Resource:
    """Return a resource without its row rule."""
    return dataclasses.replace(resource, visible=sa.true())


HISTORIES = ("list_system_history", "list_changes")

# ---- Systems


@breaks("updated_at reveals withheld changes", "list_systems")
def _updated_at() -> Any:
    return changed(SYSTEMS, columns=dict(SYSTEMS.columns) | {"updated_at": System.updated_at})


@breaks("the entity tag depends on withheld fields", "get_system")
def _entity_tag() -> Any:
    respond = system_views.record_response

    def tagged(context: Context, resource: Resource, identity: Any, **options: Any) -> Response:
        answer = respond(context, resource, identity, **options)
        statement = sa.select(resource.model.revision).where(resource.model.id == identity)
        answer.headers["ETag"] = f'"{context.session.scalar(statement)}"'
        return answer

    return patched(system_views, "record_response", tagged)


@breaks("an agreement shares records for the owner only", "list_systems")
def _owner_only() -> Any:
    partners = id_in(System.agency_id, sharing_agencies(Basis.AGREEMENT, Profile.SUMMARY))
    return changed(SYSTEMS, visible=sa.or_(SYSTEMS.visible, partners))


# ---- Agreements and grants


@breaks("every agreement shares the full profile", "list_systems", "list_contracts")
def _all_by_agreement() -> Any:
    found = sharing._by_agreement
    full = {"profile": Profile.FULL}
    return patched(
        sharing,
        "_by_agreement",
        lambda *a: [dataclasses.replace(share, **full) for share in found(*a)],
    )


@breaks("an expired grant still shares records", "list_systems", "list_contracts")
def _expired_grants() -> Any:
    class Early:
        """A stopped clock."""

        UK = sharing.clock.UK
        today = staticmethod(sharing.clock.today)
        start_of = staticmethod(sharing.clock.start_of)
        now = staticmethod(lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))

    stopped = mock.patch.object(core_sharing.Share, "is_in_force", return_value=True)
    return both(patched(sharing, "clock", Early), stopped)


def both(*contexts: AbstractContextManager[Any]) -> AbstractContextManager[Any]:
    """Combine several changes."""
    stack = ExitStack()
    for context in contexts:
        stack.enter_context(context)
    return stack


# ---- Contracts and costs


@breaks("every agency that sees a system sees its costs", "list_system_costs")
def _costs() -> Any:
    def allow(*_a: Any, **_k: Any) -> None:
        return None

    return both(
        patched(contracts, "require_costs_shared", allow), changed(COSTS, visible=sa.true())
    )


# ---- History


@breaks("history ignores the current row rule", *HISTORIES)
def _history_now() -> Any:
    return patched(event_levels, "_level_now", lambda _each, **_: event_levels.ALL)


@breaks("history ignores the disclosure at the time", *HISTORIES)
def _history_then() -> Any:
    every_level = patched(event_levels, "_level_by_disclosure", lambda *_: event_levels.ALL)
    return both(every_level, patched(event_query, "_prefilter", lambda *_: sa.true()))


@breaks("history shows authors and reasons", *HISTORIES)
def _history_author() -> Any:
    return patched(feed.Feed, "_is_owner", lambda *_: True)


@breaks("history shows that a withheld field changed", *HISTORIES)
def _history_withheld() -> Any:
    any_change = patched(event_query, "_has_visible_change", lambda *_: sa.true())
    original = feed._changes
    shown_changes = patched(feed, "_changes", lambda *a, **kw: original(*a, **kw) or {"name": {}})
    return both(any_change, shown_changes)


@breaks("history shows all fields", *HISTORIES)
def _history_fields() -> Any:
    original = feed._changes

    def unmasked(row: Any, how: Any, known: Any, **_owned: Any) -> Any:
        seen = SimpleNamespace(**row._asdict() | {"level": 3, "level_before": 3})
        return original(seen, how, known, owned=True)

    return patched(feed, "_changes", unmasked)


@breaks("positions in the feed are numbers", *HISTORIES)
def _history_places() -> Any:
    original = feed.Feed._item

    def numbered(self: Any, row: Any, how: Any, known: Any) -> Any:
        item = original(self, row, how, known)
        return item and item | {"number": row.number}

    return patched(feed.Feed, "_item", numbered)


@breaks("a hidden event is a valid position", "list_changes")
def _history_cursor() -> Any:
    def placed(self: Any, event_id: Any) -> Any:
        statement = sa.select(feed.HistoryHead.number).where(
            sa.exists().where(event_query.EVENT.id == event_id)
        )
        number = self.context.session.scalar(statement)
        if number is None:
            raise feed.UnknownEvent
        return feed.Position(number)

    return patched(feed.Feed, "position_of", placed)


@breaks("as-of reads ignore the disclosure at the time", "list_systems", "get_system")
@contextmanager
def _past_rule() -> Iterator[None]:
    SYSTEMS.__dict__.pop("as_of_resource", None)
    as_of_resource = loose(SYSTEMS.as_of_resource)
    with changed(SYSTEMS):
        SYSTEMS.__dict__["as_of_resource"] = as_of_resource
        yield


@breaks("the feed shows the access of every agency", "list_changes")
def _access_of_all() -> Any:
    return patched(access_query, "IS_ACTORS", sa.true())


# ---- Options and similar systems


@breaks("options use withheld fields", "list_options")
def _options_fields() -> Any:
    return patched(
        visible_systems,
        "_column",
        lambda name, dialect, _by: for_dialect(dialect, SYSTEMS.columns[name]),
    )


@breaks("options use hidden uses", "list_options")
def _options_uses() -> Any:
    return patched(options, "USES", loose(USES))


@breaks("options add up hidden costs", "list_options")
def _options_costs() -> Any:
    return patched(contracts, "COSTS", loose(COSTS))


@breaks("similar systems include hidden ones", "list_similar_systems")
def _similar_rows() -> Any:
    return both(patched(similar, "MOST_COMPARED", 2), patched(similar, "SYSTEMS", loose(SYSTEMS)))


@breaks("similar systems use withheld fields", "list_similar_systems")
def _similar_fields() -> Any:
    return patched(record_reader, "_STANDARD", sa.true())


# ---- Readiness


@breaks("readiness shows hidden systems that rely on a visible one", "get_system_readiness")
def _dependants() -> Any:
    return patched(dependencies, "SYSTEMS", loose(SYSTEMS))


@breaks("readiness shows hidden contracts", "get_system_readiness")
def _binding() -> Any:
    return patched(visible_contracts, "CONTRACTS", loose(CONTRACTS))


# ---- Programmes


@breaks("the summary of a programme counts hidden records", "get_programme_summary")
def _summary() -> Any:
    every_system = patched(summary_query, "seen", lambda *_a, **_k: sa.true())
    uncached = patched(
        summary_query, "summary_statement", summary_query.summary_statement.__wrapped__
    )
    return both(every_system, uncached)


# ---- Writing


@breaks_writing(
    "names are unique among all agencies", attempts.take_names_and_ids_that_hidden_systems_have
)
def _unique_names() -> Any:
    create = systems.SystemWriter.create

    def strict(self: Any, fields: dict[str, Any]) -> System:
        key = name_key(fields["name"])
        if self.context.session.scalar(sa.select(sa.exists().where(System.name_key == key))):
            raise invalid("/name", "taken", "There is such a system.")
        return create(self, fields)

    return patched(systems.SystemWriter, "create", strict)


@breaks_writing(
    "external ids find systems of other agencies",
    attempts.take_names_and_ids_that_hidden_systems_have,
)
def _external_ids() -> Any:
    def found(session: Any, _agency: Any, source: str, identity: str) -> System | None:
        return session.scalar(
            sa.select(System)
            .join(SystemExternalId, SystemExternalId.system_id == System.id)
            .where(SystemExternalId.source == source, SystemExternalId.external_id == identity)
            .order_by(System.id)
            .limit(1)
        )

    return patched(system_views, "find_by_external_id", found)


@breaks_writing(
    "an open decision reserves all its systems",
    attempts.decide_on_a_system_that_another_agency_decides_on,
)
def _claims() -> Any:
    def strict(context: Context, _decision: Any, wanted: list[Any], **_k: Any) -> None:
        statement = sa.exists().where(
            DecisionMember.system_id.in_(wanted),
            DecisionMember.decision_id == Decision.id,
            Decision.status.in_(decisions.OPEN_DECISIONS),
        )
        if context.session.scalar(sa.select(statement)):
            raise Conflict("A system is in one open decision at a time.")

    return patched(decisions, "_require_free", strict)


@breaks_writing(
    "idempotency keys are shared", attempts.repeat_the_idempotency_key_of_another_agency
)
def _keys() -> Any:
    def anybody(actor: Any) -> str:
        statement = sa.select(IdempotencyKey.caller).where(IdempotencyKey.key == "key-1").limit(1)
        with database().reading_engine.connect() as connection:
            return connection.scalar(statement) or caller(actor)

    caller = idempotency._caller
    return patched(idempotency, "_caller", anybody)
