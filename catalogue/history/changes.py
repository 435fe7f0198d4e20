"""Audit log: the changes that one flush of a session made to audited records.

This reads SQLAlchemy's own state of a flush, which holds different values at different times:

    before_flush   `load_originals` runs here. The database still has the old values.
    statements     INSERT, UPDATE and DELETE are sent.
    after_flush    `Flush` runs here. The database has the new values, and the state still holds:
                   - session.new, session.dirty, session.deleted: as before the flush
                   - context.states: {state: (deleted, only_looked_at)} of each record in the
                     flush, with only_looked_at if no statement was made for it
                   - state.committed_state: {attribute: old value} of each attribute that was set,
                     with NO_VALUE for an old value that was never read
    the end        SQLAlchemy clears all of these, and the old values are gone.

An example: a system has the name "CAD" and the capability C1.

    system.name = "CAD 2"
    system.capability_links.append(SystemCapability(capability_id=c2.id))
    session.flush()

In `after_flush`, context.states has two states, both with (False, False):

    the system   committed_state {"name": "CAD", "capability_links": …, "shared_updated_at": …}
    the link     in session.new, as part of the system's list "capabilities"

The link is not a record of its own, so both make one event: `system.updated`. Its before is
{"name": "CAD", "capabilities": ["C1"]}, and its state is the whole system with "CAD 2" and
["C1", "C2"]. shared_updated_at follows from other columns and is not in before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import (
    InstanceState,
    LoaderCallableStatus,
    PassiveFlag,
    Session,
    UOWTransaction,
    selectinload,
)

from catalogue.core.types import same_json
from catalogue.history.registry import (
    AuditedList,
    AuditedModel,
    find_audited_model,
    parents_of,
    reason_not_audited,
)

_State = InstanceState[Any]
_NO_VALUE = LoaderCallableStatus.NO_VALUE
_AT_ONCE = 500


@dataclass(slots=True)
class PendingEvent:
    """An event about one record that is not yet part of a change set."""

    audited_model: AuditedModel
    resource_id: UUID
    agency_id: UUID | None
    disclosure: str | None
    verb: str
    before: dict[str, Any] | None
    state: dict[str, Any] | None


@dataclass(slots=True)
class _ChildChanges:
    """The changes of a flush to the items of one list of a record."""

    added: list[Any] = field(default_factory=list)
    deleted: list[Any] = field(default_factory=list)
    changed: bool = False


def load_originals(session: Session) -> None:
    """Read the old values and lists that `Flush` needs, before a flush replaces them.

    New records have no old values, so this reads only records that the database has already.
    """
    parents = set()
    for entity in (*session.new, *session.dirty, *session.deleted):
        model = type(entity)
        state = sa.inspect(entity)
        if find_audited_model(model) is not None and state.has_identity:
            parents.add(state)
        for link in parents_of(model):
            identity = state.dict.get(link.foreign_key)
            parent = identity and session.get(link.parent.model, identity)
            if parent is not None:
                parents.add(sa.inspect(parent))
    for state in parents:
        _load_original_values(session, state)
    for entity in session.dirty:
        if parents_of(type(entity)):
            _load_original_values(session, sa.inspect(entity))
    for entity in session.deleted:
        if find_audited_model(type(entity)) is not None:
            # The session deletes loaded parts itself, and context.states has them. Otherwise the
            # database deletes them by ON DELETE CASCADE, and the session does not notice.
            for relationship in sa.inspect(type(entity)).relationships:
                if relationship.cascade.delete:
                    getattr(entity, relationship.key)
    _load_lists(session, parents)


def _load_lists(session: Session, parents: set[_State]) -> None:
    """Load the lists that the records have not loaded yet, with few queries for each list."""
    missing: dict[tuple[type[Any], str], list[Any]] = {}
    for state in parents:
        audited_model = find_audited_model(state.class_)
        for listed in audited_model.lists.values() if audited_model else ():
            if listed.relationship not in state.dict:
                missing.setdefault((state.class_, listed.relationship), []).append(state.obj())
    for (model, relationship), entities in missing.items():
        if len(entities) > 1:
            identities = [entity.id for entity in entities]
            for start in range(0, len(identities), _AT_ONCE):
                session.scalars(
                    sa.select(model)
                    .where(model.id.in_(identities[start : start + _AT_ONCE]))
                    .options(selectinload(getattr(model, relationship)))
                ).all()
        for entity in entities:
            getattr(entity, relationship)


def _load_original_values(session: Session, state: _State) -> None:
    """Read the old values of attributes that were set before they were read.

    A commit expires records, and `system.name = "CAD 2"` then leaves NO_VALUE as the old name.
    The database still has the old row here, so this reads the old value from it.
    """
    columns = state.mapper.columns
    unknown = [
        name for name, old in state.committed_state.items() if old is _NO_VALUE and name in columns
    ]
    if not unknown or state.identity is None:
        return
    table = state.mapper.local_table
    statement = sa.select(*(columns[name].label(name) for name in unknown)).where(
        *(key == value for key, value in zip(table.primary_key, state.identity, strict=True))
    )
    row = session.connection().execute(statement).mappings().first()
    if row is not None:
        state.committed_state.update(row)


class Flush:
    """The changes of one flush, read in `after_flush`: between its last statement and its end."""

    def __init__(self, session: Session, context: UOWTransaction) -> None:
        self.session = session
        self.new = {sa.inspect(entity) for entity in session.new}
        self.gone: set[_State] = set()
        self.changed: dict[_State, AuditedModel] = {}
        self.child_changes: dict[tuple[_State, str], _ChildChanges] = {}
        items: list[_State] = []
        for state, (deleted, only_looked_at) in context.states.items():
            if deleted:
                self.gone.add(state)
            elif only_looked_at:
                continue
            audited_model = find_audited_model(state.class_)
            if audited_model is not None:
                self.changed[state] = audited_model
            if parents_of(state.class_):
                items.append(state)
            elif audited_model is None and reason_not_audited(state.class_) is None:
                raise RuntimeError(
                    f"{state.class_.__name__} is declared neither `audited` nor `not_audited`."
                )
        if items:
            known = {(state.class_, state.dict.get("id")): state for state in self.changed}
            for state in items:
                self._find_parents(state, known)

    def _find_parents(self, item: _State, known: dict[tuple[type[Any], Any], _State]) -> None:
        """Note the records to which an item belongs, because a change to the item changes them.

        There are two if the item was moved from one record to another.
        """
        entity = item.obj()
        for link in parents_of(item.class_):
            here = item.dict.get(link.foreign_key)
            before = item.committed_state.get(link.foreign_key, here)
            for identity in {here, before} - {None, _NO_VALUE}:
                # Only `known` has new records. Before the end of the flush the session does not
                # find them by their ids, and would load a second object for the same row.
                parent = known.get((link.parent.model, identity))
                if parent is None:
                    loaded = self.session.get(link.parent.model, identity)
                    if loaded is None:
                        continue
                    parent = known[link.parent.model, identity] = sa.inspect(loaded)
                self.changed.setdefault(parent, link.parent)
                change = self.child_changes.setdefault((parent, link.name), _ChildChanges())
                if item in self.gone or identity != here:
                    change.deleted.append(entity)
                elif item in self.new or identity != before:
                    change.added.append(entity)
                else:
                    change.changed = True

    def pending_events(self) -> Iterator[PendingEvent]:
        """Yield an event for each record:

        new ones in the order of their addition, deleted ones last.
        """
        for state in sorted(self.changed, key=self._place):
            audited_model = self.changed[state]
            if state in self.gone:
                yield self._deleted_event(state, audited_model)
            elif state in self.new:
                yield self._pending_event(
                    state, audited_model, "created", None, self._state(state, audited_model)
                )
            else:
                before = self._before(state, audited_model)
                if before:
                    verb = audited_model.verb(state.obj(), before) if audited_model.verb else None
                    yield self._pending_event(
                        state,
                        audited_model,
                        verb or "updated",
                        before,
                        self._state(state, audited_model),
                    )

    def _place(self, state: _State) -> tuple[int, int, str]:
        if state in self.new:
            return 0, state.insert_order or 0, ""
        return 2 if state in self.gone else 1, 0, str(state.dict.get("id"))

    def _pending_event(
        self,
        state: _State,
        audited_model: AuditedModel,
        verb: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> PendingEvent:
        entity: Any = state.obj()
        return PendingEvent(
            audited_model,
            state.dict["id"],
            audited_model.owner(self.session, entity),
            audited_model.disclosure(self.session, entity),
            verb,
            before,
            after,
        )

    def _state(self, state: _State, audited_model: AuditedModel) -> dict[str, Any]:
        """Return all recorded fields and lists of a record as they are now."""
        values = state.dict
        for name in audited_model.server_defaults if state in self.new else audited_model.columns:
            if name not in values:
                getattr(state.obj(), name)  # loads it into state.dict
        record = audited_model.values(values)
        for name, listed in audited_model.lists.items():
            record[name] = listed.as_json(self.session, self._items(state, name, listed))
        return record

    def _before(self, state: _State, audited_model: AuditedModel) -> dict[str, Any]:
        """Return the old values of the fields that changed, without those set to the same value."""
        values, before = state.dict, {}
        for name, old in state.committed_state.items():
            if (
                name not in audited_model.columns
                or name in audited_model.ignored_columns
                or old is _NO_VALUE
            ):
                continue
            was, is_now = (
                audited_model.value(name, old),
                audited_model.value(name, values.get(name)),
            )
            if not same_json(was, is_now):
                before[name] = was
        for name, listed in audited_model.lists.items():
            items = self._items_before(state, name, listed)
            if items is not None:
                was = listed.as_json(self.session, items)
                is_now = listed.as_json(self.session, self._items(state, name, listed))
                if not same_json(was, is_now):
                    before[name] = was
        return before

    def _deleted_event(self, state: _State, audited_model: AuditedModel) -> PendingEvent:
        original: Any = _original(state)
        record = audited_model.values(vars(original))
        for name, listed in audited_model.lists.items():
            items = self._items_before(state, name, listed)
            record[name] = listed.as_json(
                self.session, state.dict.get(listed.relationship, ()) if items is None else items
            )
        return self._pending_event(state, audited_model, "deleted", record, None)

    def _items(self, state: _State, name: str, listed: AuditedList) -> list[Any]:
        """Return the items of a list as they are now.

        Code can add or delete an item without its relationship. The relationship then still has
        the old list, and `child_changes` has the difference.
        """
        present = list(getattr(state.obj(), listed.relationship))
        change = self.child_changes.get((state, name))
        if change is None:
            return present
        deleted = {id(item) for item in change.deleted}
        kept = [item for item in present if id(item) not in deleted]
        known = {id(item) for item in kept}
        return kept + [item for item in change.added if id(item) not in known]

    def _items_before(self, state: _State, name: str, listed: AuditedList) -> list[Any] | None:
        """Return the items of a list as they were, or None if they have not changed."""
        change = self.child_changes.get((state, name))
        history = state.get_history(listed.relationship, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if change is None and not history.added and not history.deleted:
            return None
        added = {id(item) for item in history.added or ()}
        deleted = {id(item): item for item in history.deleted or ()}
        if change is not None:
            added |= {id(item) for item in change.added}
            deleted |= {id(item): item for item in change.deleted}
        kept = [
            item
            for item in self._items(state, name, listed)
            if id(item) not in added and id(item) not in deleted
        ]
        return [_original(sa.inspect(item)) for item in (*kept, *deleted.values())]


def _original(state: _State) -> Any:
    """Return the values of a record's columns before the flush."""
    entity: Any = state.obj()
    values = {name: getattr(entity, name) for name in state.mapper.columns.keys()}  # noqa: SIM118
    for name, old in state.committed_state.items():
        if name in values and old is not _NO_VALUE:
            values[name] = old
    return SimpleNamespace(**values)
