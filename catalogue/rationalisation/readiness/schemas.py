"""Response bodies with the readiness of systems and overlaps for retirement."""

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
)
from catalogue.core.rest.sum_schemas import money_sum
from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.systems.vocabulary import Lifecycle

_OWNER = {
    "description": "The code of the agency that owns the system.",
    "example": "bedfordshire-police",
}
_CONTRACT_AGENCY = {
    "description": "The code of the agency that owns the contract.",
    "example": "bedfordshire-police",
}
_READY = {
    "description": "False if a blocker exists. True if none exists and you can see every kind. "
    "Null if you see no blocker but `withheld` lists kinds, or if no system is in use.",
    "example": False,
}
_WITHHELD = {
    "description": "The kinds of blockers that you cannot fully see. Your token lacks a scope, or "
    "the owner does not share all the records with your agency.",
    "example": [],
}
_EARLIEST = {
    "description": "The first day on which no known blocker is left. Null if a blocker has no known "
    "date, or if no system is in use. A contract blocks until its end while notice can be given. "
    "After that, it blocks until the end of its extension, or of its greatest extent if earlier.",
    "example": "2027-03-31",
}
_NOT_BEFORE = {
    "description": "The latest known date on which a blocker clears. Other blockers can last longer. "
    "Null if no date is known.",
    "example": "2027-03-31",
}
_COST = {
    "description": "The cost of a further term of the contract, if notice is not given in time. Null "
    "if the cost is not recorded, or if you cannot see it.",
    "example": "188000.00",
}
_CURRENCY = {
    "description": "The currency of the amounts, as an ISO 4217 code. Null if there is no amount.",
    "example": "GBP",
}


def _related(description: str) -> dict[str, object]:
    return {
        "description": f"{description} Null if the blocker is of another kind.",
        "example": None,
    }


class RetirementBlockerSchema(ReadSchema):
    """A reason why a system cannot be retired yet."""

    kind = Choice(
        BlockerKind,
        metadata={"description": "The kind of the blocker.", "example": "contract_running"},
    )
    detail = Text(
        metadata={
            "description": "The blocker in one or two sentences.",
            "example": 'The contract "Duty management" runs until 31 March 2027. Notice is due by '
            "1 December 2026.",
        }
    )
    resolution = Text(
        metadata={
            "description": "The action that clears the blocker.",
            "example": "Give notice to end the contract, or remove this system from the contract.",
        }
    )
    owner = Text(
        allow_none=True,
        metadata={
            "description": "The code of the agency that must clear the blocker, or `national_body`. "
            "Null if you cannot see the agency.",
            "example": "bedfordshire-police",
        },
    )
    due_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day on which the owner can act. Null if there is no such day, "
            "or if it has passed.",
            "example": "2026-12-01",
        },
    )
    clear_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The first day without the blocker. Null if that is not known.",
            "example": "2027-03-31",
        },
    )
    decision_id = Uuid(
        allow_none=True, metadata=_related("The agreed decision on the system, if there is one.")
    )
    dependant_id = Uuid(
        allow_none=True,
        metadata=_related("The system that relies on this one, if you can see it."),
    )
    dependant_name = Text(
        allow_none=True,
        metadata=_related("The name of the system that relies on this one, if you can see it."),
    )
    interface_id = Uuid(
        allow_none=True, metadata=_related("The interface through which it relies on this one.")
    )
    use_id = Uuid(allow_none=True, metadata=_related("The agency's use that has not ended."))
    user_count = Integer(
        allow_none=True,
        metadata=_related("The number of people who still have to move, if it is recorded."),
    )
    successor_id = Uuid(allow_none=True, metadata=_related("The successor that is not live."))
    successor_name = Text(allow_none=True, metadata=_related("The name of that successor."))
    contract_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The contract that covers the system. Null if the blocker is of another "
            "kind.",
            "example": EXAMPLE_ID,
        },
    )
    contract_title = Text(
        allow_none=True,
        metadata={
            "description": "The title of the contract. Null if the blocker is of another kind.",
            "example": "Duty management",
        },
    )
    end_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The end of the contract's present term. Null if no end is recorded.",
            "example": "2027-03-31",
        },
    )
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day to give notice on the contract, even if it has passed. Null "
            "if it is not recorded, or if you cannot see it.",
            "example": "2026-12-01",
        },
    )
    max_extent_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The latest day to which the contract can be extended. Null if it is not "
            "recorded, or if you cannot see it.",
            "example": "2029-03-31",
        },
    )
    exit_cost = MoneyField(
        allow_none=True,
        metadata={
            "description": "The cost of ending the contract early, in `currency`. Null if it is not "
            "recorded, or if you cannot see it.",
            "example": "120000.00",
        },
    )
    currency = Text(allow_none=True, metadata=_CURRENCY)
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields of the contract that you cannot see. Their values are null.",
            "example": [],
        },
    )


