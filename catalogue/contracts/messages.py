"""Error messages that contracts, the pipeline and savings share."""

UNKNOWN_CURRENCY = "The currency is not an ISO 4217 code. Use a code such as GBP."
EXTENT_BEFORE_END = "The maximum extent date is before the end date. Correct one of them."
EXTENT_BEFORE_START = "The maximum extent date is before the start date. Correct one of them."

TWO_NOTICE_PERIODS = (
    "The contract has a notice period in days and in months. Send the period that the contract "
    "states, and null for the other."
)
PERIOD_WITHOUT_RENEWAL = (
    "The contract does not renew, so it has no renewal period. Send null, or another `renewal`."
)
NOTICE_IN_FUTURE = "The date in `notice_given_on` is in the future. Record notice once it is given."
NOTICE_BEFORE_START = "The notice was given before the start date. Correct one of them."


def below_zero(field: str) -> str:
    """Return the message for a negative amount in a field."""
    return f"The amount in `{field}` is less than zero. Send an amount of zero or more."
