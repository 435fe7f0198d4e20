"""Pages of systems: the list, the record, and the forms that change it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.api_calls import answer, change, read
from tests.factories import BEDS, CAMBS, READ_WRITE, add_capability, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, READ_WRITE)


def path_of(record: dict[str, Any]) -> str:
    """Return the API's path of a system."""
    return f"/v1/systems/{record['id']}"


def history(api: CheckedClient, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a system, oldest first."""
    events: list[dict[str, Any]] = read(api, f"{path_of(record)}/history")["items"]
    return events


def test_correcting_a_field_takes_four_clicks_from_home(
    visit: Visiting, api: CheckedClient
) -> None:
    record = system(api, name="COMPACT", user_count=420)
    listed = visit().open("/").follow("1 systems")
    form = listed.follow("COMPACT").follow("Change Number of users")
    saved = form.send(user_count="430", reason="Counted again after the café move")
    assert saved.heading == "COMPACT"
    assert "Your change is saved." in saved.text
    assert read(api, path_of(record))["user_count"] == 430
    event = history(api, record)[-1]
    assert event["changes"] == {"user_count": {"before": 420, "after": 430}}
    assert event["reason"] == "Counted again after the café move"
    assert event["person"] == "person:Ada"


def test_form_sent_without_a_change_writes_nothing(
    visit: Visiting, api: CheckedClient, session: Session
) -> None:
    add_capability(session)
    record = system(
        api,
        name="COMPACT",
        description="Two\n\nparagraphs.",
        aliases=["A", "B"],
        capabilities=["E04"],
        live_from="2009-04-01",
        retention_hold=True,
        technical_fit=3,
    )
    visitor = visit()
    for section in ("about", "use", "running", "data", "ownership"):
        shown = visitor.open(f"/systems/{record['id']}/edit/{section}").send()
        assert "You changed nothing" in shown.text, section
    assert len(history(api, record)) == 1


def test_each_kind_of_control_changes_its_field(
    visit: Visiting, api: CheckedClient, session: Session
) -> None:
    add_capability(session)
    add_capability(session, "E05", "Payroll")
    record = system(api, name="COMPACT", capabilities=["E04"], aliases=["Old"], user_count=5)
    visitor = visit()
    edit = f"/systems/{record['id']}/edit"
    visitor.open(f"{edit}/about").send(
        aliases="New\r\n\r\nNewer\r\n", capabilities=["E05"], description="Line\r\nline"
    )
    visitor.open(f"{edit}/use").send(
        **{"live_from-day": "1", "live_from-month": "04", "live_from-year": "2009"},
        user_count="1,250",
        criticality="business_critical",
    )
    visitor.open(f"{edit}/data").send(retention_hold="true")
    visitor.open(f"{edit}/ownership").send(business_owner="Head of Café")
    now = read(api, path_of(record))
    assert now["aliases"] == ["New", "Newer"]
    assert now["capabilities"] == ["E05"]
    assert now["description"] == "Line\nline"
    assert (now["live_from"], now["user_count"]) == ("2009-04-01", 1250)
    assert (now["criticality"], now["retention_hold"]) == ("business_critical", True)
    assert now["business_owner"] == "Head of Café"
    visitor.open(f"{edit}/use").send(
        **{"live_from-day": "", "live_from-month": "", "live_from-year": ""},
        user_count="",
        criticality="",
    )
    now = read(api, path_of(record))
    assert (now["live_from"], now["user_count"], now["criticality"]) == (None, None, None)


def test_mistakes_stand_beside_their_fields_and_nothing_typed_is_lost(
    visit: Visiting, api: CheckedClient
) -> None:
    record = system(api, name="COMPACT", user_count=5)
    system(api, name="Taken")
    visitor = visit()
    form = visitor.open(f"/systems/{record['id']}/edit/use")
    shown = form.send(
        status=422,
        user_count="many",
        criticality="administrative",
        **{"live_from-day": "31", "live_from-month": "2", "live_from-year": "2027"},
    )
    assert shown.title.startswith("Error: Use and future")
    assert shown.mistakes["#live_from-day"] == "Live from must be a real date, such as 27 3 2027"
    assert set(shown.mistakes) == {"#live_from-day", "#user_count"}
    assert shown.values()["user_count"] == "many"
    assert shown.values()["live_from-month"] == "2"
    assert shown.values()["criticality"] == "administrative"
    shown.send(user_count="6", **{"live_from-day": "", "live_from-month": "", "live_from-year": ""})
    assert read(api, path_of(record))["criticality"] == "administrative"
    taken = visitor.open(f"/systems/{record['id']}/edit/about").send(status=422, name="Taken")
    assert list(taken.mistakes) == ["#name"]


def test_reason_that_is_too_long_loses_nothing_typed(visit: Visiting, api: CheckedClient) -> None:
    record = system(api, name="COMPACT", user_count=5)
    form = visit().open(f"/systems/{record['id']}/edit/use")
    shown = form.send(status=422, user_count="6", reason="r" * 501)
    assert "at most 500 characters" in " ".join(shown.mistakes.values())
    assert shown.values()["user_count"] == "6"
    assert shown.values()["reason"] == "r" * 501


def test_stale_form_keeps_what_was_typed_and_shows_what_was_recorded(
    visit: Visiting, api: CheckedClient
) -> None:
    record = system(api, name="COMPACT", user_count=5)
    form = visit().open(f"/systems/{record['id']}/edit/use")
    assert change(api, path_of(record), user_count=7, technical_fit=2).status_code == 200
    shown = form.send(status=409, user_count="6", criticality="administrative")
    assert "Somebody changed this record while you were typing." in shown.text
    assert "Recorded meanwhile: 7." in shown.text
    assert shown.values()["user_count"] == "6"
    assert shown.values()["technical_fit"] == "2"
    assert shown.send().heading == "COMPACT"
    now = read(api, path_of(record))
    assert (now["user_count"], now["technical_fit"]) == (6, 2)
    assert now["criticality"] == "administrative"
    assert set(history(api, record)[-1]["changes"]) == {"user_count", "criticality"}


def test_tampered_hidden_fields_change_nothing_silently(
    visit: Visiting, api: CheckedClient
) -> None:
    record = system(api, name="COMPACT", user_count=5)
    visitor = visit()
    form = visitor.open(f"/systems/{record['id']}/edit/use")
    assert form.send(status=409, etag='"no such tag"', user_count="6").values()["etag"] != ""
    assert form.send(status=409, etag="", user_count="6").heading == "Use and future"
    shown = form.send(status=200, base="[no JSON", user_count="6")
    assert shown.heading == "COMPACT"
    assert read(api, path_of(record))["user_count"] == 6


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, {"base": "5"}),
        (200, {"base": '{"live_from": 5}'}),
        (200, {"base": '{"live_from": "soon"}'}),
        (409, {"etag": "a\r\nX-Other: b"}),
        (409, {"etag": "\u2603"}),
        (200, {"key": "a\r\nX-Other: b"}),
        (422, {"live_from-day": "1", "live_from-month": "1", "live_from-year": "9" * 15}),
    ],
    ids=str,
)
def test_field_that_no_browser_sends_is_no_fault(
    visit: Visiting, api: CheckedClient, status: int, fields: dict[str, str]
) -> None:
    record = system(api, name="COMPACT", user_count=5)
    form = visit().open(f"/systems/{record['id']}/edit/use")
    form.send(status=status, **{"user_count": "6"} | fields)


def test_double_click_changes_the_record_once(visit: Visiting, api: CheckedClient) -> None:
    record = system(api, name="COMPACT", user_count=5)
    form = visit().open(f"/systems/{record['id']}/edit/use")
    values = form.values()
    values["user_count"] = "6"
    for _ in range(2):
        shown = form.visitor.send(form.address, values)
        assert "Your change is saved." in shown.text
    assert len(history(api, record)) == 2


def test_new_system_is_recorded_after_a_look_at_similar_ones(
    visit: Visiting, api: CheckedClient, sign_in: SignIn
) -> None:
    theirs = system(
        sign_in(CAMBS, READ_WRITE),
        name="COMPACT",
        product_name="COMPACT",
        disclosure="all_agencies",
    )
    visitor = visit()
    shown = visitor.open("/systems").follow("Record a system")
    asked = shown.send(name="Compact (Beds)", product_name="COMPACT", lifecycle="live")
    assert "Check these before you record another" in asked.text
    assert asked.links()["COMPACT"] == f"/systems/{theirs['id']}"
    assert asked.values()["name"] == "Compact (Beds)"
    recorded = asked.send(confirmed="yes")
    assert recorded.heading == "Compact (Beds)"
    assert "The system is recorded." in recorded.text
    twice = asked.send(confirmed="yes")
    assert twice.address == recorded.address
    missing = visitor.open("/systems/new").send(status=422)
    assert missing.mistakes == {"#name": "Enter the name", "#lifecycle": "Enter the lifecycle"}


def test_record_of_another_agency_offers_no_change(visit: Visiting, sign_in: SignIn) -> None:
    record = system(
        sign_in(CAMBS, READ_WRITE), name="COMPACT", legacy_risk=12, disclosure="all_agencies"
    )
    visitor = visit()
    shown = visitor.open(f"/systems/{record['id']}")
    assert [text for text in shown.links() if text.startswith("Change")] == []
    assert "Legacy IT risk score Not shared with your agency" in shown.text
    refused = visitor.open(f"/systems/{record['id']}/edit/use", status=403)
    assert refused.heading == "Only its owner can change this"


def test_person_who_can_only_read_sees_no_form(visit: Visiting, api: CheckedClient) -> None:
    record = system(api, name="COMPACT")
    visitor = visit(BEDS, "systems:read")
    shown = visitor.open(f"/systems/{record['id']}")
    assert [text for text in shown.links() if text.startswith("Change")] == []
    assert "Record a system" not in visitor.open("/systems").links()
    visitor.open(f"/systems/{record['id']}/edit/use", status=403)


def test_confirming_a_record_ends_its_due_mark(visit: Visiting, api: CheckedClient) -> None:
    record = system(api, name="COMPACT")
    assert read(api, path_of(record))["attestation_due"] is True
    shown = visit().open(f"/systems/{record['id']}").send()
    assert "You confirmed that the record is right." in shown.text
    assert answer(api.get(path_of(record)))["attestation_due"] is False


def test_history_shows_each_change_with_person_and_reason(
    visit: Visiting, api: CheckedClient
) -> None:
    record = system(api, name="COMPACT", user_count=5)
    visitor = visit()
    visitor.open(f"/systems/{record['id']}/edit/use").send(user_count="6", reason="Counted")
    shown = visitor.open(f"/systems/{record['id']}").follow("History of this record")
    newest = shown.root.findall(".//ol/li")[0]
    text = " ".join("".join(newest.itertext()).split())
    assert "Ada (person), Bedfordshire Police" in text
    assert "“Counted”" in text
    assert "Number of users: 5 6" in text


def test_record_without_capabilities_is_offered_those_of_its_product(
    visit: Visiting, sign_in: SignIn, session: Session
) -> None:
    for code in ("E15", "E01"):
        add_capability(session, code)
    scopes = "systems:read systems:write overlaps:read agencies:read"
    ours, theirs = sign_in(BEDS, scopes), sign_in(CAMBS, scopes)
    for name, code, disclosure in (
        ("Office suite", "E15", "all_agencies"),
        ("Hidden suite", "E01", "owner_only"),
    ):
        system(
            theirs,
            name=name,
            product_name="Verdant Office",
            capabilities=[code],
            disclosure=disclosure,
        )
    made = system(ours, name="Desktop", product_name="Verdant Office")
    shown = visit(BEDS, scopes).open(f"/systems/{made['id']}")
    assert "Systems with the same product provide" in shown.text
    assert "Office suite, Cambridgeshire Police" in shown.text
    assert "Hidden suite" not in shown.text
    form = shown.follow("Fill in these capabilities, to check and save")
    assert form.values().getlist("capabilities") == ["E15"]
    assert read(ours, f"/v1/systems/{made['id']}")["capabilities"] == []
    saved = form.send()
    assert "Your change is saved." in saved.text
    assert "Systems with the same product provide" not in saved.text
    assert read(ours, f"/v1/systems/{made['id']}")["capabilities"] == ["E15"]
