"""Benefits of a programme by year and agency, from the records that the reader can see."""

from decimal import Decimal

import pytest

from catalogue.savings.benefits.discounting import discount_factor, present_value
from catalogue.savings.benefits.figures import Figures
from tests.api_calls import answer, read
from tests.contracts.api_contracts import cost, list_changes
from tests.factories import BEDS, CAMBS, system
from tests.savings.scene import NEXT, YEAR, lines, path_of, shares, years
from tests.sums import sum_of

D = Decimal


def benefits(api, scene):
    return read(api, f"/v1/programmes/{scene.programme['id']}/benefits")


def row(rows, **wanted):
    (match,) = [each for each in rows if wanted.items() <= each.items()]
    return match


def amount(total):
    return D(total["value"] or 0)


def picked(figures, *names):
    """Return the values of sums that leave out nothing that is withheld."""
    assert all(figures[name]["withheld"] == 0 for name in names)
    return tuple(figures[name]["value"] for name in names)


def test_discount_factor_falls_each_year():
    assert discount_factor(0) == 1
    assert f"{discount_factor(1):.6f}" == "0.966184"
    assert f"{discount_factor(30):.6f}" == "0.356278"


@pytest.mark.parametrize(
    ("amounts", "worth"),
    [
        pytest.param({}, "0.00", id="nothing"),
        pytest.param({"2026-27": "100.00"}, "100.00", id="base-year"),
        pytest.param({"2027-28": "103.50"}, "100.00", id="next-year"),
        pytest.param(
            {"2026-27": "-10.00", "2027-28": "103.50", "2028-29": "107.12"},
            "190.00",
            id="three-years",
        ),
        pytest.param({"2027-28": "0.01"}, "0.01", id="penny"),
        pytest.param({"2099-00": "0.01"}, "0.00", id="far-year"),
    ],
)
def test_present_value_is_rounded_once(amounts, worth):
    value = present_value({year: D(amount) for year, amount in amounts.items()}, "2026-27")
    assert str(value) == worth


def test_empty_figures_total_zero():
    figures = Figures()
    assert figures.base is None
    total = figures.total()
    assert total.pop("baseline") == sum_of(None, unknown=1)
    assert all(each == sum_of("0.00") for each in total.values())
    assert figures.by_year() == []


@pytest.fixture
def counted(scene):
    """Two baseline lines with a saving each, and costs of migrations, of two agencies."""
    cost(scene.lead, scene.ours, "1000.00")
    cost(scene.beds, scene.theirs, "500.10")
    cost(scene.lead, scene.ours, "30.00", category="dual_running")
    cost(scene.beds, scene.theirs, "20.05", category="exit_cost", financial_year=NEXT)
    cost(scene.lead, scene.ours, "7.00", category="decommissioning", financial_year=NEXT)
    ours, theirs = lines(scene.lead, scene.approve_baseline(), sort="-amount")
    first = scene.claim_in_delivery(
        ours,
        recurring=True,
        years=years(y2026="900.00", y2027="1000.00"),
        cost_to_achieve="100.01",
        shares=shares(cambs="50", beds="50"),
    )
    scene.realise(first, "600.01")
    scene.realise(first, "100.00", use_of_saving="reinvested", reinvested_in="Vans")
    second = scene.claim(theirs, "400.00", kind="non_cash_releasing")
    return first, second


def test_benefits_add_up_costs_and_savings(scene, counted):
    result = benefits(scene.lead, scene)
    assert (result["base_year"], result["discount_rate"]) == (YEAR, "0.035")
    total = result["total"]
    assert picked(total, "baseline", "forecast", "validated", "realised") == (
        "1500.10",
        "2300.00",
        "1900.00",
        "700.01",
    )
    assert picked(total, "cost_to_achieve", "dual_running", "exit_costs", "decommissioning") == (
        "100.01",
        "30.00",
        "20.05",
        "7.00",
    )
    assert picked(total, "net_forecast", "net_validated", "net_realised") == (
        "2142.94",
        "1742.94",
        "542.95",
    )
    this, following = result["by_year"]
    assert (this["financial_year"], this["discount_factor"]) == (YEAR, "1.000000")
    assert picked(this, "net_forecast", "net_realised") == ("1169.99", "570.00")
    assert (following["financial_year"], following["net_forecast"]["value"]) == (NEXT, "972.95")
    # 1169.99 + 972.95 / 1.035 is 2110.0383...
    assert total["npv_forecast"]["value"] == "2110.04"
    assert result["use_of_saving"] == {
        "returned": sum_of("600.01"),
        "reinvested": sum_of("100.00"),
    }
    by_kind = row(result["by_kind"], kind="non_cash_releasing")
    assert picked(by_kind, "forecast", "validated") == ("400.00", "0.00")
    assert result["withheld"] == {"lines": 0, "savings": 0, "systems": 0}


def test_benefits_of_agencies_add_up_to_the_total(scene, counted):
    result = benefits(scene.lead, scene)
    assert [each["agency"] for each in result["by_agency"]] == [BEDS, CAMBS]
    beds, cambs = result["by_agency"]
    assert picked(beds, "baseline", "validated", "exit_costs") == ("500.10", "950.00", "20.05")
    assert {beds["realised"]["value"], cambs["realised"]["value"]} == {"350.00", "350.01"}
    for name, total in result["total"].items():
        if not name.startswith("npv_"):
            assert amount(beds[name]) + amount(cambs[name]) == amount(total)
            for rows in (result["by_year"], beds["by_year"], cambs["by_year"]):
                assert len(rows) == 2
            assert sum(amount(each[name]) for each in result["by_year"]) == amount(total)


