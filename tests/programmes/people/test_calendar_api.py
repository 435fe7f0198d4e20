"""A programme's days, as any calendar reads them."""

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from catalogue.agencies.visibility import Disclosure
from catalogue.core import clock
from tests.programmes.moving import LEADS, at, moved, patch
from tests.rationalisation.scene import BEDS, CAMBS, HERTS, system


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def api(sign_in):
    return sign_in(CAMBS, LEADS)


@pytest.fixture
def programme(api):
    return api.post("/v1/programmes", json={"title": "Shared; back, office"}).json


def made(session, name, agency=BEDS, **fields):
    found = system(session, agency, name, **({"disclosure": Disclosure.ALL_AGENCIES} | fields))
    session.commit()
    return found


def path(programme):
    return f"/v1/programmes/{programme['id']}/calendar.ics"


def days(answer):
    """Each event's summary, and its first and last day."""
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


def test_a_control_character_of_an_older_record_stays_out(api, programme, session):
    moved(api, programme, made(session, "Led\x07ger\x1b\nof old"), planned_date="2026-12-01")
    answer = api.get(path(programme))
    assert list(days(answer)) == ["Cutover: Led ger  of old (bedfordshire-police)"]
    assert not {*answer.text} & {*map(chr, range(32))} - {"\r", "\n"}


def test_cutovers_freezes_and_notices_are_whole_days(api, programme, session):
    planned = moved(api, programme, made(session, "Ledger"), planned_date="2026-12-01")
    moved(api, programme, made(session, "Rota"))
    at(api, programme, made(session, "Mail"), "complete", forecast_date="2026-10-05")
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
    answer = api.get(path(programme))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert days(answer) == {
        f"Cutover: Ledger ({BEDS})": (date(2026, 12, 1), date(2026, 12, 2), "TENTATIVE"),
        f"Cutover: Mail ({BEDS})": (date(2026, 10, 2), date(2026, 10, 3), "CONFIRMED"),
        "Change freeze: Finance": (date(2026, 11, 28), date(2026, 12, 3), "CONFIRMED"),
        "Notice to users: It moves": (date(2026, 11, 24), date(2026, 11, 25), "TENTATIVE"),
    }
    assert str(Calendar.from_ical(answer.data)["name"]) == "Shared; back, office"


def test_it_is_the_same_to_the_byte_until_something_changes(api, programme, session):
    move = moved(api, programme, made(session, "Ledger"), planned_date="2026-12-01")
    first = api.get(path(programme))
    with clock.freeze(datetime(2026, 11, 22, 12, 3, tzinfo=UTC)):
        assert api.get(path(programme)).data == first.data
        etag = {"If-None-Match": first.headers["ETag"]}
        assert api.get(path(programme), headers=etag).status_code == 304
        patch(api, move, forecast_date="2026-12-08")
        assert days(api.get(path(programme), headers=etag)) == {
            f"Cutover: Ledger ({BEDS})": (date(2026, 12, 8), date(2026, 12, 9), "TENTATIVE")
        }
    uids = [
        {str(e["uid"]) for e in Calendar.from_ical(data).walk("VEVENT")}
        for data in (first.data, api.get(path(programme)).data)
    ]
    assert uids == [{f"cutover-{move['id']}@it-service-catalogue"}] * 2


def test_it_holds_what_one_sees(api, programme, session, sign_in):
    moved(api, programme, made(session, "Ledger"), planned_date="2026-12-01")
    hidden = made(session, "Covert", agency=CAMBS, disclosure=Disclosure.OWNER_ONLY)
    moved(api, programme, hidden, planned_date="2026-12-02")
    assert len(days(api.get(path(programme)))) == 2
    owner = sign_in(BEDS, LEADS)
    assert list(days(owner.get(path(programme)))) == [f"Cutover: Ledger ({BEDS})"]
    assert sign_in(HERTS, LEADS).get(path(programme)).status_code == 404


def test_only_a_calendar_is_offered(api, programme):
    assert api.get(path(programme), headers={"Accept": "text/calendar"}).status_code == 200
    refused = api.get(path(programme), headers={"Accept": "application/json"})
    assert refused.status_code == 406
    assert api.get(f"{path(programme)}?as_of=2026-01-01").status_code == 400
