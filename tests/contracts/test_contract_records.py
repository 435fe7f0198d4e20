"""Contracts as their owner creates, changes and finds them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from catalogue.agencies.models import Agency
from tests.agencies.api_agreements import SignIn
from tests.api_calls import answer, change, read, refusals
from tests.contracts.api_contracts import (
    AMOUNTS,
    CONTRACTS,
    FULL,
    HERTS,
    KENT,
    SCOPES,
    contract,
    page,
    path_of,
    supplier,
    titles,
)
from tests.factories import BEDS, CAMBS, record, system
from tests.unsaved import CheckedClient

NOBODY = str(uuid4())


def test_created_contract_returns_every_field(owner: CheckedClient, party: CheckedClient) -> None:
    assert party
    acme = supplier(owner)
    systems = sorted(system(owner, name)["id"] for name in ("Duties", "Custody"))
    body = FULL | {"supplier_id": acme, "parties": [HERTS], "systems": systems}
    created = contract(owner, **body)
    assert {name: created[name] for name in body} == body
    assert created["agency"] == BEDS
    assert created["supplier_name"] == "Acme"
    assert created["last_notice_date"] == "2028-10-02"
    assert created["withheld"] == []
    assert created["created_at"] == created["updated_at"]
    assert read(owner, path_of(created)) == created
    assert page(owner) == [created]


def test_contract_needs_only_reference_title_and_supplier(owner: CheckedClient) -> None:
    created = contract(owner)
    assert created["currency"] == "GBP"
    assert created["disclosure"] == "agreement"
    assert created["parties"] == created["systems"] == []
    empty = {"agency", "agency_name", "id", "reference", "title", "supplier_id", "supplier_name"}
    empty |= {"currency", "disclosure", "parties", "systems", "created_at", "updated_at"}
    empty |= {"term_status"}
    assert {name for name, value in created.items() if value is not None} == empty | {"withheld"}


def test_contract_cannot_be_created_without_agency(sign_in: SignIn, owner: CheckedClient) -> None:
    body = {"reference": "R1", "title": "Support", "supplier_id": supplier(owner)}
    nobody = sign_in(None, f"admin {SCOPES}")
    assert nobody.post(CONTRACTS, json=body).status_code == 403


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        pytest.param({"reference": None}, ("/reference", "null"), id="null_reference"),
        pytest.param({"title": " "}, ("/title", "too_short"), id="blank_title"),
        pytest.param({"supplier_id": NOBODY}, ("/supplier_id", "unknown"), id="unknown_supplier"),
        pytest.param(
            {"parties": ["atlantis-police"]}, ("/parties/0", "unknown"), id="unknown_party"
        ),
        pytest.param({"parties": [BEDS]}, ("/parties/0", "repeated"), id="owner_as_party"),
        pytest.param({"parties": [CAMBS, CAMBS]}, ("/parties/1", "repeated"), id="repeated_party"),
        pytest.param({"systems": [NOBODY]}, ("/systems/0", "unknown"), id="unknown_system"),
        pytest.param(
            {"annual_value": "-0.01"}, ("/annual_value", "out_of_range"), id="negative_value"
        ),
        pytest.param({"total_value": "1.001"}, ("/total_value", "invalid"), id="tenth_of_a_penny"),
        pytest.param({"exit_cost": 5}, ("/exit_cost", "invalid"), id="number_for_amount"),
        pytest.param({"currency": "ZZZ"}, ("/currency", "unknown"), id="unknown_currency"),
        pytest.param({"currency": "gbp"}, ("/currency", "pattern"), id="currency_in_small_letters"),
        pytest.param(
            {"start_date": "2026-04-01", "end_date": "2026-03-31"},
            ("/end_date", "out_of_order"),
            id="ends_before_start",
        ),
        pytest.param(
            {"end_date": "2026-03-31", "max_extent_date": "2026-03-30"},
            ("/max_extent_date", "out_of_order"),
            id="extent_before_end",
        ),
        pytest.param(
            {"start_date": "2026-03-31", "max_extent_date": "2026-03-30"},
            ("/max_extent_date", "out_of_order"),
            id="extent_before_start",
        ),
        pytest.param(
            {"notice_period_days": 1096},
            ("/notice_period_days", "out_of_range"),
            id="notice_too_long",
        ),
        pytest.param(
            {"notice_period_days": -1},
            ("/notice_period_days", "out_of_range"),
            id="negative_notice",
        ),
        pytest.param({"ocid": "b5fd17-1"}, ("/ocid", "pattern"), id="wrong_ocid"),
        pytest.param({"regime": "pcr_2016"}, ("/regime", "invalid"), id="unknown_regime"),
        pytest.param(
            {"notice_period_months": 37},
            ("/notice_period_months", "out_of_range"),
            id="months_of_notice_too_long",
        ),
        pytest.param(
            {"notice_period_days": 30, "notice_period_months": 1},
            ("/notice_period_months", "unexpected"),
            id="notice_in_days_and_months",
        ),
        pytest.param({"renewal": "tacit"}, ("/renewal", "invalid"), id="unknown_renewal"),
        pytest.param(
            {"renewal": "none", "renewal_period_months": 12},
            ("/renewal_period_months", "unexpected"),
            id="period_without_renewal",
        ),
        pytest.param(
            {"renewal_period_months": 0},
            ("/renewal_period_months", "out_of_range"),
            id="renewal_of_no_months",
        ),
        pytest.param(
            {"notice_given_on": "2199-01-01"},
            ("/notice_given_on", "in_future"),
            id="notice_in_future",
        ),
        pytest.param(
            {"start_date": "2024-04-01", "notice_given_on": "2024-03-31"},
            ("/notice_given_on", "out_of_order"),
            id="notice_before_start",
        ),
        pytest.param(
            {"last_notice_date": "2026-03-31"},
            ("/last_notice_date", "unknown_field"),
            id="last_notice_date_given",
        ),
    ],
)
def test_invalid_contract_is_refused_on_create_and_change(
    owner: CheckedClient, partner: CheckedClient, fields: Any, refused: tuple[str, str]
) -> None:
    assert partner
    body = {"reference": "R1", "title": "Support", "supplier_id": supplier(owner)}
    assert refused in refusals(owner.post(CONTRACTS, json=body | fields))
    assert page(owner) == []
    created = contract(owner, reference="R2")
    assert refused in refusals(change(owner, path_of(created), **fields))
    assert read(owner, path_of(created)) == created


def test_all_errors_of_a_contract_are_reported_together(owner: CheckedClient) -> None:
    body = {"reference": "R1", "title": "T", "supplier_id": NOBODY, "systems": [NOBODY]}
    body |= {"parties": ["nowhere"], "start_date": "2026-04-01", "end_date": "2026-03-01"}
    assert {pointer for pointer, _ in refusals(owner.post(CONTRACTS, json=body))} == {
        "/supplier_id",
        "/systems/0",
        "/parties/0",
        "/end_date",
    }


def test_contract_may_start_and_end_on_one_day(owner: CheckedClient) -> None:
    day = "2026-03-31"
    dates = dict.fromkeys(("start_date", "end_date", "max_extent_date"), day)
    assert contract(owner, **dates, notice_period_days=0)["last_notice_date"] == day


def test_contract_reference_is_unique_within_its_agency(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    contract(owner, reference="BCH 17")
    taken = {"reference": "bch  17", "title": "T", "supplier_id": supplier(owner)}
    assert refusals(owner.post(CONTRACTS, json=taken), 409) == {("/reference", "taken")}
    # Another agency can use the same reference, which reveals nothing.
    assert contract(partner, reference="BCH 17")["agency"] == CAMBS


def test_last_notice_date_follows_end_date_and_notice_period(owner: CheckedClient) -> None:
    created = contract(owner, end_date="2028-03-01", notice_period_days=1)
    for fields, last in (
        ({}, "2028-02-29"),
        ({"notice_period_days": 366}, "2027-03-01"),
        ({"end_date": "2029-03-01"}, "2028-02-29"),
        ({"end_date": None}, None),
        ({"end_date": "2027-01-01", "notice_period_days": 1095}, "2024-01-02"),
        ({"notice_period_days": None}, None),
    ):
        if fields:
            assert change(owner, path_of(created), **fields).status_code == 200
        assert read(owner, path_of(created))["last_notice_date"] == last, fields


def test_contracts_filter_and_sort_by_last_notice_date(owner: CheckedClient) -> None:
    ends = {"C": "2027-03-31", "A": "2027-01-31", "B": "2027-02-28", "D": None}
    for title, end in ends.items():
        contract(owner, title=title, end_date=end, notice_period_days=30)
    assert titles(owner, sort="last_notice_date") == ["A", "B", "C", "D"]
    assert titles(owner, sort="-last_notice_date") == ["C", "B", "A", "D"]
    assert titles(owner, last_notice_date__lte="2027-01-29") == ["A", "B"]
    assert titles(owner, last_notice_date__gte="2027-01-29") == ["B", "C"]
    assert titles(owner, last_notice_date="2027-01-01") == ["A"]
    assert titles(owner, last_notice_date__isnull="true") == ["D"]


@pytest.mark.parametrize("amount", ["0", "0.1", "0.30", "999999999999.99", "123456789012.10"])
def test_contract_amounts_are_exact(owner: CheckedClient, amount: str) -> None:
    created = contract(owner, annual_value=amount)
    pounds, _, pence = amount.partition(".")
    expected = f"{pounds}.{pence:0<2}"
    assert created["annual_value"] == expected
    assert titles(owner, annual_value=amount) == ["Support"]
    assert titles(owner, annual_value__lte=amount, annual_value__gte=amount) == ["Support"]


def test_contract_change_alters_only_given_fields(
    owner: CheckedClient, partner: CheckedClient
) -> None:
    assert partner
    one, two = (system(owner, name)["id"] for name in ("One", "Two"))
    created = contract(owner, **FULL, systems=[one], parties=[CAMBS])
    same = answer(change(owner, path_of(created), systems=[one], parties=[CAMBS], **FULL))
    assert same == created
    changed = answer(change(owner, path_of(created), systems=[two], parties=[], exit_cost=None))
    assert changed["systems"] == [two]
    assert changed["parties"] == []
    assert changed["exit_cost"] is None
    assert changed["updated_at"] > created["updated_at"]
    other = {"systems", "parties", "exit_cost", "updated_at"}
    assert {n: v for n, v in changed.items() if n not in other} == {
        n: v for n, v in created.items() if n not in other
    }
    assert answer(change(owner, path_of(created), systems=[]))["systems"] == []


def test_contract_change_and_deletion_need_current_etag(owner: CheckedClient) -> None:
    created = contract(owner)
    assert owner.patch(path_of(created), json={"title": "T"}).status_code == 428
    stale = owner.get(path_of(created)).headers["ETag"]
    assert change(owner, path_of(created), title="Another").status_code == 200
    for send in (owner.patch, owner.delete):
        body = {"json": {"title": "T"}} if send == owner.patch else {}
        assert send(path_of(created), headers={"If-Match": stale}, **body).status_code == 412


def test_deleted_contract_frees_its_reference_and_keeps_systems(
    owner: CheckedClient, party: CheckedClient
) -> None:
    assert party
    covered = system(owner)["id"]
    created = contract(owner, parties=[HERTS], systems=[covered])
    etag = owner.get(path_of(created)).headers["ETag"]
    assert owner.delete(path_of(created)).status_code == 428
    assert owner.delete(path_of(created), headers={"If-Match": etag}).status_code == 204
    assert owner.get(path_of(created)).status_code == 404
    assert page(owner) == []
    # The reference is free again, and the systems still exist.
    assert contract(owner, reference=created["reference"], systems=[covered])["systems"] == [
        covered
    ]


def test_contracts_are_filtered_by_system_and_party(
    owner: CheckedClient, partner: CheckedClient, make_agency: Callable[..., Agency]
) -> None:
    assert partner
    make_agency(KENT)
    one, two = (system(owner, name)["id"] for name in ("One", "Two"))
    contract(owner, title="First", systems=[one, two], parties=[CAMBS])
    contract(owner, title="Second", systems=[two])
    for sought in (two, two.upper()):
        assert titles(owner, systems=sought) == ["First", "Second"]
    assert titles(owner, systems=one) == ["First"]
    for nothing in (NOBODY, one.replace("-", ""), "x"):
        assert titles(owner, systems=nothing) == []
    assert titles(owner, parties=CAMBS) == ["First"]
    assert titles(owner, parties=KENT) == []


def test_search_finds_words_in_title_reference_and_supplier(owner: CheckedClient) -> None:
    nec = supplier(owner, "NEC Software", aliases=["Northgate Public Services"])
    created = contract(owner, reference="BCH/17", title="Durée de service", supplier_id=nec)
    for words in ("duree", "bch/17", "NEC", "northgate", "service nec", "DURÉE northgate"):
        assert titles(owner, q=words) == ["Durée de service"], words
    for words in ("duree acme", "bch/18", "%", "17_dur"):
        assert titles(owner, q=words) == [], words
    # The supplier's new name is found too.
    assert change(owner, f"/v1/suppliers/{nec}", name="Ionix").status_code == 200
    assert titles(owner, q="ionix") == ["Durée de service"]
    assert read(owner, path_of(created))["supplier_name"] == "Ionix"


def test_contracts_sort_by_folded_names(owner: CheckedClient) -> None:
    for name in ("beta", "Alpha", "Émile", "delta"):
        contract(owner, title=name, reference=name, supplier_id=supplier(owner, name))
    expected = ["Alpha", "beta", "delta", "Émile"]
    for key in ("reference", "supplier_name"):
        assert titles(owner, sort=key) == expected
        assert titles(owner, sort=f"-{key}") == expected[::-1]


@pytest.mark.parametrize("name", AMOUNTS)
def test_contracts_sort_amounts_as_numbers(owner: CheckedClient, name: str) -> None:
    for amount in ("9.50", "100.00", "20.00"):
        contract(owner, title=amount, **{name: amount})
    assert titles(owner, sort=name) == ["9.50", "20.00", "100.00"]
    assert titles(owner, **{f"{name}__gte": "20"}) == ["20.00", "100.00"]


def test_repeated_request_with_same_key_creates_one_contract(owner: CheckedClient) -> None:
    body = {"reference": "R1", "title": "Support", "supplier_id": supplier(owner)}
    sent = [owner.post(CONTRACTS, json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answer(sent[0]) == answer(sent[1])
    assert len(page(owner)) == 1
    assert record(owner, CONTRACTS, **body | {"reference": "R2"})
