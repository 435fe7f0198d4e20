"""Cost lines: owners write them, and agencies with the full profile read them."""

from typing import Any
from uuid import uuid4

import pytest

from catalogue.contracts.resources import COSTS
from tests.agencies.api_agreements import SignIn, grant, revoke
from tests.api_calls import Fields, answer, change, read, refusals
from tests.contracts.api_contracts import cost, costs_of, list_changes, page, share
from tests.factories import BEDS, system
from tests.unsaved import CheckedClient

LINE = {"financial_year": "2026-27", "category": "recurring_revenue", "amount": "52000.00"}
NOT_SHARED = (
    "The agency that owns this system does not share its costs with yours. "
    "Ask that agency for an access grant."
)


@pytest.fixture
def duties(owner: CheckedClient) -> Fields:
    """A system of Bedfordshire that its partners can see."""
    return system(owner, "Duties", disclosure="agreement")


def test_created_cost_returns_every_field(owner: CheckedClient, duties: Fields) -> None:
    body = LINE | {"description": "Support", "note": "From the ledger"}
    response = owner.post(costs_of(duties), json=body)
    assert response.status_code == 201
    created = answer(response)
    assert {name: created[name] for name in body} == body
    assert (created["system_id"], created["agency"], created["currency"]) == (
        duties["id"],
        BEDS,
        "GBP",
    )
    assert created["withheld"] == []
    path = f"{costs_of(duties)}/{created['id']}"
    assert response.headers["Location"].endswith(path)
    assert read(owner, path) == created
    assert page(owner, costs_of(duties)) == [created]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        pytest.param({"financial_year": "2026"}, ("/financial_year", "pattern"), id="one_year"),
        pytest.param(
            {"financial_year": "2026/27"}, ("/financial_year", "pattern"), id="year_with_slash"
        ),
        pytest.param(
            {"financial_year": "2026-28"}, ("/financial_year", "out_of_order"), id="two_years_apart"
        ),
        pytest.param(
            {"financial_year": "2026-26"}, ("/financial_year", "out_of_order"), id="same_year_twice"
        ),
        pytest.param(
            {"financial_year": "1899-00"}, ("/financial_year", "pattern"), id="year_before_1900"
        ),
        pytest.param({"financial_year": None}, ("/financial_year", "null"), id="null_year"),
        pytest.param({"category": "licence"}, ("/category", "invalid"), id="unknown_category"),
        pytest.param({"amount": "-1.00"}, ("/amount", "out_of_range"), id="negative_amount"),
        pytest.param({"amount": "1.005"}, ("/amount", "invalid"), id="tenth_of_a_penny"),
        pytest.param({"amount": 1}, ("/amount", "invalid"), id="number_for_amount"),
        pytest.param({"amount": None}, ("/amount", "null"), id="null_amount"),
        pytest.param({"currency": "EUR"}, ("/currency", "unknown_field"), id="currency_given"),
        pytest.param(
            {"system_id": str(uuid4())}, ("/system_id", "unknown_field"), id="system_given"
        ),
    ],
)
def test_invalid_cost_is_refused_on_create_and_change(
    owner: CheckedClient, duties: Fields, fields: Any, refused: tuple[str, str]
) -> None:
    assert refusals(owner.post(costs_of(duties), json=LINE | fields)) == {refused}
    assert page(owner, costs_of(duties)) == []
    created = cost(owner, duties)
    path = f"{costs_of(duties)}/{created['id']}"
    assert refusals(change(owner, path, **fields)) == {refused}
    assert read(owner, path) == created


@pytest.mark.parametrize("year", ["1999-00", "2009-10", "2099-00", "1900-01", "2199-00"])
def test_financial_year_may_end_a_century(owner: CheckedClient, duties: Fields, year: str) -> None:
    assert cost(owner, duties, financial_year=year)["financial_year"] == year


def test_costs_of_one_category_and_year_need_different_descriptions(
    owner: CheckedClient, duties: Fields
) -> None:
    cost(owner, duties)
    cost(owner, duties, description="Oracle licences")
    cost(owner, duties, financial_year="2027-28")
    cost(owner, duties, category="exit_cost")
    for described in ({}, {"description": None}, {"description": "ORACLE  licences"}):
        sent = owner.post(costs_of(duties), json=LINE | described)
        assert refusals(sent, 409) == {("/description", "taken")}
    other = system(owner, "Custody")
    assert cost(owner, other, description="Oracle licences")
    assert len(page(owner, costs_of(duties))) == 4


