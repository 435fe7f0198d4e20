"""Response body of the work that waits for an agency."""

from typing import Any

from catalogue.core.rest.schemas import Integer, ListOf, Nested, ReadSchema, Text
from catalogue.reports.waiting.operations import IMPORT_DAYS, NOTICE_DAYS


class WaitingListSchema(ReadSchema):
    """The number of records that wait, and the list of them."""

    count = Integer(metadata={"description": "The number of records.", "example": 4})
    path = Text(
        metadata={
            "description": "The path of the list that shows exactly these records.",
            "example": "/v1/systems?agency=bedfordshire-police&attestation_due=true",
        }
    )


def _waiting(meaning: str) -> Any:
    description = f"{meaning} Null if your token lacks the scope of the list."
    return Nested(WaitingListSchema, allow_none=True, metadata={"description": description})


class WaitingWorkSchema(ReadSchema):
    """The work that waits for your agency, as counts with the lists of the records."""

    agency = Text(
        metadata={"description": "The code of your agency.", "example": "bedfordshire-police"}
    )
    systems_to_confirm = _waiting(
        "Your agency's systems in use that it has not confirmed in the last year."
    )
    incomplete_systems = _waiting("Your agency's systems with expected fields that are empty.")
    overlaps_to_review = _waiting(
        "Overlaps with a system of your agency that nobody has confirmed or rejected."
    )
    decisions_to_sign = _waiting("Proposed decisions that your agency has to sign.")
    notices_due = _waiting(
        "Your agency's contracts whose last day for notice has passed or is at most "
        f"{NOTICE_DAYS} days away."
    )
    late_migrations = _waiting("Late migrations of your agency's systems.")
    blocked_migrations = _waiting(
        "Migrations of your agency's systems with a blocker that is not resolved. A migration can "
        "be late and blocked."
    )
    imports_with_rejected_rows = _waiting(
        f"Your agency's imports of the last {IMPORT_DAYS} days with rejected rows. Dry runs and "
        "reversed imports do not count."
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The names of the fields that are null because your token lacks a scope.",
            "example": [],
        },
    )
