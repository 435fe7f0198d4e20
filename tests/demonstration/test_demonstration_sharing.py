"""Records that agencies of the demonstration share, as each agency sees them."""

import csv
import json
from datetime import date, timedelta
from importlib.resources import files

from tests.demonstration.conftest import SignIn, find_system, list_items

DATA = files("catalogue").joinpath("demonstration", "data")
SCENARIO_DAY = date(2026, 11, 22)
SENSITIVE = {"legacy_risk", "rto_hours", "rpo_hours"}


def read_rows(name: str) -> list[dict[str, str]]:
    with DATA.joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_two_agreements_are_in_force_and_one_awaits_acceptance(role: SignIn) -> None:
    found = {each["title"]: each for each in list_items(role("manager"), "/v1/agreements")}
    agreements = json.loads(DATA.joinpath("sharing.json").read_text(encoding="utf-8"))["agreements"]
    assert set(found) == {each["title"] for each in agreements}
    for each in agreements:
        agreement = found[each["title"]]
        assert agreement["field_profile"] == each["field_profile"]
        assert agreement["lead_agency"] == each["lead_agency"]
        assert {a["agency"] for a in agreement["accepted_by"]} == set(each["accepted_by"])
    assert {each["code"]: found[each["title"]]["status"] for each in agreements} == {
        "bch-ict": "in_force",
        "bch-police-fire": "in_force",
        "beds-stations": "awaiting_acceptance",
    }


def test_one_system_is_seen_at_each_profile(role: SignIn, reader: SignIn) -> None:
    path = "/v1/systems?agency=hertfordshire-police&q=clue"
    (summary,) = list_items(role("fire"), path)
    (standard,) = list_items(role("manager"), path)
    (full,) = list_items(role("integration"), path)
    assert summary["name"] == standard["name"] == full["name"] == "Clue"
    assert {"user_count", "disclosure", *SENSITIVE} < set(summary["withheld"])
    assert summary["user_count"] is None
    assert set(standard["withheld"]) == SENSITIVE
    assert standard["user_count"] == 134
    assert full["withheld"] == []
    assert full["legacy_risk"] == 9
    assert list_items(reader("kent-police"), path) == []


def test_owner_only_system_is_seen_by_its_owner_only(role: SignIn) -> None:
    path = "/v1/systems?q=covert%20tasking"
    assert [each["withheld"] for each in list_items(role("manager"), path)] == [[]]
    for key in ("board", "fire", "integration", "administrator"):
        assert list_items(role(key), path) == []


def test_one_grant_is_live_and_one_revoked(role: SignIn) -> None:
    found = {each["grantor"]: each for each in list_items(role("integration"), "/v1/access-grants")}
    assert found["hertfordshire-police"]["status"] == "live"
    assert found["hertfordshire-police"]["field_profile"] == "full"
    assert found["cambridgeshire-police"]["status"] == "revoked"
    assert found["cambridgeshire-police"]["revoked_reason"]
    # The second grant opened a register, and its revocation closed the register.
    assert list_items(role("integration"), "/v1/systems?q=sensitive%20source") == []


def test_costs_are_shown_only_through_the_grant(role: SignIn) -> None:
    (clue,) = list_items(role("integration"), "/v1/systems?agency=hertfordshire-police&q=clue")
    path = f"/v1/systems/{clue['id']}/costs"
    assert [each["amount"] for each in list_items(role("integration"), path)] == ["132000.00"]
    assert role("manager").get(path).status_code == 403


def test_contracts_are_marked_published_or_illustrative() -> None:
    for row in read_rows("contracts.csv"):
        assert row["title"].endswith("illustrative)"), row["reference"]
        assert ("(published" in row["title"]) == bool(row["ocid"]), row["reference"]
    for name, field in (("costs.csv", "note"), ("interfaces.csv", "description")):
        assert all(row[field].startswith("Illustrative.") for row in read_rows(name))


def test_notices_fall_due_soon_and_partner_prices_are_withheld(role: SignIn) -> None:
    until = SCENARIO_DAY + timedelta(days=60)
    found = list_items(
        role("manager"),
        f"/v1/contracts?last_notice_date__gte={SCENARIO_DAY}&last_notice_date__lte={until}",
    )
    assert len(found) >= 4
    for contract in found:
        own = contract["agency"] == "bedfordshire-police"
        assert (contract["annual_value"] is None) != own
        assert ("annual_value" in contract["withheld"]) != own


def test_party_to_a_contract_sees_its_price(role: SignIn) -> None:
    (contract,) = list_items(role("manager"), "/v1/contracts?q=storm")
    assert contract["agency"] == "cambridgeshire-police"
    assert contract["annual_value"] == "690000.00"
    assert contract["withheld"] == []
    assert len(contract["systems"]) == 3


def test_one_installation_is_used_by_several_forces(role: SignIn) -> None:
    service_desk = find_system(role("integration"), "SSC-007")
    uses = list_items(role("integration"), f"/v1/systems/{service_desk['id']}/uses")
    assert [use["agency"] for use in uses] == [
        "bch-shared-services",
        "bedfordshire-police",
        "cambridgeshire-police",
        "hertfordshire-police",
    ]


def test_one_interface_across_agencies_is_rekeyed_by_hand(reader: SignIn) -> None:
    found = list_items(reader("cambridgeshire-police"), "/v1/interfaces?standard=manual_rekey")
    across = [each for each in found if each["from_agency"] != each["to_agency"]]
    assert [each["from_agency"] for each in across] == ["cambridgeshire-fire"]


def test_hidden_end_of_an_interface_is_withheld(reader: SignIn) -> None:
    clue = find_system(reader("hertfordshire-police"), "HERP-019")
    (found,) = list_items(reader("hertfordshire-police"), f"/v1/interfaces?system_ids={clue['id']}")
    assert found["from_system_id"] is None
    assert "from_system_name" in found["withheld"]
    assert found["to_system_name"] == "Clue"


def test_attestations_include_confirmed_overdue_and_disowned(role: SignIn) -> None:
    reports = {
        each["agency"]: each for each in list_items(role("fire"), "/v1/reports/attestations")
    }
    own = reports["hertfordshire-fire"]
    assert own["confirmed"] > 0
    assert own["due"] > 0
    assert own["withheld"] == 0
    assert reports["hertfordshire-police"]["withheld"] == 3
    verdicts = list_items(
        role("fire"), "/v1/reports/unattested-systems?attestation_verdict=not_ours"
    )
    assert [each["name"] for each in verdicts] == ["County service desk"]
