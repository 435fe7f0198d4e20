"""Realised amounts: their evidence, their use, and the cost of the line as the limit."""

import pytest

from tests.api_calls import answer, refusals
from tests.savings.scene import NEXT, YEAR, path_of, years


@pytest.fixture
def saving(scene):
    return scene.claim_in_delivery(scene.line("100.00"), "60.00")


def test_saving_can_be_realised_in_parts(scene, saving):
    scene.realise(saving, "40.00")
    done = answer(
        scene.realise(
            saving, "60.00", use_of_saving="reinvested", reinvested_in="Two call handlers"
        )
    )
    first, second = done["realisations"]
    assert (first["amount"], first["use_of_saving"], first["reinvested_in"]) == (
        "40.00",
        "returned",
        None,
    )
    assert (second["use_of_saving"], second["reinvested_in"]) == ("reinvested", "Two call handlers")
    assert second["evidence"] == ["Ledger, month 12"]
    assert first["withdrawn_at"] is None


def test_realisation_cannot_exceed_the_baseline_line(scene, saving):
    assert refusals(scene.realise(saving, "100.01"), 409) == {("/amount", "exceeds_line")}
    assert scene.realise(saving, "99.99").status_code == 201
    assert refusals(scene.realise(saving, "0.02"), 409) == {("/amount", "exceeds_line")}
    assert scene.realise(saving, "0.01").status_code == 201


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        pytest.param({"financial_year": NEXT}, ("/financial_year", "unknown"), id="unclaimed-year"),
        pytest.param({"amount": "0.00"}, ("/amount", "out_of_range"), id="zero-amount"),
        pytest.param({"amount": "-1.00"}, ("/amount", "out_of_range"), id="negative-amount"),
        pytest.param(
            {"use_of_saving": "reinvested"},
            ("/reinvested_in", "unexplained"),
            id="reinvested-without-purpose",
        ),
        pytest.param(
            {"reinvested_in": "A van"},
            ("/reinvested_in", "not_reinvested"),
            id="purpose-without-reinvestment",
        ),
        pytest.param({"evidence": []}, ("/evidence", "too_few"), id="no-evidence"),
    ],
)
def test_realisation_rejects_invalid_field(scene, saving, fields, refused):
    assert refusals(scene.realise(saving, **{"amount": "1.00"} | fields)) == {refused}


def test_realisation_rejects_future_year(scene):
    saving = scene.claim_in_delivery(scene.line(), recurring=True, years=years(y2027="1.00"))
    refused = scene.realise(saving, "1.00", financial_year=NEXT)
    assert refusals(refused) == {("/financial_year", "in_future")}


def test_realisation_rejects_saving_not_in_delivery(scene):
    saving = scene.claim(scene.line())
    assert refusals(scene.realise(saving, "1.00"), 409) == {("", "not_in_delivery")}


def withdraw(scene, saving, realised):
    path = f"{path_of(saving)}/realisations/{realised['id']}/withdrawal"
    return scene.lead.post(path, json={"reason": "It was entered twice."})


def test_withdrawn_realisation_stays_visible(scene, saving):
    scene.realise(saving, "100.00")
    done = answer(scene.step(saving, "realised"))
    (realised,) = done["realisations"]
    back = answer(withdraw(scene, saving, realised))
    assert back["status"] == "in_delivery"
    assert back["realisations"][0]["withdrawal_reason"] == "It was entered twice."
    assert refusals(withdraw(scene, saving, realised), 409) == {("", "withdrawn")}
    assert scene.realise(saving, "100.00").status_code == 201


def test_realised_year_stays_claimed_until_withdrawal(scene, saving):
    realised = answer(scene.realise(saving, "10.00"))["realisations"][0]
    moved = scene.change(saving, recurring=True, years=years(y2027="1.00"))
    assert refusals(moved) == {("/years", "realised")}
    back = answer(scene.validate(saving, verdict="returned", note="Which ledger?"))
    withdrawn = {"status": "withdrawn", "status_reason": "Why not."}
    assert refusals(scene.change(back, **withdrawn), 409) == {("/status", "realised")}
    assert withdraw(scene, saving, realised).status_code == 200
    assert answer(scene.change(back, **withdrawn))["status"] == "withdrawn"


def test_missed_saving_releases_year_when_realisation_is_withdrawn(scene, saving):
    realised = answer(scene.realise(saving, "10.00"))["realisations"][0]
    missed = answer(scene.step(saving, "missed", status_reason="No."))
    assert missed["years"][0]["claimed"] is True
    after = answer(withdraw(scene, saving, realised))
    assert (after["status"], after["years"][0]["claimed"]) == ("missed", False)


def test_unknown_realisation_cannot_be_withdrawn(scene, saving):
    other = {"id": saving["id"]}
    assert withdraw(scene, saving, other).status_code == 404
    assert answer(scene.lead.get(path_of(saving)))["years"][0]["financial_year"] == YEAR
