"""Many systems that a person selects in the list and changes together."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy.orm import Session

from tests.api_calls import change, read
from tests.factories import BEDS, CAMBS, READ_WRITE, add_capability, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]
Record = dict[str, Any]
NAMES = ("Alpha", "Bravo", "Charlie")


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, READ_WRITE)


@pytest.fixture
def three(api: CheckedClient) -> list[Record]:
    """Three systems of the agency."""
    return [system(api, name=name, lifecycle="live") for name in NAMES]


def select(
    visitor: Visitor, records: list[Record], *, address: str = "/systems", status: int = 200
) -> Shown:
    """Tick systems in the list, and choose to change them."""
    listed = visitor.open(address)
    sent = listed.values()
    sent.setlist("selected", [record["id"] for record in records])
    return visitor.send("/systems/changes", sent, status=status)


def now(api: CheckedClient, records: list[Record], name: str) -> list[Any]:
    """Read a field of each system."""
    return [read(api, f"/v1/systems/{record['id']}")[name] for record in records]


def rows(shown: Shown, caption: str) -> list[list[str]]:
    """Return the words of the table with a caption, row by row."""
    (table,) = [
        t
        for t in shown.root.iter("table")
        if "".join(t.find("caption").itertext()) == caption  # type: ignore[union-attr]
    ]
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row]
        for row in table.findall("tbody/tr")
    ]


def twice(check: Shown, text: str) -> None:
    """Send the form as a double click does."""
    values = check.values()
    values["step"] = "send"
    for _ in range(2):
        assert text in check.visitor.send("/systems/changes", values).text


def test_three_systems_change_after_a_check(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    change(api, f"/v1/systems/{three[2]['id']}", criticality="administrative")
    asked = select(visit(), three, address="/systems?lifecycle=live")
    assert asked.heading == "Change 3 systems"
    form = asked.send(field="criticality")
    assert rows(form, "Selected systems") == [
        ["Alpha", "Not recorded"],
        ["Bravo", "Not recorded"],
        ["Charlie", "Administrative"],
    ]
    check = form.send(criticality="administrative", reason="Reviewed in café")
    assert check.heading == "Check before you change 2 systems"
    assert rows(check, "Systems that change") == [
        ["Alpha", "Not recorded", "Administrative"],
        ["Bravo", "Not recorded", "Administrative"],
    ]
    assert "Systems that have this value already Charlie" in check.text
    assert now(api, three, "criticality") == [None, None, "administrative"]
    saved = check.send(step="send")
    assert "You changed 2 systems." in saved.text
    assert saved.response.request.args["lifecycle"] == "live"
    assert now(api, three, "criticality") == ["administrative"] * 3
    event = read(api, f"/v1/systems/{three[0]['id']}/history")["items"][-1]
    assert (event["reason"], event["person"]) == ("Reviewed in café", "person:Ada")


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("lifecycle", {"lifecycle": "sunsetting"}, "sunsetting"),
        ("disposition", {"disposition": "migrate"}, "migrate"),
        (
            "end_of_support",
            {f"end_of_support-{p}": t for p, t in (("day", "1"), ("month", "4"), ("year", "2028"))},
            "2028-04-01",
        ),
        ("hosting", {"hosting": "saas"}, "saas"),
        ("business_owner", {"business_owner": "Head of Café"}, "Head of Café"),
        ("technical_owner", {"technical_owner": "Applications"}, "Applications"),
        ("disclosure", {"disclosure": "all_agencies"}, "all_agencies"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_field_takes_its_value(
    visit: Visiting,
    api: CheckedClient,
    three: list[Record],
    name: str,
    typed: dict[str, str],
    value: str,
) -> None:
    select(visit(), three).send(field=name).send(**typed).send(step="send")
    assert now(api, three, name) == [value] * 3


def test_lists_keep_what_each_system_has(
    visit: Visiting, api: CheckedClient, three: list[Record], session: Session
) -> None:
    add_capability(session)
    add_capability(session, "E05", "Payroll")
    change(api, f"/v1/systems/{three[0]['id']}", tags=["old"], capabilities=["E05"])
    visitor = visit()
    check = select(visitor, three).send(field="tags").send(tags="wave-1\r\nold")
    assert rows(check, "Systems that change")[0] == ["Alpha", "old", "old, wave-1"]
    twice(check, "You changed 3 systems.")
    assert now(api, three, "tags") == [["old", "wave-1"], *[["wave-1", "old"]] * 2]
    check = select(visitor, three).send(field="capabilities").send(capabilities=["E04"])
    twice(check, "You changed 3 systems.")
    assert now(api, three, "capabilities") == [["E04", "E05"], ["E04"], ["E04"]]


def test_double_click_changes_the_systems_once(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    check = select(visit(), three).send(field="hosting").send(hosting="saas")
    twice(check, "You changed 3 systems.")
    assert len(read(api, f"/v1/systems/{three[0]['id']}/history")["items"]) == 2


def test_system_that_cannot_change_is_named_and_left_out(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    planned = system(api, name="Delta", lifecycle="planned")
    check = select(visit(), [*three, planned]).send(field="lifecycle").send(lifecycle="sunsetting")
    assert check.heading == "Check before you change 3 systems"
    ((name, why),) = rows(check, "Systems that cannot change")
    assert name == "Delta"
    assert why.startswith("A system at “Planned” can move to")
    assert "`" not in why
    assert "You changed 3 systems." in check.send(step="send").text
    assert now(api, [*three, planned], "lifecycle") == [*["sunsetting"] * 3, "planned"]


def test_mistake_stands_beside_its_field_and_nothing_typed_is_lost(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    asked = select(visit(), three)
    assert asked.send(status=422).mistakes == {"#field": "Choose the field to change"}
    form = asked.send(field="end_of_support")
    assert form.send(status=422).mistakes == {"#end_of_support-day": "Enter the end of support"}
    day = {"end_of_support-day": "31", "end_of_support-month": "2", "end_of_support-year": "2028"}
    wrong = form.send(status=422, reason="Letter of the supplier", **day)
    assert wrong.mistakes == {
        "#end_of_support-day": "End of support must be a real date, such as 27 3 2027"
    }
    assert wrong.values()["reason"] == "Letter of the supplier"
    check = wrong.send(**{"end_of_support-day": "28"})
    again = check.send(step="change")
    assert again.values()["end_of_support-day"] == "28"
    assert "at most 500 characters" in again.send(status=422, reason="r" * 501).text
    assert again.send(again="yes").values()["field"] == "end_of_support"
    impossible = form.send(field="lifecycle").send(status=422, lifecycle="planned")
    assert list(impossible.mistakes) == ["#lifecycle"]
    assert now(api, three, "end_of_support") == [None] * 3


def test_records_that_changed_meanwhile_are_named_and_shown_as_they_are_now(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    form = select(visit(), three).send(field="hosting")
    change(api, f"/v1/systems/{three[0]['id']}", hosting="on_premise")
    check = form.send(status=409, hosting="saas", reason="Moved")
    assert "Changed meanwhile: Alpha" in check.text
    assert rows(check, "Systems that change")[0][1] == "On premises"
    change(api, f"/v1/systems/{three[1]['id']}", user_count=7)
    refused = check.send(status=409, step="send")
    assert "Nothing is saved yet" in refused.text
    assert "Changed meanwhile: Bravo" in refused.text
    assert now(api, three, "hosting") == ["on_premise", None, None]
    assert refused.values()["reason"] == "Moved"
    assert "You changed 3 systems." in refused.send(step="send").text
    assert now(api, three, "hosting") == ["saas"] * 3
    assert now(api, three, "user_count") == [three[0]["user_count"], 7, three[2]["user_count"]]


def test_system_that_was_deleted_while_checking_stops_the_change(
    visit: Visiting, api: CheckedClient, three: list[Record]
) -> None:
    check = select(visit(), three).send(field="hosting").send(hosting="saas")
    gone = f"/v1/systems/{three[0]['id']}"
    deleted = api.delete(gone, headers={"If-Match": api.get(gone).headers["ETag"]})
    assert deleted.status_code == 204
    refused = check.send(status=409, step="send")
    assert "1 system is left out" in refused.text
    assert now(api, three[1:], "hosting") == [None, None]
    assert "You changed 2 systems." in refused.send(step="send").text


def test_systems_of_other_agencies_cannot_be_selected(
    visit: Visiting, api: CheckedClient, three: list[Record], sign_in: SignIn
) -> None:
    other = sign_in(CAMBS, READ_WRITE)
    shown = system(other, name="Theirs", disclosure="all_agencies")
    hidden = system(other, name="Covert", disclosure="owner_only")
    visitor = visit()
    boxes = [
        i.get("value")
        for i in visitor.open("/systems").root.iter("input")
        if i.get("name") == "selected"
    ]
    assert boxes == [record["id"] for record in three]
    asked = select(visitor, [*three, shown, hidden])
    assert "2 systems are left out" in asked.text
    assert "Theirs" not in asked.text
    values = asked.send(field="hosting").send(hosting="saas").values()
    values["step"] = "send"
    values.add("selected", f'{shown["id"]} "tag"')
    refused = visitor.send("/systems/changes", values, status=409)
    assert "Nothing is saved yet" in refused.text
    assert now(api, three, "hosting") == [None] * 3
    alone = select(visitor, [shown, hidden], status=422)
    assert "not your agency's, or no longer exist" in " ".join(alone.mistakes.values())


@pytest.mark.parametrize("values", [[], [""], ["no id"]], ids=["none", "empty", "no id"])
def test_form_without_a_selection_leads_back_to_the_list(
    visit: Visiting, three: list[Record], values: list[str]
) -> None:
    visitor = visit()
    for target in ("/systems/changes", "/systems/confirmations"):
        sent = visitor.open("/systems?lifecycle=live").values()
        sent.setlist("selected", values)
        shown = visitor.send(target, sent, status=422)
        first = f"#select-{three[0]['id']}"
        assert shown.mistakes == {first: "Select at least one system of your agency."}
        assert shown.one(".//select[@id='filter-lifecycle']/option[@selected]").text == "Live"


def test_too_many_systems_are_refused(
    visit: Visiting, three: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.web.systems.selection.MOST_ITEMS", 2)
    shown = select(visit(), three, status=422)
    assert list(shown.mistakes.values()) == [
        "Select at most 500 systems. Narrow the list by its filters first."
    ]
    sent = shown.values()
    sent["everything"] = "yes"
    everything = shown.visitor.send("/systems/changes", sent, status=422)
    assert "Select at most 500 systems." in everything.text


def selecting(page: Shown) -> list[Element]:
    """Return the checkboxes that select systems."""
    return [i for i in page.root.iter("input") if i.get("name") == "selected"]


def test_all_systems_on_a_page_or_on_every_page_are_selected(
    visit: Visiting, api: CheckedClient, sign_in: SignIn
) -> None:
    made = [system(api, name=f"System {number}") for number in range(30)]
    odd = system(api, name="Odd one")
    system(sign_in(CAMBS, READ_WRITE), name="System of others", disclosure="all_agencies")
    visitor = visit()
    page = visitor.open("/systems?q=system").follow(
        "Select all systems of your agency on this page"
    )
    ticked = [i for i in selecting(page) if i.get("checked") is not None]
    assert len(ticked) == 25
    sent = page.values()
    sent["everything"] = "yes"
    asked = visitor.send("/systems/changes", sent)
    assert asked.heading == "Change 30 systems"
    asked.send(field="hosting").send(hosting="saas").send(step="send")
    assert now(api, made, "hosting") == ["saas"] * 30
    assert now(api, [odd], "hosting") == [None]
    theirs = visitor.open(f"/systems?agency={CAMBS}")
    assert theirs.root.findall(".//form[@id='selection']") == []


def test_person_who_can_only_read_selects_nothing(visit: Visiting, three: list[Record]) -> None:
    visitor = visit(BEDS, "systems:read")
    listed = visitor.open("/systems")
    assert selecting(listed) == []
    sent = {"selected": three[0]["id"]}
    token = visitor.open("/systems").root.find(".//input[@name='csrf_token']")
    assert token is not None
    values = sent | {"csrf_token": token.get("value", "")}
    for target in ("/systems/changes", "/systems/confirmations"):
        shown = visitor.send(target, values, status=403)
        assert shown.heading == "Your role does not include this page"
