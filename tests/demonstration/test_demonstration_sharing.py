"""What the agencies of the demonstration show one another, as the API answers each of them."""

import csv
import json
from datetime import date, timedelta
from importlib.resources import files

import pytest

from tests.demonstration.conftest import SignIn, items, system

pytestmark = pytest.mark.xdist_group("demo")

DATA = files("catalogue").joinpath("demonstration", "data")
TOLD_ON = date(2026, 11, 22)
SENSITIVE = {"legacy_risk", "rto_hours", "rpo_hours"}


def rows(name: str) -> list[dict[str, str]]:
    with DATA.joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_two_agreements_are_in_force_and_one_awaits_acceptance(role: SignIn) -> None:
    found = {each["title"]: each for each in items(role("manager"), "/v1/agreements")}
    told = json.loads(DATA.joinpath("sharing.json").read_text(encoding="utf-8"))["agreements"]
    assert set(found) == {each["title"] for each in told}
    for each in told:
        agreement = found[each["title"]]
        assert agreement["field_profile"] == each["field_profile"]
        assert agreement["lead_agency"] == each["lead_agency"]
        assert {a["agency"] for a in agreement["accepted_by"]} == set(each["accepted_by"])
    assert {each["code"]: found[each["title"]]["status"] for each in told} == {
        "bch-ict": "in_force",
        "bch-police-fire": "in_force",
        "beds-stations": "awaiting_acceptance",
    }


def test_one_record_is_seen_at_each_profile(role: SignIn, acting: SignIn) -> None:
    path = "/v1/systems?agency=hertfordshire-police&q=clue"
    (summary,) = items(role("fire"), path)
    (standard,) = items(role("manager"), path)
    (full,) = items(role("integration"), path)
    assert summary["name"] == standard["name"] == full["name"] == "Clue"
    assert {"user_count", "disclosure", *SENSITIVE} < set(summary["withheld"])
    assert summary["user_count"] is None
    assert set(standard["withheld"]) == SENSITIVE
    assert standard["user_count"] == 134
    assert full["withheld"] == []
    assert full["legacy_risk"] == 9
    assert items(acting("kent-police"), path) == []


def test_what_is_for_its_owner_only_is_seen_by_nobody_else(role: SignIn) -> None:
    path = "/v1/systems?q=covert%20tasking"
    assert [each["withheld"] for each in items(role("manager"), path)] == [[]]
    for key in ("board", "fire", "integration", "administrator"):
        assert items(role(key), path) == []


def test_a_grant_is_live_and_one_is_revoked(role: SignIn) -> None:
    found = {each["grantor"]: each for each in items(role("integration"), "/v1/access-grants")}
    assert found["hertfordshire-police"]["status"] == "live"
    assert found["hertfordshire-police"]["field_profile"] == "full"
    assert found["cambridgeshire-police"]["status"] == "revoked"
    assert found["cambridgeshire-police"]["revoked_reason"]
    # The second opened a register that is kept to its owner; its revocation closed it.
    assert items(role("integration"), "/v1/systems?q=sensitive%20source") == []


def test_costs_are_shown_by_the_grant_alone(role: SignIn) -> None:
    (clue,) = items(role("integration"), "/v1/systems?agency=hertfordshire-police&q=clue")
    path = f"/v1/systems/{clue['id']}/costs"
    assert [each["amount"] for each in items(role("integration"), path)] == ["132000.00"]
    assert role("manager").get(path).status_code == 403


def test_contracts_say_what_of_them_is_made_up() -> None:
    for row in rows("contracts.csv"):
        assert row["title"].endswith("illustrative)"), row["reference"]
        assert ("(published" in row["title"]) == bool(row["ocid"]), row["reference"]
    for name, field in (("costs.csv", "note"), ("interfaces.csv", "description")):
        assert all(row[field].startswith("Illustrative.") for row in rows(name))


def test_notice_falls_soon_and_partners_prices_are_withheld(role: SignIn) -> None:
    until = TOLD_ON + timedelta(days=60)
    found = items(
        role("manager"),
        f"/v1/contracts?last_notice_date__gte={TOLD_ON}&last_notice_date__lte={until}",
    )
    assert len(found) >= 4
    for contract in found:
        own = contract["agency"] == "bedfordshire-police"
        assert (contract["annual_value"] is None) != own
        assert ("annual_value" in contract["withheld"]) != own


def test_a_party_to_a_contract_is_shown_its_price(role: SignIn) -> None:
    (contract,) = items(role("manager"), "/v1/contracts?q=storm")
    assert contract["agency"] == "cambridgeshire-police"
    assert contract["annual_value"] == "690000.00"
    assert contract["withheld"] == []
    assert len(contract["systems"]) == 3


def test_one_installation_is_used_by_several_forces(role: SignIn) -> None:
    service_desk = system(role("integration"), "SSC-007")
    uses = items(role("integration"), f"/v1/systems/{service_desk['id']}/uses")
    assert [use["agency"] for use in uses] == [
        "bch-shared-services",
        "bedfordshire-police",
        "cambridgeshire-police",
        "hertfordshire-police",
    ]


def test_interfaces_cross_agencies_and_one_is_typed_in_again(acting: SignIn) -> None:
    found = items(acting("cambridgeshire-police"), "/v1/interfaces?standard=manual_rekey")
    across = [each for each in found if each["from_agency"] != each["to_agency"]]
    assert [each["from_agency"] for each in across] == ["cambridgeshire-fire"]


def test_of_an_interface_the_end_that_is_kept_secret_is_withheld(acting: SignIn) -> None:
    clue = system(acting("hertfordshire-police"), "HERP-019")
    (found,) = items(acting("hertfordshire-police"), f"/v1/interfaces?system_ids={clue['id']}")
    assert found["from_system_id"] is None
    assert "from_system_name" in found["withheld"]
    assert found["to_system_name"] == "Clue"


def test_some_records_are_confirmed_some_overdue_and_one_is_disowned(role: SignIn) -> None:
    reports = {each["agency"]: each for each in items(role("fire"), "/v1/reports/attestations")}
    own = reports["hertfordshire-fire"]
    assert own["confirmed"] > 0
    assert own["due"] > 0
    assert own["withheld"] == 0
    assert reports["hertfordshire-police"]["withheld"] == 3
    verdicts = items(role("fire"), "/v1/reports/unattested-systems?attestation_verdict=not_ours")
    assert [each["name"] for each in verdicts] == ["County service desk"]