def test_benefits_exclude_missed_savings_and_keep_their_costs(scene, counted):
    first, second = counted
    scene.step(first, "missed", status_reason="The supplier raised its price.")
    scene.step(second, "withdrawn", status_reason="Not so.")
    total = benefits(scene.lead, scene)["total"]
    assert picked(total, "forecast", "validated", "realised", "cost_to_achieve") == (
        "0.00",
        "0.00",
        "700.01",
        "100.01",
    )


def test_benefits_count_realised_amounts_only_while_validated(scene, counted):
    first, _ = counted
    scene.change(first, title="Something else")
    total = benefits(scene.lead, scene)["total"]
    assert picked(total, "forecast", "validated", "realised") == ("2300.00", "0.00", "0.00")
    scene.validate(first)
    assert benefits(scene.lead, scene)["total"]["realised"] == sum_of("700.01")


def test_benefits_count_hidden_records_as_withheld(scene, counted, sign_in):
    hidden = system(scene.herts, "Roster of Hertfordshire", disclosure="all_agencies")
    scene.move(hidden)
    cost(scene.herts, hidden, "9.00", category="dual_running")
    leads = benefits(scene.lead, scene)
    assert leads["withheld"] == {"lines": 0, "savings": 0, "systems": 1}
    assert leads["total"]["forecast"] == sum_of("2300.00")
    assert leads["total"]["dual_running"] == sum_of("30.00", unknown=1, withheld=1)
    assert leads["total"]["net_forecast"] == sum_of("2142.94", unknown=2, withheld=1)
    theirs = benefits(scene.herts, scene)
    assert theirs["withheld"] == {"lines": 2, "savings": 2, "systems": 2}
    total = theirs["total"]
    assert total["baseline"] == total["forecast"] == total["realised"] == sum_of(None, withheld=2)
    assert total["dual_running"] == sum_of("9.00", withheld=2)
    assert total["exit_costs"] == sum_of(None, unknown=1, withheld=2)
    assert total["net_forecast"] == total["npv_forecast"] == sum_of(None, unknown=1, withheld=4)
    assert theirs["by_year"][0]["forecast"] == sum_of(None, withheld=2)
    assert theirs["by_kind"][0]["validated"] == sum_of(None, withheld=2)
    assert theirs["use_of_saving"]["returned"] == sum_of(None, withheld=2)
    assert scene.kent.get(f"/v1/programmes/{scene.programme['id']}/benefits").status_code == 404
    unscoped = benefits(sign_in(CAMBS, "savings:read"), scene)
    assert unscoped["withheld"] == {"lines": 2, "savings": 0, "systems": 3}
    assert unscoped["total"]["baseline"] == sum_of(None, withheld=2)
    assert unscoped["total"]["dual_running"] == sum_of(None, withheld=3)
    assert unscoped["total"]["forecast"] == sum_of("2300.00")


def test_costs_that_nobody_recorded_are_unknown_until_a_line_states_them(scene):
    cost(scene.lead, scene.ours, "10.00")
    scene.claim(lines(scene.lead, scene.approve_baseline())[0], "4.00")
    before = benefits(scene.lead, scene)["total"]
    assert before["dual_running"] == sum_of(None, unknown=2)
    assert before["net_forecast"] == sum_of("4.00", unknown=2)
    for owner, moving in ((scene.lead, scene.ours), (scene.beds, scene.theirs)):
        for category in ("dual_running", "exit_cost", "decommissioning"):
            cost(owner, moving, "0.00", category=category)
    after = benefits(scene.lead, scene)["total"]
    assert (after["dual_running"], after["net_forecast"]) == (sum_of("0.00"), sum_of("4.00"))


def test_a_saving_after_the_years_of_the_baseline_has_an_unknown_baseline(scene):
    cost(scene.lead, scene.ours, "10.00")
    (line,) = lines(scene.lead, scene.approve_baseline())
    scene.claim_in_delivery(line, recurring=True, years=years(y2026="4.00", y2027="4.00"))
    by_year = {each["financial_year"]: each for each in benefits(scene.lead, scene)["by_year"]}
    assert by_year[YEAR]["baseline"] == sum_of("10.00")
    outside = [each for year, each in by_year.items() if year > "2030"]
    assert all(each["baseline"] == sum_of(None, unknown=1) for each in outside)


def test_reading_anothers_costs_in_benefits_is_recorded(scene, counted):
    benefits(scene.lead, scene)
    for kind in ("cost", "baseline_line"):
        assert f"{kind}.read" in {each for each, _ in list_changes(scene.beds, kind)}


def test_benefits_without_baseline_have_an_unknown_baseline(scene):
    result = benefits(scene.lead, scene)
    assert (result["baseline_id"], result["base_year"], result["by_agency"]) == (None, None, [])
    assert result["total"]["baseline"] == sum_of(None, unknown=1)
    assert result["total"]["forecast"] == sum_of("0.00")


def test_benefits_are_exact_to_the_penny(scene):
    for n in range(10):
        cost(scene.lead, scene.ours, "0.10", description=f"Line {n}")
    cost(scene.lead, scene.ours, "999999999999.99", description="Large")
    scene.approve_baseline()
    assert benefits(scene.lead, scene)["total"]["baseline"] == sum_of("1000000000000.99")


def test_benefits_agree_with_the_parts_of_a_saving(scene, counted):
    first, _ = counted
    saving = answer(scene.lead.get(path_of(first)))
    beds = row(benefits(scene.lead, scene)["by_agency"], agency=BEDS)
    parts = [p for p in saving["allocation"] if p["agency"] == BEDS]
    assert sum(D(part["amount"]) for part in parts) == amount(beds["forecast"]) - D("400.00")
