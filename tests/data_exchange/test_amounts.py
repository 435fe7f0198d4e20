"""Amounts, financial years and notice periods as spreadsheets write them."""

import pytest

from catalogue.data_exchange.amounts import (
    Months,
    financial_year_in,
    read_amount,
    read_financial_year,
    read_months,
    read_notice,
)


@pytest.mark.parametrize(
    ("text", "amount", "noticed"),
    [
        ("0", "0.00", False),
        ("1250", "1250.00", False),
        ("1250.5", "1250.50", False),
        ("1,250.00", "1250.00", False),
        ("1 250 000", "1250000.00", False),
        ("£8,400", "8400.00", False),
        ("£ 8,400.00", "8400.00", False),
        ("GBP 8400", "8400.00", False),
        ("8400 GBP", "8400.00", False),
        ("8400 pounds", "8400.00", False),
        ("1.2k", "1200.00", False),
        ("£1.25m", "1250000.00", False),
        ("2 million", "2000000.00", False),
        ("£12k *", "12000.00", False),
        ("999999999999", "999999999999.00", False),
        ("approx £5,000", "5000.00", True),
        ("c. 5k", "5000.00", True),
        ("~5000", "5000.00", True),
        ("£8,400 ex VAT", "8400.00", True),
        ("£8,400 (inc. VAT)", "8400.00", True),
        ("£8,400 + VAT", "8400.00", True),
        ("1234.567", "1234.57", True),
    ],
)
def test_amounts_are_read(text: str, amount: str, noticed: bool) -> None:
    shown, notice = read_amount(text, is_annual=False)
    assert (shown, notice is not None) == (amount, noticed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("€5", "not in pounds"),
        ("$5", "not in pounds"),
        ("5 EUR", "not in pounds"),
        ("-3", "less than zero"),
        ("£-3", "less than zero"),
        ("−3", "less than zero"),
        ("(5)", "less than zero"),
        ("(£1,200.00)", "less than zero"),
        ("5 CR", "less than zero"),
        ("5.00-", "less than zero"),
        ("£8,400 p.a.", "is for a year"),
        ("£8,400 per annum", "is for a year"),
        ("8400/year", "is for a year"),
        ("1.200,50", "not an amount"),
        ("12,50", "not an amount"),
        ("1,2,3", "not an amount"),
        ("1e9", "not an amount"),
        ("£5-10k", "not an amount"),
        ("5 x 1000", "not an amount"),
        ("see invoice", "not an amount"),
        ("12%", "not an amount"),
        ("9" * 13, "not an amount"),
        ("9" * 10_000, "not an amount"),
        ("=1+1", "not an amount"),
        ("999999999999m", "too large"),
        ("999999999999.999", "too large"),
    ],
)
def test_doubtful_amounts_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_amount(text, is_annual=False)


@pytest.mark.parametrize("is_annual", [True, None])
def test_rate_for_a_year_is_an_annual_value(is_annual: bool | None) -> None:
    for text in ("£8,400 p.a.", "8400 pa", "8.4k per year", "8400 a year", "£8,400 annually"):
        assert read_amount(text, is_annual=is_annual) == ("8400.00", None)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2025-26", "2025-26"), ("2025/26", "2025-26"), ("2025/2026", "2025-26"),
        ("25/26", "2025-26"), ("FY25/26", "2025-26"), ("FY 2025-26", "2025-26"),
        ("2025 – 26", "2025-26"), ("Financial year 2025/26", "2025-26"), ("1999-00", "1999-00"),
        ("'25/26", "2025-26"), ("2099/2100", "2099-00"),
    ],
)  # fmt: skip
def test_financial_years_are_read(text: str, year: str) -> None:
    assert read_financial_year(text) == year


@pytest.mark.parametrize("text", ["2025", "FY25", "2025/27", "26/25", "25/2026", "2025-04-01", ""])
def test_other_years_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="form 2026-27"):
        read_financial_year(text)


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("2025/26", ("2025-26", "")),
        ("FY 2025/26", ("2025-26", "")),
        ("2025/26 (£)", ("2025-26", "")),
        ("Licences 2025/26", ("2025-26", "Licences")),
        ("2025/26 Support: actual", ("2025-26", "Support actual")),
        ("2025/26 and 2026/27", None),
        ("Cost", None),
        ("01/02/2025", None),
        ("2025/27", None),
    ],
)
def test_financial_year_in_a_heading(heading: str, found: tuple[str, str] | None) -> None:
    assert financial_year_in(heading) == found


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("90", 90, int), ("90.0", 90, int), ("90 days", 90, int), ("90 calendar days", 90, int),
        ("6 weeks", 42, int), ("1 month", 1, Months), ("3 months", 3, Months),
        ("6 mths", 6, Months), ("12 months", 12, Months), ("1 year", 12, Months),
        ("2 years", 24, Months), ("18 months", 18, Months),
    ],
)  # fmt: skip
def test_notice_periods_are_read(text: str, number: int, unit: type[int]) -> None:
    read = read_notice(text)
    assert (read, type(read)) == (number, unit)


@pytest.mark.parametrize(
    ("text", "months"), [("12", 12), ("1 year", 12), ("6 months", 6), ("2 yrs", 24)]
)
def test_months_are_read(text: str, months: int) -> None:
    assert read_months(text) == months


@pytest.mark.parametrize("text", ["90 days", "2 weeks", "soon", ""])
def test_other_units_are_no_months(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of months"):
        read_months(text)


@pytest.mark.parametrize("text", ["soon", "-90", "90 working days", "3.5 months", "9" * 5, ""])
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of days"):
        read_notice(text)
