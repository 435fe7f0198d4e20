"""Error messages that several modules of contracts, the pipeline and savings share."""

UNKNOWN_CURRENCY = "The currency is not a code of ISO 4217. Use a code such as GBP."
EXTENT_BEFORE_END = "The maximum extent date is before the end date. Correct one of them."
EXTENT_BEFORE_START = "The maximum extent date is before the start date. Correct one of them."


def below_zero(field: str) -> str:
    """State that the amount in a field is negative."""
    return f"The amount in `{field}` is less than zero. Send zero or more."
