"""Histories of records, and a system as it was at a past moment."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import request, url_for

from catalogue.core.rest.schemas import DateField
from catalogue.web.agency_names import read_agency_names
from catalogue.web.api_calls import Refused
from catalogue.web.capability_names import name_capabilities
from catalogue.web.editing import Record
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit
from catalogue.web.systems.sections import SECTIONS
from catalogue.web.wording import NOT_SHARED, label, person, show_field, value_label

histories = Pages("histories")

_ROWS = 50
_MOST_NAMES = 200
_AGENCIES = frozenset({"agency", "lead_agency", "parties"})
_ANSWERS = frozenset({"accepted_by", "withdrawn_by"})
_SYSTEMS = frozenset({"systems"})
_FOR_PROGRAMS = frozenset({"content_hash", "superseded_by", "attributes"})
"""Fields that say nothing to people, as ids do."""


@dataclass(frozen=True)
class Change:
    """A field before and after an event, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """An event in words."""

    at: str
    who: str
    action: str
    reason: str | None
    changes: list[Change]
    then_href: str | None
    """The address of the record as it was after the event."""


@dataclass(frozen=True)
class Names:
    """The names of the records that events mention."""

    agencies: Mapping[str, str]
    systems: Mapping[str, str]

    def words(self, name: str, value: Any) -> str:
        """Return the value of a field in words."""
        if name in _AGENCIES and value:
            codes = [value] if isinstance(value, str) else value
            return ", ".join(self.agencies.get(code, code) for code in codes)
        if name in _ANSWERS and value:
            return ", ".join(self.agencies.get(each["agency"], each["agency"]) for each in value)
        if name in _SYSTEMS and value:
            return ", ".join(map(self._system, value))
        if name == "members" and value:
            return ", ".join(map(self._member, value))
        return show_field(name, value)

    def _system(self, identity: str) -> str:
        return self.systems.get(identity, NOT_SHARED.lower())

    def _member(self, member: Record) -> str:
        disposition = member.get("disposition")
        words = f": {value_label(disposition).lower()}" if disposition else ""
        return f"{self._system(member['system_id'])}{words}"


def _history(
    kind: str, *, title: str, record_page: str, past_page: str | None = None, under: str = ""
) -> None:
    """Register the page with the changes of one kind of record, newest first.

    `under` is the beginning of the addresses of the records' pages.
    """
    get, operation, parameter = f"get_{kind}", f"list_{kind}_history", f"{kind}_id"

    def history_page(visit: Visit, **path: UUID) -> Any:
        record = visit.call(get, path=path).document
        query = {"limit": _ROWS, "sort": "-at", "after": request.args.get("after")}
        found = visit.call(operation, path=path, query=query).document
        after = found["page"]["next_cursor"] if found["page"]["has_more"] else None
        here = f"{histories.name}.{history_page.__name__}"
        values: dict[str, Any] = dict(path)
        return visit.render(
            "history.html",
            name=record[title],
            record_href=url_for(record_page, **values),
            past_href=url_for(past_page, **values) if past_page else None,
            entries=_entries(visit, found["items"], past_page, values),
            older_href=url_for(here, **values, after=after) if after else None,
        )

    history_page.__name__ = f"{kind}_history_page"
    history_page.__doc__ = f"The changes of a {kind}, newest first."
    histories.get(
        f"{under}/{kind}s/<uuid:{parameter}>/history",
        calls=(get, operation, "list_agencies", "list_systems"),
        needs=(get, operation),
    )(history_page)


def _entries(
    visit: Visit, events: list[Record], past_page: str | None, path: dict[str, Any]
) -> list[Entry]:
    names = Names(read_agency_names(visit), _read_system_names(visit, events))
    return [
        Entry(
            at=event["at"],
            who=_who(event, names),
            action=value_label(event["kind"].partition(".")[2]),
            reason=event["reason"],
            changes=list(_changes(event, names)),
            then_href=url_for(past_page, **path, at=event["at"])
            if past_page and event["changes"] and not event["kind"].endswith(".deleted")
            else None,
        )
        for event in events
    ]


def _who(event: Record, names: Names) -> str:
    """Return the person or the client, and the agency, where they are shared."""
    agency = event["acting_agency"]
    by = person(event["person"]) if event["person"] else event["client_id"]
    parts = [by, names.agencies.get(agency, agency)]
    return ", ".join(filter(None, parts)) or NOT_SHARED.lower()


def _changes(event: Record, names: Names) -> Iterator[Change]:
    for name, change in event["changes"].items():
        # Ids are for programs. The name beside each id changes with it.
        if name.endswith("_id") or name in _FOR_PROGRAMS:
            continue
        before, after = names.words(name, change["before"]), names.words(name, change["after"])
        if before or after:
            yield Change(label(name), before, after)


def _read_system_names(visit: Visit, events: Iterable[Record]) -> dict[str, str]:
    """Map the ids of the systems that events name to their names, for those that are shared."""
    ids = {
        identity
        for event in events
        for name, change in event["changes"].items()
        for value in change.values()
        for identity in _system_ids(name, value)
    }
    if not ids or not visit.can("list_systems"):
        return {}
    query = {"id__in": ",".join(sorted(ids)[:_MOST_NAMES]), "limit": _MOST_NAMES}
    found = visit.call("list_systems", query=query | {"fields": "id,name"}).document
    return {system["id"]: system["name"] for system in found["items"]}


def _system_ids(name: str, value: Any) -> Iterable[str]:
    if name == "members":
        return [member["system_id"] for member in value or ()]
    return value or () if name in _SYSTEMS else ()


_history(
    "system",
    title="name",
    record_page="pages-systems.record_page",
    past_page="pages-histories.past_page",
)
_history("agreement", title="title", record_page="pages-agreements.record_page", under="/sharing")
_history("contract", title="title", record_page="pages-contracts.record_page")
_history("decision", title="title", record_page="pages-decisions.record_page")


class _Past(ma.Schema):
    """The form that chooses a past day."""

    as_of = DateField(
        metadata={"description": "The record is shown as it was at the end of the day."}
    )


@histories.get(
    "/systems/<uuid:system_id>/past",
    calls=("get_system", "list_capabilities"),
    needs=("get_system",),
)
def past_page(visit: Visit, system_id: UUID) -> Any:
    """A system as it was at the end of a day, or at the moment of an event."""
    path = {"system_id": system_id}
    now = visit.call("get_system", path=path).document
    form = Form(_Past, ("as_of",))
    form.fill_typed(request.args)
    moment = request.args.get("at") or form.read(request.args)["as_of"]
    then = None
    is_unknown = False
    if moment:
        try:
            then = visit.call("get_system", path=path, query={"as_of": moment}).document
        except Refused as refusal:
            if refusal.status == HTTPStatus.BAD_REQUEST:
                form.controls[0].errors.append(
                    "Date must be a real date in the past, such as 27 3 2026"
                )
            elif refusal.status != HTTPStatus.NOT_FOUND:
                raise
            is_unknown = refusal.status == HTTPStatus.NOT_FOUND
    return visit.render(
        "systems/past.html",
        system=now,
        then=then,
        moment=moment,
        is_unknown=is_unknown,
        form=form,
        sections=SECTIONS,
        capabilities=name_capabilities(visit, then["capabilities"] or ()) if then else "",
    )