class SystemReadinessSchema(ReadSchema):
    """The readiness of a system for retirement, with the blockers that you can see."""

    system_id = Uuid(metadata={"description": "The system's id."})
    system_name = Text(metadata={"description": "The system's name.", "example": "Duty management"})
    agency = Text(metadata=_OWNER)
    lifecycle = Choice(
        Lifecycle, metadata={"description": "The state of the system.", "example": "live"}
    )
    in_use = fields.Boolean(
        metadata={
            "description": "False if the system never ran or no longer runs. Such a system needs no "
            "retirement, and has no blockers.",
            "example": True,
        }
    )
    ready = fields.Boolean(allow_none=True, metadata=_READY)
    blockers = ListOf(
        Nested(RetirementBlockerSchema),
        metadata={"description": "The blockers that you can see, by kind."},
    )
    earliest_date = fields.Date(allow_none=True, metadata=_EARLIEST)
    not_before = fields.Date(allow_none=True, metadata=_NOT_BEFORE)
    withheld = ListOf(Choice(BlockerKind), metadata=_WITHHELD)


class ContractNoticeSchema(ReadSchema):
    """A contract that keeps systems of a group from retiring, with its last day for notice."""

    contract_id = Uuid(metadata={"description": "The contract's id."})
    contract_title = Text(
        metadata={
            "description": "The contract's title.",
            "example": "Duty management: licences and support",
        }
    )
    agency = Text(metadata=_CONTRACT_AGENCY)
    end_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The end of the contract's present term. Null if no end is recorded.",
            "example": "2027-03-31",
        },
    )
    last_notice_date = fields.Date(
        metadata={
            "description": "The last day on which the agency can give notice.",
            "example": "2026-12-01",
        }
    )
    earliest_end_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The earliest day on which the contract can end. Null if that is not "
            "known.",
            "example": "2027-03-31",
        },
    )
    cost_of_missing_notice = MoneyField(allow_none=True, metadata=_COST)
    currency = Text(allow_none=True, metadata=_CURRENCY)
    system_ids = ListOf(
        Uuid(), metadata={"description": "The systems of the group that the contract covers."}
    )


class GroupReadinessSchema(ReadSchema):
    """The readiness of the retiring systems of an overlap."""

    overlap_id = Uuid(metadata={"description": "The overlap's id."})
    decision_ids = ListOf(
        Uuid(),
        metadata={
            "description": "The agreed decisions that retire the systems. If the list is empty, "
            "`systems` holds every member that you can see.",
            "example": [EXAMPLE_ID],
        },
    )
    ready = fields.Boolean(allow_none=True, metadata=_READY)
    earliest_date = fields.Date(allow_none=True, metadata=_EARLIEST)
    not_before = fields.Date(allow_none=True, metadata=_NOT_BEFORE)
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The earliest last day for notice that has not passed. After that day, a "
            "contract runs for a further term. Null if there is no such day.",
            "example": "2026-12-01",
        },
    )
    cost_of_missing_notice = money_sum(
        "The cost of a further term of all contracts with that last day, in `currency`. Null if there "
        "is no such day. Costs in several currencies count as unknown.",
        null=True,
    )
    currency = Text(allow_none=True, metadata=_CURRENCY)
    notices = ListOf(
        Nested(ContractNoticeSchema),
        metadata={
            "description": "Contracts on which notice can still be given, the most urgent first."
        },
    )
    missed_notices = ListOf(
        Nested(ContractNoticeSchema),
        metadata={"description": "Contracts whose last day for notice has passed.", "example": []},
    )
    systems = ListOf(
        Nested(SystemReadinessSchema),
        metadata={"description": "The systems that retire, by owner and name."},
    )
    withheld = ListOf(Choice(BlockerKind), metadata=_WITHHELD)
