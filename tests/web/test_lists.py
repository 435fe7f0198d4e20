"""Lists as pages: their filters, their order, their pages, and the way back from a record."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.web.systems.columns import OFFERED, SORTS
from tests.api_calls import answer, read
from tests.contracts.api_contracts import contract
from tests.factories import BEDS, CAMBS, READ_WRITE, add_capability, record, system
from tests.unsaved import CheckedClient
from tests.web.visitor import Shown, Visitor, words

Visiting = Callable[..., Visitor]
SignIn = Callable[[str | None, str], CheckedClient]


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """A program of the same agency."""
    return sign_in(BEDS, f"{READ_WRITE} contracts:read contracts:write imports:write risks:read")


def names(shown: Shown) -> list[str]:
    """Return the names in the first column of a list."""
    return [words(a) for a in shown.root.findall(".//tbody/tr/th/a")]


def chosen(shown: Shown) -> dict[str, str]:
    """Return the values of the filters that the page shows as text."""
    inputs = shown.root.findall(".//form[@aria-label='Filters']//input")
    return {i.get("name", ""): i.get("value", "") for i in inputs if i.get("value")}


def test_list_filters_sorts_and_pages_by_its_address(visit: Visiting, api: CheckedClient) -> None:
    for number in range(1, 61):
        system(api, name=f"System {number}", user_count=number)
    shown = visit().open("/systems?q=system")
    assert "60 systems" in shown.text
    assert len(names(shown)) == 25
    by_users = shown.follow("Users").follow("Users")
    first = names(by_users)
    assert first[0] == "System 60"
    sorted_by = [th.get("aria-sort") for th in by_users.root.iter("th") if th.get("aria-sort")]
    assert sorted_by.count("descending") == 1
    second = by_users.follow("Next page")
    last = second.follow("Next page")
    assert names(last)[-1] == "System 1"
    assert "Next page" not in last.links()
    back = last.follow("Previous page")
    assert names(back) == names(second)
    start = back.follow("Previous page")
    assert names(start) == first
    assert "Previous page" not in start.links()
    assert "q=system" in start.links()["Next page"]


def test_way_back_is_bounded_and_survives_tampering(visit: Visiting, api: CheckedClient) -> None:
    for number in range(60):
        system(api, name=f"System {number:02} {'x' * 190}")
    visitor = visit()
    second = visitor.open("/systems").follow("Next page")
    here = visitor.open("/systems").links()["Next page"].partition("&earlier=")[0]
    far = visitor.open(f"{here}&earlier={'A' * 1_900}.-")
    address = far.links()["Next page"]
    assert len(address) < 3_000
    assert "AAA" not in address
    assert names(visitor.open(here)) == names(second)
    assert names(visitor.open(here).follow("First page"))[0].startswith("System 00")
    wrong = visitor.open(f"{here}&earlier=wrong").follow("Previous page")
    assert "This link is out of date." in wrong.text


def test_filter_that_the_api_refuses_is_named_beside_it(visit: Visiting) -> None:
    shown = visit().open("/systems?lifecycle=no+such+state&q=rota")
    text = "The filter “Lifecycle” cannot have this value. Change it, or clear it."
    assert shown.mistakes == {"#filter-lifecycle": text}
    assert shown.title.startswith("Error: ")
    assert text in words(shown.one(".//p[@id='filter-lifecycle-error']"))
    assert chosen(shown) == {"q": "rota"}
    assert "This link is out of date." in shown.visitor.open("/systems?cursor=zzz").text
    assert shown.root.findall(".//tbody") == []


def test_date_is_typed_in_three_parts_and_kept_as_the_api_has_it(
    visit: Visiting, api: CheckedClient
) -> None:
    system(api, name="Old", end_of_support="2027-03-31")
    system(api, name="New", end_of_support="2027-04-01")
    typed = "&".join(
        f"end_of_support__lte-{part}={value}"
        for part, value in (("day", "31"), ("month", "03"), ("year", "2027"))
    )
    visitor = visit()
    shown = visitor.open(f"/systems?q=&agency=&{typed}")
    assert names(shown) == ["Old"]
    sort = shown.links()["Users"]
    assert "end_of_support__lte=2027-03-31" in sort
    assert "-day" not in sort
    by_link = visitor.open(sort)
    assert names(by_link) == ["Old"]
    assert chosen(by_link)["end_of_support__lte-month"] == "3"
    for wrong in ("31", "2", ""), ("1", "4", "27"), ("x", "<b>", "9" * 30):
        day, month, year = wrong
        address = (
            f"/systems?end_of_support__lte-day={day}&end_of_support__lte-month={month}"
            f"&end_of_support__lte-year={year}"
        )
        shown = visitor.open(address)
        message = "“Support ends by” must be a real date, such as 27 3 2027"
        assert shown.mistakes == {"#filter-end_of_support__lte-day": message}
        assert chosen(shown).get("end_of_support__lte-month", "") == month
    visitor.open("/systems?end_of_support__lte=soon")


def test_moment_is_the_beginning_of_a_day_in_the_united_kingdom(visit: Visiting) -> None:
    visitor = visit()
    typed = "created_at__gte-day=1&created_at__gte-month=7&created_at__gte-year=2026"
    for query in (typed, "created_at__gte=2026-06-30T23:00:00Z"):
        shown = visitor.open(f"/imports?{query}")
        assert shown.mistakes == {}
        assert list(chosen(shown).values()) == ["1", "7", "2026"]
    wrong = visitor.open("/imports?created_at__gte-day=1")
    assert list(wrong.mistakes) == ["#filter-created_at__gte-day"]


def test_several_tags_and_what_to_leave_out(visit: Visiting, api: CheckedClient) -> None:
    system(api, name="Both", tags=["rota", "leave"])
    system(api, name="One", tags=["rota"])
    system(api, name="Gone", tags=["rota", "leave"], lifecycle="decommissioned")
    visitor = visit()
    shown = visitor.open("/systems?tags=rota,+leave&lifecycle__ne=decommissioned")
    assert names(shown) == ["Both"]
    assert chosen(shown)["tags"] == "rota, leave"
    assert names(visitor.open(shown.links()["Users"])) == ["Both"]
    assert visitor.open(f"/systems?agency__ne={BEDS}").root.findall(".//tbody") == []


def test_any_filter_of_the_api_counts_and_is_shown(visit: Visiting, api: CheckedClient) -> None:
    field = {"record": "system", "key": "site", "label": "Site", "type": "text"}
    record(api, "/v1/custom-fields", **field)
    system(api, name="Small", user_count=3, attributes={"site": "Luton"})
    system(api, name="Large", user_count=30, attributes={"site": "Luton"})
    shown = visit().open("/systems?user_count__lte=3&attributes.site=Luton&unknown=1")
    assert names(shown) == ["Small"]
    labels = [words(each) for each in shown.root.iter("label")]
    assert {"Number of users, at most", "Site"} <= set(labels)
    assert chosen(shown) == {"user_count__lte": "3", "attributes.site": "Luton"}
    wrong = shown.visitor.open("/systems?attributes.other__what=1")
    assert list(wrong.mistakes) == ["#filter-attributes.other__what"]


def test_record_leads_back_to_the_list_that_led_to_it(visit: Visiting, api: CheckedClient) -> None:
    rota = system(api, name="Duty rota", user_count=3)
    visitor = visit()
    plain = visitor.open("/systems")
    assert plain.links()["Duty rota"] == f"/systems/{rota['id']}"
    listed = visitor.open("/systems?q=rota&sort=-user_count")
    shown = listed.follow("Duty rota")
    back = shown.one(".//nav[@aria-label='Back']/a")
    assert back.get("href") == "/systems?q=rota&sort=-user_count"
    for elsewhere in (
        "https://elsewhere.example/systems",
        "//elsewhere.example/systems",
        "/systems/../sign-in",
        "javascript:alert(1)",
        "",
    ):
        shown = visitor.open(f"/systems/{rota['id']}?from={elsewhere}")
        assert shown.one(".//nav[@aria-label='Back']/a").get("href") == "/systems"


def test_notices_name_the_month_and_the_days_that_are_left(
    visit: Visiting, api: CheckedClient
) -> None:
    with clock.freeze(clock.now()):
        month = f"{clock.today():%B %Y}"
        for title, days in (("Today", 0), ("Later", 40)):
            ends = clock.today() + timedelta(days=days + 30)
            contract(api, title=title, end_date=str(ends), notice_period_days=30)
        visitor = visit()
        shown = visitor.open("/contracts/notices?window=this_month")
        assert names(shown) == ["Today"]
        assert "0 days left" in shown.text
        assert f"In {month}" in shown.text
        assert "40 days left" in visitor.open("/contracts/notices?window=later").text


def headings(shown: Shown) -> list[str]:
    """Return the headings of the columns."""
    found = [words(th) for th in shown.root.findall(".//thead/tr/th")]
    return [heading for heading in found if heading != "Select"]


def test_columns_are_chosen_in_the_address(
    visit: Visiting, api: CheckedClient, session: Session, sign_in: SignIn
) -> None:
    add_capability(session)
    field = {"record": "system", "key": "site", "label": "Main site", "type": "text"}
    record(api, "/v1/custom-fields", **field)
    system(
        api,
        name="Duty rota",
        supplier_name="Acme",
        capabilities=["E04"],
        attributes={"site": "Luton"},
        legacy_risk=12,
    )
    theirs = sign_in(CAMBS, READ_WRITE)
    system(theirs, name="Leave", legacy_risk=30, disclosure="all_agencies")
    visitor = visit()
    usual = visitor.open("/systems")
    assert headings(usual) == [
        "System",
        "Agency",
        "Lifecycle",
        "Users",
        "End of support",
        "Complete",
    ]
    query = "q=rota&sort=name&fields=attributes&fields=capabilities,supplier_name&fields=nothing"
    shown = visitor.open(f"/systems?{query}")
    assert headings(shown) == ["System", "Supplier", "Capabilities", "Main site"]
    row = [words(td) for td in shown.root.findall(".//tbody/tr/td") if td.get("data-label")]
    assert row == ["Acme", "Rostering", "Luton"]
    for link in ("Supplier", "System"):
        assert headings(shown.follow(link)) == headings(shown)
    kept = "fields=supplier_name,capabilities,attributes"
    back = shown.follow("Duty rota").one(".//nav[@aria-label='Back']/a")
    assert kept in back.get("href", "").replace("%2C", ",")
    filters = shown.one(".//form[@aria-label='Filters']").findall("input[@type='hidden']")
    assert {i.get("name"): i.get("value") for i in filters} == {
        "sort": "name",
        "fields": "supplier_name,capabilities,attributes",
    }
    columns = shown.one(".//form[@aria-label='Columns']")
    ticked = [i.get("value") for i in columns.iter("input") if i.get("checked") is not None]
    assert ticked == ["supplier_name", "capabilities", "attributes"]
    risks = visitor.open("/systems?fields=legacy_risk,attributes")
    cells = [words(td) for td in risks.root.findall(".//tbody/tr/td") if td.get("data-label")]
    assert cells == ["12", "Luton", "Not shared with your agency", "Not recorded"]


def test_every_column_can_be_shown_and_most_sort(visit: Visiting, api: CheckedClient) -> None:
    system(api, name="Duty rota")
    shown = visit().open(f"/systems?fields={','.join(OFFERED)}")
    assert len(headings(shown)) == len(OFFERED)
    for name in SORTS:
        assert names(shown.visitor.open(f"/systems?sort=-{name}")) == ["Duty rota"], name


def test_downloaded_systems_load_again_without_a_change(
    visit: Visiting, api: CheckedClient, run_jobs: Callable[[], object]
) -> None:
    system(api, name="Duty rota", description="=1+1", user_count=3, tags=["a", "b"])
    system(api, name="Payroll")
    shown = visit().open("/systems?q=rota")
    for table_format in ("CSV", "Excel"):
        address = shown.links()[f"Download as {table_format}"]
        with shown.visitor.client.get(address, base_url="https://localhost") as response:
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "no-store"
            name = response.headers["Content-Disposition"].partition("filename=")[2]
            file = (BytesIO(response.data), name.strip('"'))
        sent = answer(api.post("/v1/imports", data={"file": file, "dry_run": "true"}))
        run_jobs()
        report = read(api, f"/v1/imports/{sent['id']}")
        counts = {key: report[key] for key in ("created", "updated", "unchanged", "rejected")}
        assert counts == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0}


def test_download_has_the_filters_order_and_columns_of_the_list(
    visit: Visiting, api: CheckedClient
) -> None:
    for users in (1, 2, 3):
        system(api, name=f"Rota {users}", user_count=users)
    contract(api, title="Support", end_date="2030-01-31", notice_period_days=30)
    visitor = visit()
    shown = visitor.open("/systems?user_count__gte=2&sort=-user_count&fields=user_count,hosting")
    file = visitor.client.get(shown.links()["Download as CSV"], base_url="https://localhost")
    rows = list(csv.DictReader(StringIO(file.get_data().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Rota 3", "Rota 2"]
    assert list(rows[0]) == ["id", "name", "hosting", "user_count"]
    for page in ("/contracts", "/contracts/notices"):
        address = visitor.open(page).links()["Download as CSV"]
        assert b"Support" in visitor.client.get(address, base_url="https://localhost").data
    visitor.open("/systems/download?format=pdf", status=400)
    visitor.open("/systems/download?lifecycle=no", status=400)