def test_cost_is_changed_and_deleted_with_current_etag(
    owner: CheckedClient, duties: Fields
) -> None:
    created = cost(owner, duties, description="Support", note="A guess")
    path = f"{costs_of(duties)}/{created['id']}"
    assert owner.patch(path, json={"amount": "1.00"}).status_code == 428
    changed = answer(change(owner, path, amount="0.10", description=None, note=None))
    assert (changed["amount"], changed["description"], changed["note"]) == ("0.10", None, None)
    # The old description is free again, and a second line without one is refused.
    cost(owner, duties, description="Support")
    assert refusals(owner.post(costs_of(duties), json=LINE), 409) == {("/description", "taken")}
    etag = owner.get(path).headers["ETag"]
    assert owner.delete(path).status_code == 428
    assert owner.delete(path, headers={"If-Match": '"old"'}).status_code == 412
    assert owner.delete(path, headers={"If-Match": etag}).status_code == 204
    assert owner.get(path).status_code == 404


def test_cost_is_found_only_under_its_system(owner: CheckedClient, duties: Fields) -> None:
    created, other = cost(owner, duties), system(owner, "Custody")
    path = f"{costs_of(other)}/{created['id']}"
    assert owner.get(path).status_code == 404
    for send in (owner.patch, owner.delete):
        body = {"json": {"amount": "1.00"}} if send == owner.patch else {}
        assert send(path, headers={"If-Match": "*"}, **body).status_code == 404
    assert page(owner, costs_of(other)) == []


def test_costs_sort_and_filter(owner: CheckedClient, duties: Fields) -> None:
    for year, amount in (("2025-26", "9.00"), ("2026-27", "100.00"), ("2027-28", "20.00")):
        cost(owner, duties, amount, financial_year=year)

    def years(**parameters: Any) -> list[str]:
        return [line["financial_year"][:4] for line in page(owner, costs_of(duties), **parameters)]

    assert years() == ["2027", "2026", "2025"]
    assert years(sort="amount") == ["2025", "2027", "2026"]
    assert years(amount__lte="20") == ["2027", "2025"]
    assert years(financial_year="2026-27") == ["2026"]
    assert years(category="exit_cost") == []


def test_costs_sort_by_financial_year_across_centuries(
    owner: CheckedClient, duties: Fields
) -> None:
    for year in ("2000-01", "1999-00", "2009-10"):
        cost(owner, duties, financial_year=year)
    lines = page(owner, costs_of(duties), sort="financial_year")
    assert [line["financial_year"] for line in lines] == ["1999-00", "2000-01", "2009-10"]


def paths(duties: Fields, line: Fields) -> list[str]:
    return [costs_of(duties), f"{costs_of(duties)}/{line['id']}", f"{costs_of(duties)}/{uuid4()}"]


def require_refused(api: CheckedClient, duties: Fields, line: Fields, status: int) -> None:
    """Require the status for the list and the line of costs, whether or not they exist."""
    for path in paths(duties, line):
        refused = api.get(path)
        assert refused.status_code == status, path
        assert answer(refused)["detail"] == (
            NOT_SHARED
            if status == 403
            else "There is no such system, or your agency cannot see it. Check its id."
        )


@pytest.mark.parametrize("profile", ["summary", "standard", "full"])
def test_agreement_shares_costs_only_with_full_profile(
    owner: CheckedClient, partner: CheckedClient, duties: Fields, profile: str
) -> None:
    line = cost(owner, duties)
    require_refused(partner, duties, line, 404)
    share(owner, partner, profile)
    if profile == "full":
        assert page(partner, costs_of(duties)) == [line]
        assert read(partner, f"{costs_of(duties)}/{line['id']}") == line
        assert partner.get(f"{costs_of(duties)}/{uuid4()}").status_code == 404
    else:
        require_refused(partner, duties, line, 403)


def test_refusal_of_costs_is_same_with_and_without_costs(
    owner: CheckedClient, partner: CheckedClient, duties: Fields
) -> None:
    share(owner, partner, "standard")
    before = partner.get(costs_of(duties))
    cost(owner, duties)
    after = partner.get(costs_of(duties))
    assert before.status_code == after.status_code == 403
    assert answer(before) == answer(after)


def test_costs_of_a_system_open_to_all_stay_with_owner(
    owner: CheckedClient, stranger: CheckedClient
) -> None:
    visible = system(owner, disclosure="all_agencies")
    require_refused(stranger, visible, cost(owner, visible), 403)


