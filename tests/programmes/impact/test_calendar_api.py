"""The calendar of a programme, as a calendar program reads it."""

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.contracts.api_contracts import SCOPES as CONTRACT_SCOPES
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, HERTS, add_system
from tests.programmes.api_migrations import (
    LEAD_SCOPES,
    change_migration,
    create_migration,
    create_migration_at,
)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared; back, office"}).json


def create_shared_system(session, name, agency=BEDS, **fields):
    system = add_system(session, agency, name, **({"disclosure": Disclosure.ALL_AGENCIES} | fields))
    session.commit()
    return system


def get_calendar_path(programme):
    return f"/v1/programmes/{programme['id']}/calendar.ics"


def read_events(answer):
    """Map each event's summary to its first day, the day after its last, and its status."""
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.data)
    return {
        str(event["summary"]): (
            event.decoded("dtstart"),
            event.decoded("dtend"),
            str(event["status"]),
        )
        for event in calendar.walk("VEVENT")
    }


def test_the_calendar_replaces_control_characters_of_older_records(api, programme, session):
    create_migration(
        api,
        programme,
        create_shared_system(session, "Led\x07ger\x1b\nof old"),
        planned_date="2026-12-01",
    )
    answer = api.get(get_calendar_path(programme))
    assert list(read_events(answer)) == ["Cutover: Led ger  of old (bedfordshire-police)"]
    assert not {*answer.text} & {*map(chr, range(32))} - {"\r", "\n"}


def test_the_calendar_shows_cutovers_freezes_and_notices_as_whole_days(api, programme, session):
    planned = create_migration(
        api, programme, create_shared_system(session, "Ledger"), planned_date="2026-12-01"
    )
    create_migration(api, programme, create_shared_system(session, "Rota"))
    create_migration_at(
        api,
        programme,
        create_shared_system(session, "Mail"),
        "complete",
        forecast_date="2026-10-05",
    )
    freeze = {
        "name": "Finance",
        "position": 1,
        "freeze_start": "2026-11-28",
        "freeze_end": "2026-12-02",
    }
    assert api.post("/v1/waves", json=freeze | {"programme_id": programme["id"]}).status_code == 201
    notice = {"migration_id": planned["id"], "audience": "users", "subject": "It moves"}
    assert (
        api.post("/v1/migration-notices", json=notice | {"planned_date": "2026-11-24"}).status_code
        == 201
    )
    answer = api.get(get_calendar_path(programme))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert read_events(answer) == {
        f"Cutover: Ledger ({BEDS})": (date(2026, 12, 1), date(2026, 12, 2), "TENTATIVE"),
        f"Cutover: Mail ({BEDS})": (date(2026, 10, 2), date(2026, 10, 3), "CONFIRMED"),
        "Change freeze: Finance": (date(2026, 11, 28), date(2026, 12, 3), "CONFIRMED"),
        "Notice to users: It moves": (date(2026, 11, 24), date(2026, 11, 25), "TENTATIVE"),
    }
    assert str(Calendar.from_ical(answer.data)["name"]) == "Shared; back, office"


def test_the_calendar_stays_byte_for_byte_the_same_until_a_change(api, programme, session):
    move = create_migration(
        api, programme, create_shared_system(session, "Ledger"), planned_date="2026-12-01"
    )
    first = api.get(get_calendar_path(programme))
    with clock.freeze(datetime(2026, 11, 22, 12, 3, tzinfo=UTC)):
        assert api.get(get_calendar_path(programme)).data == first.data
        etag = {"If-None-Match": first.headers["ETag"]}
        assert api.get(get_calendar_path(programme), headers=etag).status_code == 304
        change_migration(api, move, forecast_date="2026-12-08")
        assert read_events(api.get(get_calendar_path(programme), headers=etag)) == {
            f"Cutover: Ledger ({BEDS})": (date(2026, 12, 8), date(2026, 12, 9), "TENTATIVE")
        }
    uids = [
        {str(e["uid"]) for e in Calendar.from_ical(data).walk("VEVENT")}
        for data in (first.data, api.get(get_calendar_path(programme)).data)
    ]
    assert uids == [{f"cutover-{move['id']}@it-service-catalogue"}] * 2


def test_the_calendar_omits_hidden_migrations(api, programme, session, sign_in):
    create_migration(
        api, programme, create_shared_system(session, "Ledger"), planned_date="2026-12-01"
    )
    hidden = create_shared_system(session, "Covert", agency=CAMBS, disclosure=Disclosure.OWNER_ONLY)
    create_migration(api, programme, hidden, planned_date="2026-12-02")
    assert len(read_events(api.get(get_calendar_path(programme)))) == 2
    owner = sign_in(BEDS, LEAD_SCOPES)
    assert list(read_events(owner.get(get_calendar_path(programme)))) == [
        f"Cutover: Ledger ({BEDS})"
    ]
    assert sign_in(HERTS, LEAD_SCOPES).get(get_calendar_path(programme)).status_code == 404


def test_the_calendar_shows_notice_dates_to_those_who_see_the_contracts(
    api, programme, session, sign_in
):
    ledger = create_shared_system(session, "Ledger")
    create_migration(api, programme, ledger)
    covers = {"systems": [str(ledger.id)], "notice_period_months": 1}
    with clock.freeze(datetime(2026, 11, 29, 12, tzinfo=UTC)):
        owner = sign_in(BEDS, CONTRACT_SCOPES)
        for title, end in (("Soon", "2026-12-31"), ("Late", "2026-12-15"), ("Past", "2026-10-31")):
            contract(owner, title=title, end_date=end, renewal="automatic", **covers)
        contract(owner, title="Other", end_date="2026-12-31", notice_period_months=1)
        path = get_calendar_path(programme)
        answer = sign_in(BEDS, f"{LEAD_SCOPES} contracts:read").get(path)
        events = {name: days[0] for name, days in read_events(answer).items()}
        assert events == {
            f"Last day for notice: Soon ({BEDS})": date(2026, 11, 30),
            f"Missed: notice on Late ({BEDS})": date(2026, 11, 15),
            f"Last day for notice: Late ({BEDS})": date(2027, 11, 15),
            f"Last day for notice: Past ({BEDS})": date(2027, 9, 30),
        }
        assert read_events(sign_in(BEDS, LEAD_SCOPES).get(path)) == {}
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT12H" in answer.data
    assert b"X-PUBLISHED-TTL:PT12H" in answer.data


def test_the_calendar_is_offered_only_as_text_calendar(api, programme):
    assert (
        api.get(get_calendar_path(programme), headers={"Accept": "text/calendar"}).status_code
        == 200
    )
    # Generated clients choose the only documented type that is JSON, which is that of errors.
    by_generator = {"Accept": "application/problem+json"}
    answered = api.get(get_calendar_path(programme), headers=by_generator)
    assert (answered.status_code, answered.mimetype) == (200, "text/calendar")
    refused = api.get(get_calendar_path(programme), headers={"Accept": "application/json"})
    assert refused.status_code == 406
    assert api.get(f"{get_calendar_path(programme)}?as_of=2026-01-01").status_code == 400
