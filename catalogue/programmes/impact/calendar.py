"""Calendar of a programme (iCalendar, RFC 5545): cutovers, freezes, notices and notice dates."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalogue.core.text import on_one_line

if TYPE_CHECKING:
    from icalendar import Event

MEDIA = "text/calendar"
_DOMAIN = "it-service-catalogue"
_A_DAY = timedelta(days=1)
REFRESHED = timedelta(hours=12)
"""The time after which a calendar program reads the calendar again (RFC 7986, section 5.7)."""


def build_calendar(
    title: str,
    *,
    migrations: Iterable[dict[str, Any]],
    waves: Iterable[dict[str, Any]],
    notices: Iterable[dict[str, Any]],
    contracts: Iterable[dict[str, Any]],
) -> bytes:
    """Build the calendar of a programme from records in the form of API responses.

    Events last whole days in the United Kingdom. Each event keeps its UID, and its timestamp is
    that of its record's last change. The bytes therefore stay the same until a record changes, or
    until a contract reaches another day for notice.
    """
    from icalendar import Calendar, vDuration

    # RFC 5545, section 3.1, forbids control characters, which a recorded title can contain.
    title = on_one_line(title)
    calendar = Calendar()
    calendar.add("prodid", f"-//{_DOMAIN}//programme//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", vDuration(REFRESHED), parameters={"value": "DURATION"})
    # Outlook reads only this older property.
    calendar.add("x-published-ttl", vDuration(REFRESHED))
    for event in (
        *_cutovers(migrations),
        *_freezes(waves),
        *_notices(notices),
        *_notice_dates(contracts),
    ):
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _cutovers(migrations: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for migration in migrations:
        day = migration["actual_date"] or migration["forecast_date"] or migration["planned_date"]
        if day is None:
            continue
        cancelled = migration["stage"] == "cancelled"
        status = (
            "CANCELLED" if cancelled else "CONFIRMED" if migration["actual_date"] else "TENTATIVE"
        )
        system = f"{migration['system_name']} ({migration['agency']})"
        target = f" to {migration['target_system_name']}" if migration["target_system_name"] else ""
        description = (
            f"Stage: {migration['stage']}. Planned: {migration['planned_date'] or 'not yet'}."
        )
        yield _event(
            "cutover",
            migration,
            f"Cutover: {system}{target}",
            day,
            status=status,
            description=description,
        )


def _freezes(waves: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for wave in waves:
        first = wave["freeze_start"] or wave["freeze_end"]
        if first is not None:
            last = wave["freeze_end"] or first
            yield _event("freeze", wave, f"Change freeze: {wave['name']}", first, last)


def _notices(notices: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    for notice in notices:
        sent = notice["sent_on"] is not None
        agency = f" ({notice['agency']})" if notice["agency"] else ""
        summary = f"Notice to {notice['audience'].replace('_', ' ')}{agency}: {notice['subject']}"
        status = "CONFIRMED" if sent else "TENTATIVE"
        yield _event(
            "notice", notice, summary, notice["sent_on"] or notice["planned_date"], status=status
        )


def _notice_dates(contracts: Iterable[dict[str, Any]]) -> Iterator["Event"]:
    """Yield the last days for notice of contracts: the missed day of the present term, and the next."""
    for contract in contracts:
        missed, following = contract["last_notice_date"], contract["next_notice_date"]
        name = f"{contract['title']} ({contract['agency']})"
        runs = f"The contract's term ends on {contract['end_of_term']}."
        if missed is not None and missed != following:
            description = f"{runs} The last day for notice has passed, so the contract may run on."
            yield _event(
                "notice-missed",
                contract,
                f"Missed: notice on {name}",
                missed,
                description=description,
            )
        if following is not None:
            yield _event(
                "notice-date",
                contract,
                f"Last day for notice: {name}",
                following,
                description=f"{runs} Give notice by this day to end the contract then.",
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
    # RFC 5545 excludes the end date, so it is the day after the last.
    event.add("dtend", max(begins, date.fromisoformat(last or first)) + _A_DAY)
    event.add("status", status)
    event.add("transp", "TRANSPARENT")
    event.add("categories", [kind])
    if description is not None:
        event.add("description", description)
    return event
