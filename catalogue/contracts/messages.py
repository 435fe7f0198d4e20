"""Error messages that contracts, the pipeline and savings share."""

UNKNOWN_CURRENCY = "The currency is not an ISO 4217 code. Use a code such as GBP."
EXTENT_BEFORE_END = "The maximum extent date is before the end date. Correct one of them."
EXTENT_BEFORE_START = "The maximum extent date is before the start date. Correct one of them."


def below_zero(field: str) -> str:
    """Return the message for a negative amount in a field."""
    return f"The amount in `{field}` is less than zero. Send an amount of zero or more."
