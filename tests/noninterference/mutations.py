"""Rules of the product that are broken one by one, each where it stands."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import sqlalchemy as sa
from flask import Response

from catalogue.agencies import sharing
from catalogue.contracts import operations as contracts
from catalogue.contracts import terms
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
from catalogue.history import event_query, feed
from catalogue.programmes.progress import rows as progress_rows
from catalogue.rationalisation import shown
from catalogue.rationalisation.decisions import operations as decisions
from catalogue.rationalisation.decisions.models import Decision, DecisionMember
from catalogue.rationalisation.options import operations as options
from catalogue.rationalisation.overlaps import loading
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
    """A rule, how it is broken, and the operations that show it."""

    rule: str
    broken: Broken
    asked: tuple[str, ...]

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


@dataclass(frozen=True)
class Written:
    """The same of a rule for writing, and the attempt that shows it."""

    rule: str
    broken: Broken
    attempt: Attempt

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


MUTATIONS: list[Mutation] = []
WRITTEN: list[Written] = []


def breaks(rule: str, *asked: str) -> Callable[[Broken], Broken]:
    """Declare a mutation."""

    def declare(broken: Broken) -> Broken:
        MUTATIONS.append(Mutation(rule, broken, asked))
        return broken

    return declare


def breaks_writing(rule: str, attempt: Attempt) -> Callable[[Broken], Broken]:
    """Declare a mutation of what writes."""

    def declare(broken: Broken) -> Broken:
        WRITTEN.append(Written(rule, broken, attempt))
        return broken

    return declare


def patched(where: Any, name: str, value: Any) -> AbstractContextManager[Any]:
    """Put something in a function's place, with nothing kept that was made from the old one."""
    return changed(where, **{name: value})


HISTORIES = ("list_system_history", "list_changes")

# ---- Systems


@breaks("updated_at tells of withheld changes", "list_systems")
def _updated_at() -> Any:
    return changed(SYSTEMS, columns=dict(SYSTEMS.columns) | {"updated_at": System.updated_at})


@breaks("an entity tag of the record, not of what is shown", "get_system")
def _entity_tag() -> Any:
    respond = system_views.record_response

    def tagged(context: Context, resource: Resource, identity: Any, **options: Any) -> Response:
        answer = respond(context, resource, identity, **options)
        asked = sa.select(resource.model.revision).where(resource.model.id == identity)
        answer.headers["ETag"] = f'"{context.session.scalar(asked)}"'
        return answer

    return patched(system_views, "record_response", tagged)


@breaks("an agreement shows what its owner does not disclose", "list_systems")
def _owner_only() -> Any:
    partners = id_in(System.agency_id, sharing_agencies(Basis.AGREEMENT, Profile.SUMMARY))
    return changed(SYSTEMS, visible=sa.or_(SYSTEMS.visible, partners))


# ---- Agreements and grants


@breaks("every agreement shows everything", "list_systems", "list_contracts")
def _all_by_agreement() -> Any:
    found = sharing._by_agreement
    full = {"profile": Profile.FULL}
    return patched(
        sharing,
        "_by_agreement",
        lambda *a: [dataclasses.replace(share, **full) for share in found(*a)],
    )


@breaks("a grant that has run out still opens", "list_systems", "list_contracts")
def _expired_grants() -> Any:
    class Early:
        """A clock that has stopped."""

        UK = sharing.clock.UK
        today = staticmethod(sharing.clock.today)
        start_of = staticmethod(sharing.clock.start_of)
        now = staticmethod(lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))

    stopped = mock.patch.object(core_sharing.Share, "is_in_force", return_value=True)
    return both(patched(sharing, "clock", Early), stopped)


def both(*contexts: AbstractContextManager[Any]) -> AbstractContextManager[Any]:
    """Several changes at once."""
    stack = ExitStack()
    for context in contexts:
        stack.enter_context(context)
    return stack


# ---- Contracts and costs


@breaks("costs are shown to who sees the system", "list_system_costs")
def _costs() -> Any:
    def unasked(*_a: Any, **_k: Any) -> None:
        return None

    return both(
        patched(contracts, "require_costs_shared", unasked), changed(COSTS, visible=sa.true())
    )


# ---- History


@breaks("history without the row rule of now", *HISTORIES)
def _history_now() -> Any:
    return patched(event_query, "_level_now", lambda _each: event_query.ALL)


@breaks("history without the disclosure of then", *HISTORIES)
def _history_then() -> Any:
    loose = patched(event_query, "_level_by_disclosure", lambda *_: event_query.ALL)
    return both(loose, patched(event_query, "_prefilter", lambda *_: sa.true()))


@breaks("history that tells who and why", *HISTORIES)
def _history_author() -> Any:
    return patched(feed.Feed, "_is_owner", lambda *_: True)


@breaks("history that tells that something withheld changed", *HISTORIES)
def _history_withheld() -> Any:
    loose = patched(event_query, "_has_visible_change", lambda *_: sa.true())
    made = feed._changes
    told = patched(feed, "_changes", lambda *a: made(*a) or {"name": {}})
    return both(loose, told)


