"""A programme's days as a calendar (iCalendar, RFC 5545): cutovers, change freezes and notices."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalogue.core.text import on_one_line

if TYPE_CHECKING:
    from icalendar import Event

MEDIA = "text/calendar"
_DOMAIN = "it-service-catalogue"
_A_DAY = timedelta(days=1)


def build_calendar(
    title: str,
    *,
    migrations: Iterable[dict[str, Any]],
    waves: Iterable[dict[str, Any]],
    notices: Iterable[dict[str, Any]],
) -> bytes:
    """The calendar of a programme, from records as they are answered.

    All days are whole ones, of the calendar of the United Kingdom. An event keeps its UID, and is
    dated by the last change of its record: without a change the bytes are the same.
    """
    from icalendar import Calendar

    # Control characters, which older records may hold, have no place here (RFC 5545, section 3.1).
    title = on_one_line(title)
    calendar = Calendar()
    calendar.add("prodid", f"-//{_DOMAIN}//programme//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    for event in (*_cutovers(migrations), *_freezes(waves), *_notices(notices)):
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found


def _cutovers(migrations: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for each in migrations:
        day = each["actual_date"] or each["forecast_date"] or each["planned_date"]
        if day is None:
            continue
        cancelled = each["stage"] == "cancelled"
        status = "CANCELLED" if cancelled else "CONFIRMED" if each["actual_date"] else "TENTATIVE"
        of = f"{each['system_name']} ({each['agency']})"
        to = f" to {each['target_system_name']}" if each["target_system_name"] else ""
        said = f"Stage: {each['stage']}. Planned: {each['planned_date'] or 'not yet'}."
        yield _event("cutover", each, f"Cutover: {of}{to}", day, status=status, description=said)


def _freezes(waves: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for each in waves:
        first = each["freeze_start"] or each["freeze_end"]
        if first is not None:
            last = each["freeze_end"] or first
            yield _event("freeze", each, f"Change freeze: {each['name']}", first, last)


def _notices(notices: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for each in notices:
        sent = each["sent_on"] is not None
        whose = f" ({each['agency']})" if each["agency"] else ""
        summary = f"Notice to {each['audience'].replace('_', ' ')}{whose}: {each['subject']}"
        status = "CONFIRMED" if sent else "TENTATIVE"
        yield _event(
            "notice", each, summary, each["sent_on"] or each["planned_date"], status=status
        )


def _event(
    kind: str,
    record: dict[str, Any],
    summary: str,
    first: str,
    last: str | None = None,
    *,
    status: str = "CONFIRMED",
    description: str | None = None,
) -> "Event":
    from icalendar import Event

    event = Event()
    changed = datetime.fromisoformat(record["updated_at"])
    begins = date.fromisoformat(first)
    event.add("uid", f"{kind}-{record['id']}@{_DOMAIN}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("summary", on_one_line(summary))
    event.add("dtstart", begins)
    # The day after the last, by RFC 5545.
    event.add("dtend", max(begins, date.fromisoformat(last or first)) + _A_DAY)
    event.add("status", status)
    event.add("transp", "TRANSPARENT")
    event.add("categories", [kind])
    if description is not None:
        event.add("description", description)
    return event
