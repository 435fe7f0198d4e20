"""Random terms of contracts, with their dates in order."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from catalogue.contracts.notice import Term
from catalogue.contracts.vocabulary import LONGEST_NOTICE, LONGEST_NOTICE_MONTHS, Renewal

DAYS = st.dates(date(2000, 1, 1), date(2120, 12, 31))
_MONTH_ENDS = st.sampled_from(
    [date(2024, 2, 29), date(2025, 2, 28), date(2026, 4, 30), date(2026, 1, 31), date(2025, 12, 30)]
)
_NOTICE = st.one_of(
    st.just({}),
    st.builds(lambda n: {"notice_period_days": n}, st.integers(0, LONGEST_NOTICE)),
    st.builds(lambda n: {"notice_period_months": n}, st.integers(0, LONGEST_NOTICE_MONTHS)),
)


@st.composite
def terms(draw: st.DrawFn, **fixed: Any) -> Term:
    """Draw a term. Some of its fields can be fixed."""
    fields: dict[str, Any] = {
        "end_date": draw(st.one_of(DAYS, _MONTH_ENDS)),
        "renewal": draw(st.sampled_from([None, *Renewal])),
        "renewal_period_months": draw(st.sampled_from([None, 1, 2, 3, 6, 12, 18, 36, 120])),
        **draw(_NOTICE),
    }
    fields |= fixed
    if fields["end_date"] is not None and "max_extent_date" not in fields:
        beyond = draw(st.one_of(st.none(), st.integers(0, 4000)))
        if beyond is not None:
            fields["max_extent_date"] = fields["end_date"] + timedelta(days=beyond)
    return Term(**fields)