@pytest.mark.parametrize(
    ("types", "profile", "status"),
    [
        pytest.param(["costs"], "full", 404, id="costs_alone"),
        pytest.param(["systems", "contracts"], "full", 403, id="systems_and_contracts"),
        pytest.param(["systems", "costs"], "standard", 403, id="standard_profile"),
        pytest.param(["systems", "costs"], "full", 200, id="full_profile"),
    ],
)
def test_grant_opens_costs_only_together_with_systems(
    owner: CheckedClient, partner: CheckedClient, types: list[str], profile: str, status: int
) -> None:
    hidden = system(owner, disclosure="owner_only")
    line = cost(owner, hidden)
    given = grant(owner, resource_types=types, field_profile=profile)
    if status == 200:
        assert page(partner, costs_of(hidden)) == [line]
    else:
        require_refused(partner, hidden, line, status)
    assert revoke(owner, given).status_code == 200
    require_refused(partner, hidden, line, 404)


def test_costs_follow_disclosure_of_their_system(
    owner: CheckedClient, partner: CheckedClient, duties: Fields
) -> None:
    line = cost(owner, duties)
    share(owner, partner, "full")
    grant(owner, resource_types=["systems"], field_profile="summary")
    assert page(partner, costs_of(duties)) == [line]
    path = f"/v1/systems/{duties['id']}"
    assert change(owner, path, disclosure="owner_only").status_code == 200
    # The grant still shows the system itself.
    assert partner.get(path).status_code == 200
    require_refused(partner, duties, line, 403)


def test_only_the_owner_writes_costs(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient, duties: Fields
) -> None:
    line = cost(owner, duties)
    share(owner, partner, "full")
    for api, status in ((partner, 403), (stranger, 404)):
        assert api.post(costs_of(duties), json=LINE).status_code == status
        for path in paths(duties, line)[1:]:
            sent = api.patch(path, json={"amount": "1.00"}, headers={"If-Match": "*"})
            assert sent.status_code == status
            assert api.delete(path, headers={"If-Match": "*"}).status_code == status
    assert page(owner, costs_of(duties)) == [line]


def test_writing_costs_needs_no_scope_to_read_them(sign_in: SignIn, duties: Fields) -> None:
    writer = sign_in(BEDS, "systems:read systems:write")
    assert cost(writer, duties, "7.00")["amount"] == "7.00"
    assert writer.get(costs_of(duties)).status_code == 403
    reader = sign_in(BEDS, "costs:read")
    assert [line["amount"] for line in page(reader, costs_of(duties))] == ["7.00"]
    assert reader.post(costs_of(duties), json=LINE).status_code == 403


def test_feed_shows_owner_who_read_its_costs(
    owner: CheckedClient, partner: CheckedClient, duties: Fields
) -> None:
    cost(owner, duties)
    share(owner, partner, "full")
    assert page(partner, costs_of(duties), fields="category")
    assert page(owner, costs_of(duties))
    assert [kind for kind, _ in list_changes(owner, "cost")] == ["cost.created"]
    assert page(partner, costs_of(duties))
    assert [kind for kind, _ in list_changes(owner, "cost")] == ["cost.created", "cost.read"]


def test_feed_shows_costs_only_to_agencies_that_may_read_them(
    owner: CheckedClient, partner: CheckedClient, stranger: CheckedClient, duties: Fields
) -> None:
    line = cost(owner, duties, "5.00")
    path = f"{costs_of(duties)}/{line['id']}"
    assert change(owner, path, amount="6.00").status_code == 200
    assert list_changes(owner, "cost")[-1] == ("cost.updated", {"amount": "6.00"})
    share(owner, partner, "standard")
    assert list_changes(partner, "cost") == []
    grant(owner, resource_types=["costs"], field_profile="full")
    updated, given = list_changes(partner, "cost")[-2:]
    assert (updated, given) == (("cost.updated", {"amount": "6.00"}), ("cost.access_given", {}))
    assert list_changes(stranger, "cost") == []
    etag = owner.get(path).headers["ETag"]
    assert owner.delete(path, headers={"If-Match": etag}).status_code == 204
    assert [kind for kind, _ in list_changes(owner, "cost")][-1] == "cost.deleted"
    assert list_changes(partner, "cost") == [("cost.deleted", {})]


def test_only_reads_of_amount_are_logged() -> None:
    assert COSTS.profiles is not None
    assert COSTS.profiles.full == {"amount"}
