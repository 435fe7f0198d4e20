"""The page with what must happen before a system can be switched off."""

from collections.abc import Callable

from tests.factories import BEDS, CAMBS, READ_WRITE, record, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
PAGE = "What must happen before it can be switched off"


def test_each_item_leads_to_its_record(visit: Visiting, sign_in: SignIn) -> None:
    api = sign_in(BEDS, READ_WRITE)
    compact = system(api, name="COMPACT", retention_hold=True, personal_data="none", user_count=7)
    duty = system(api, name="Duty management")
    ends = {"from_system_id": compact["id"], "to_system_id": duty["id"]}
    record(api, "/v1/interfaces", standard="rest", **ends)
    shown = visit().open(f"/systems/{compact['id']}").follow(PAGE)
    assert "These 4 things must happen before the system can be switched off." in shown.text
    assert "Move these people, then set “Number of users” of this system to 0." in shown.text
    assert "Bedfordshire Police can do this." in shown.text
    links = shown.links()
    assert links["System “Duty management”"] == f"/systems/{duty['id']}"
    assert links["Interfaces"] == f"/systems/{compact['id']}/interfaces"
    assert links["Overlaps to decide on"] == "/overlaps"
    form = shown.follow("Change the record")
    assert form.heading == "Data in the system"


def test_system_that_is_not_in_use_needs_no_retirement(visit: Visiting, sign_in: SignIn) -> None:
    compact = system(sign_in(BEDS, READ_WRITE), name="COMPACT", lifecycle="planned")
    shown = visit().open(f"/systems/{compact['id']}/readiness")
    assert "The system is not in use, so it needs no retirement." in shown.text


def test_what_is_not_shared_is_named_by_its_kind(visit: Visiting, sign_in: SignIn) -> None:
    theirs = system(sign_in(CAMBS, READ_WRITE), name="COMPACT", disclosure="all_agencies")
    shown = visit(BEDS, "systems:read").open(f"/systems/{theirs['id']}/readiness")
    assert "Not fully shared with your agency: decisions, " in shown.text
    assert "Change the record" not in shown.links()