@breaks("history that shows all fields", *HISTORIES)
def _history_fields() -> Any:
    made = feed._changes

    def unmasked(row: Any, how: Any, known: Any) -> Any:
        seen = SimpleNamespace(**row._asdict() | {"level": 3, "level_before": 3})
        return made(seen, how, known)

    return patched(feed, "_changes", unmasked)


@breaks("places in the feed are numbers", *HISTORIES)
def _history_places() -> Any:
    made = feed.Feed._item

    def numbered(self: Any, row: Any, how: Any, known: Any) -> Any:
        item = made(self, row, how, known)
        return item and item | {"number": row.number}

    return patched(feed.Feed, "_item", numbered)


@breaks("any event is a place to go on from", "list_changes")
def _history_cursor() -> Any:
    def placed(self: Any, event_id: Any) -> Any:
        asked = sa.select(feed.HistoryHead.number).where(
            sa.exists().where(event_query.EVENT.id == event_id)
        )
        number = self.context.session.scalar(asked)
        if number is None:
            raise feed.UnknownEvent
        return feed.Position(number)

    return patched(feed.Feed, "position_of", placed)


@breaks("the past by the disclosure of now alone", "list_systems", "get_system")
def _past_rule() -> Any:
    SYSTEMS.__dict__.pop("as_of_resource", None)
    as_of_resource = SYSTEMS.as_of_resource
    loose = dataclasses.replace(as_of_resource, visible=sa.true())
    context = changed(SYSTEMS)
    context.__enter__()
    SYSTEMS.__dict__["as_of_resource"] = loose
    return _Leaving(context)


class _Leaving:
    """What has been entered already, and is left at the end."""

    def __init__(self, context: AbstractContextManager[Any]) -> None:
        self.context = context

    def __enter__(self) -> None:
        return None

    def __exit__(self, *said: object) -> None:
        self.context.__exit__(*said)


# ---- Options and similar systems


@breaks("options tell what is withheld of a system", "list_options")
def _options_fields() -> Any:
    return patched(
        shown, "_column", lambda name, dialect, _by: for_dialect(dialect, SYSTEMS.columns[name])
    )


@breaks("options tell of uses that may not be seen", "list_options")
def _options_uses() -> Any:
    return patched(options, "USES", dataclasses.replace(USES, visible=sa.true()))


@breaks("options add up costs that may not be seen", "list_options")
def _options_costs() -> Any:
    return patched(contracts, "COSTS", dataclasses.replace(COSTS, visible=sa.true()))


@breaks("similar systems are chosen among those that may not be seen", "list_similar_systems")
def _similar_rows() -> Any:
    entered = ExitStack()
    entered.enter_context(patched(similar, "MOST_COMPARED", 2))
    loose = dataclasses.replace(SYSTEMS, visible=sa.true())
    entered.enter_context(patched(similar, "SYSTEMS", loose))
    return entered


@breaks("similar systems are compared by what is withheld", "list_similar_systems")
def _similar_fields() -> Any:
    return patched(loading, "_STANDARD", sa.true())


# ---- Readiness


@breaks("readiness shows hidden systems that rely on a visible one", "get_system_readiness")
def _dependants() -> Any:
    return patched(dependencies, "SYSTEMS", dataclasses.replace(SYSTEMS, visible=sa.true()))


@breaks("readiness tells of contracts that may not be seen", "get_system_readiness")
def _binding() -> Any:
    return patched(terms, "CONTRACTS", dataclasses.replace(CONTRACTS, visible=sa.true()))


# ---- Programmes


@breaks("a programme's summary counts all", "get_programme_summary")
def _summary() -> Any:
    loose = patched(progress_rows, "seen", lambda *_a, **_k: sa.true())
    anew = patched(progress_rows, "statement", progress_rows.statement.__wrapped__)
    return both(loose, anew)


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
    "external ids lead to anybody's system", attempts.take_names_and_ids_that_hidden_systems_have
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
    "an open decision claims everything that it names",
    attempts.decide_on_a_system_that_another_agency_decides_on,
)
def _claims() -> Any:
    def strict(context: Context, _decision: Any, wanted: list[Any], **_k: Any) -> None:
        asked = sa.exists().where(
            DecisionMember.system_id.in_(wanted),
            DecisionMember.decision_id == Decision.id,
            Decision.status.in_(decisions.OPEN_DECISIONS),
        )
        if context.session.scalar(sa.select(asked)):
            raise Conflict("A system is in one open decision at a time.")

    return patched(decisions, "_require_free", strict)


@breaks_writing("idempotency keys are shared", attempts.repeat_what_another_did)
def _keys() -> Any:
    def anybody(actor: Any) -> str:
        asked = sa.select(IdempotencyKey.caller).where(IdempotencyKey.key == "key-1").limit(1)
        with database().reading_engine.connect() as connection:
            return connection.scalar(asked) or caller(actor)

    caller = idempotency._caller
    return patched(idempotency, "_caller", anybody)
