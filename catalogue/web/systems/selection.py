"""The systems that a person selects in the list, and the change that would be made to them all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict

from catalogue.core.rest.bulk_schemas import MOST_ITEMS
from catalogue.web.forms import Control
from catalogue.web.pages import Visit
from catalogue.web.systems.pages import LIST
from catalogue.web.wording import mistake, show_field

EVERYTHING = "everything"
"""The checkbox that selects all systems of the agency that the filters match."""

_AT_ONCE = 100
"""The most ids that a filter of the API takes."""

_MOST_ROWS = 200
"""The most rows of a list that the API returns at once."""

_TOO_MANY = f"Select at most {MOST_ITEMS} systems. Narrow the list by its filters first."


class NotSelected(Exception):
    """The form has no system that the person can change, or too many. Its text is for people."""


@dataclass(frozen=True)
class Selection:
    """Systems of the person's agency, as they are now."""

    sent: dict[str, str]
    """The ids that the form sent, each with the entity tag that the person has seen, if any."""
    systems: list[dict[str, Any]]

    @property
    def missing(self) -> int:
        """The number of ids that name no system of the person's agency."""
        return len(self.sent) - len(self.systems)

    @property
    def changed_meanwhile(self) -> list[dict[str, Any]]:
        """The systems that have changed since the form was shown."""
        return [s for s in self.systems if self.sent[s["id"]] not in {"", s["etag"]}]


def sent_list() -> MultiDict[str, str]:
    """Return the parameters of the list in which the systems were selected."""
    return MultiDict(parse_qsl(request.form.get("list", "")))


def read_selection(visit: Visit, fields: Iterable[str]) -> Selection:
    """Read the selected systems, with some of their fields. Raises NotSelected."""
    sent = _sent_etags()
    if request.form.get(EVERYTHING):
        sent = dict.fromkeys(_matching_ids(visit), "")
    if not sent:
        raise NotSelected("Select at least one system of your agency.")
    if len(sent) > MOST_ITEMS:
        raise NotSelected(_TOO_MANY)
    names = ",".join(dict.fromkeys(("id", "name", "etag", *fields)))
    ids, systems = [*sent], []
    for start in range(0, len(ids), _AT_ONCE):
        some = ",".join(ids[start : start + _AT_ONCE])
        query = {"id__in": some, "agency": visit.agency, "fields": names, "limit": _AT_ONCE}
        systems += visit.call("list_systems", query=query).document["items"]
    if not systems:
        raise NotSelected(
            "The systems that you selected are not your agency's, or no longer exist. "
            "Select others."
        )
    return Selection(sent, sorted(systems, key=lambda system: system["name"].casefold()))


def _sent_etags() -> dict[str, str]:
    sent = {}
    for text in request.form.getlist("selected"):
        identity, _, etag = text.partition(" ")
        try:
            sent[str(UUID(identity))] = etag
        except ValueError:
            continue  # No page of the site sends anything else.
    return sent


def _matching_ids(visit: Visit) -> list[str]:
    """Return the ids of the agency's systems that the list's filters match.

    If there are more than one request can change, the ids of some are left out.
    """
    filters = LIST.filters_in(sent_list())
    if any(code != visit.agency for code in filters.get("agency", ())):
        return []
    query = filters | {"agency": visit.agency, "fields": "id", "limit": _MOST_ROWS}
    ids: list[str] = []
    cursor: str | None = None
    while len(ids) <= MOST_ITEMS:
        found = visit.call("list_systems", query=query | {"cursor": cursor}).document
        ids += [system["id"] for system in found["items"]]
        cursor = found["page"]["next_cursor"]
        if cursor is None:
            break
    return ids


@dataclass(frozen=True)
class Preview:
    """The effect that a new value of one field would have on each selected system."""

    changing: list[tuple[dict[str, Any], str, str]]
    """The systems that would change, each with its value now and then, in words."""
    unchanged: list[dict[str, Any]]
    refused: list[tuple[dict[str, Any], str]]
    """The systems that cannot take the value, each with the reason."""
    problem: dict[str, Any] | None
    """The problem, if the value itself is wrong, so that it is the same for every system."""

    @property
    def left_out(self) -> list[str]:
        """The ids of the systems that the change leaves out."""
        return [s["id"] for s in (*self.unchanged, *(system for system, _ in self.refused))]


def preview_change(
    visit: Visit, systems: list[dict[str, Any]], control: Control, value: Any, reason: str
) -> Preview:
    """Try to give the field of a control a new value in every system. Raises Refused."""
    name = control.name
    tried = [s for s in systems if not _has(s[name], value)]
    results: list[dict[str, Any]] = []
    if tried:
        items = [{"id": s["id"], "etag": s["etag"], name: new_value(s, name, value)} for s in tried]
        query = {"mode": "partial", "dry_run": "true"}
        body = {"items": items}
        answer = visit.call("update_systems", query=query, body=body, reason=reason)
        results = answer.document["items"]
    problems = [result["problem"] for result in results if result["problem"]]
    first = problems[0].get("errors") if problems else None
    at_fault = first and all(problem.get("errors") == first for problem in problems)
    return Preview(
        changing=[
            (s, in_words(control, s[name]), in_words(control, new_value(s, name, value)))
            for s, result in zip(tried, results, strict=True)
            if not result["problem"]
        ],
        unchanged=[s for s in systems if _has(s[name], value)],
        refused=[
            (s, _explain(result["problem"], control))
            for s, result in zip(tried, results, strict=True)
            if result["problem"]
        ],
        problem=problems[0] if at_fault and len(problems) == len(tried) else None,
    )


def new_value(system: dict[str, Any], name: str, value: Any) -> Any:
    """Return the value of a field after the change. A list keeps what it has."""
    if not isinstance(value, list):
        return value
    before = system.get(name, [])
    values = [*before, *(each for each in value if each not in before)]
    # The API lists capabilities in the order of their codes, and a form that is sent twice must
    # make the same request.
    return sorted(values) if name == "capabilities" else values


def _has(before: Any, value: Any) -> bool:
    return {*value} <= {*before} if isinstance(value, list) else bool(before == value)


def in_words(control: Control, value: Any) -> str:
    """Return a value of the field of a control in words."""
    texts = {option.value: option.text for option in control.options}
    if isinstance(value, list):
        return ", ".join(texts.get(each) or each for each in value) or "Not recorded"
    return texts.get(value) or show_field(control.name, value) or "Not recorded"


def _explain(problem: dict[str, Any], control: Control) -> str:
    errors = problem.get("errors") or [{"code": "", "detail": problem["detail"]}]
    return " ".join(mistake(e["code"], e["detail"], control.name, control.kind) for e in errors)
