"""What the readiness of systems for retirement looks like."""

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
from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.systems.vocabulary import Lifecycle

_AGENCY = {"example": "bedfordshire-police"}
_READY = {
    "description": "False: something is in the way. True: every kind of blocker could be looked "
    "into, and none is. Null: nothing that one may see is in the way, and `withheld` says of which "
    "kinds one cannot be sure; or there is nothing to retire.",
    "example": False,
}
_WITHHELD = {
    "description": "Kinds of blockers that one cannot be sure of, because what they rest on, or "
    "part of it, is not shown to one: by one's token, or by what is shared.",
    "example": [],
}
_EARLIEST = {
    "description": "The first day on which nothing that one knows of is in the way. Null where "
    "something is that no date is known for, and where there is nothing to retire. A contract is "
    "in the way until its end, if notice can still be given; else until the end of the year by "
    "which it goes on, or of its greatest extent, if that comes first.",
    "example": "2027-03-31",
}
_NOT_BEFORE = {
    "description": "The last of the dates that are known, whatever else is in the way.",
    "example": "2027-03-31",
}
_COST = {
    "description": "What another year costs; null where it is not shown or not known.",
    "example": "188000.00",
}
_CURRENCY = {"description": "By ISO 4217.", "example": "GBP"}


def _reference(what: str) -> dict[str, object]:
    return {"description": what, "example": None}


class BlockerSchema(ReadSchema):
    """One thing that stands in the way of turning a system off."""

    kind = Choice(BlockerKind, metadata={"example": "contract_running"})
    detail = Text(
        metadata={
            "description": "A sentence for people.",
            "example": "Duty management runs until 31 March 2027; notice has to be given by "
            "1 December 2026.",
        }
    )
    cleared_by = Text(
        metadata={
            "description": "What would clear it.",
            "example": "Notice is given and it ends, or the system is taken out of it.",
        }
    )
    who = Text(
        allow_none=True,
        metadata={
            "description": "Whose it is to clear: the code of an agency, or `national_body`; null "
            "where one may not know which agency.",
            "example": "bedfordshire-police",
        },
    )
    due = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day to do it, where it would be too late after that.",
            "example": "2026-12-01",
        },
    )
    clears_on = fields.Date(
        allow_none=True,
        metadata={
            "description": "The first day on which it is no longer in the way, where known.",
            "example": "2027-03-31",
        },
    )
    decision_id = Uuid(allow_none=True, metadata=_reference("What was agreed of the system."))
    dependant_id = Uuid(
        allow_none=True,
        metadata=_reference("The system that relies on it; null where one may not see that."),
    )
    dependant_name = Text(allow_none=True, metadata={"example": None})
    interface_id = Uuid(allow_none=True, metadata=_reference("The interface by which it does."))
    use_id = Uuid(allow_none=True, metadata=_reference("The use that has not ended."))
    user_count = Integer(
        allow_none=True, metadata={"description": "How many have yet to be moved.", "example": None}
    )
    successor_id = Uuid(allow_none=True, metadata=_reference("The system that takes over."))
    successor_name = Text(allow_none=True, metadata={"example": None})
    contract_id = Uuid(allow_none=True, metadata={"example": EXAMPLE_ID})
    contract_title = Text(allow_none=True, metadata={"example": "Duty management"})
    end_date = fields.Date(
        allow_none=True, metadata={"description": "Of the contract.", "example": "2027-03-31"}
    )
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={"description": "Of the contract, be it past.", "example": "2026-12-01"},
    )
    max_extent_date = fields.Date(
        allow_none=True, metadata={"description": "Of the contract.", "example": "2029-03-31"}
    )
    exit_cost = MoneyField(
        allow_none=True,
        metadata={"description": "What it costs to end it early.", "example": "120000.00"},
    )
    currency = Text(allow_none=True, metadata=_CURRENCY)
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields of the contract shown as null because of who asks.",
            "example": [],
        },
    )


class SystemReadinessSchema(ReadSchema):
    """What stands in the way of turning a system off, as far as one may see it."""

    system_id = Uuid()
    system_name = Text(metadata={"example": "Duty management"})
    agency = Text(metadata=_AGENCY)
    lifecycle = Choice(Lifecycle, metadata={"example": "live"})
    nothing_to_retire = fields.Boolean(
        metadata={"description": "It never ran, or is gone.", "example": False}
    )
    ready = fields.Boolean(allow_none=True, metadata=_READY)
    blockers = ListOf(Nested(BlockerSchema))
    earliest_date = fields.Date(allow_none=True, metadata=_EARLIEST)
    not_before = fields.Date(allow_none=True, metadata=_NOT_BEFORE)
    withheld = ListOf(Choice(BlockerKind), metadata=_WITHHELD)


class NoticeSchema(ReadSchema):
    """A contract that is in the way of a group, and until when notice has to be given."""

    contract_id = Uuid()
    contract_title = Text(metadata={"example": "Duty management: licences and support"})
    agency = Text(metadata=_AGENCY)
    end_date = fields.Date(allow_none=True, metadata={"example": "2027-03-31"})
    last_notice_date = fields.Date(metadata={"example": "2026-12-01"})
    ends_on = fields.Date(
        allow_none=True,
        metadata={"description": "When it can be over now.", "example": "2027-03-31"},
    )
    cost_of_missing = MoneyField(allow_none=True, metadata=_COST)
    currency = Text(allow_none=True, metadata=_CURRENCY)
    system_ids = ListOf(Uuid(), metadata={"description": "Those of the group that it includes."})


class GroupReadinessSchema(ReadSchema):
    """What stands in the way of turning off the systems of an overlap that are to go."""

    overlap_id = Uuid()
    decision_ids = ListOf(
        Uuid(),
        metadata={
            "description": "The agreed decisions by which the systems go. Without any, every "
            "member that one sees is a candidate.",
            "example": [EXAMPLE_ID],
        },
    )
    ready = fields.Boolean(allow_none=True, metadata=_READY)
    earliest_date = fields.Date(allow_none=True, metadata=_EARLIEST)
    not_before = fields.Date(allow_none=True, metadata=_NOT_BEFORE)
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day to give notice, so as not to pay another year of a "
            "contract: the earliest that is still ahead.",
            "example": "2026-12-01",
        },
    )
    cost_of_missing = MoneyField(
        allow_none=True,
        metadata=_COST
        | {"description": "What another year of the contracts with that day costs, if known."},
    )
    currency = Text(allow_none=True, metadata=_CURRENCY)
    notices = ListOf(
        Nested(NoticeSchema),
        metadata={"description": "Contracts whose notice can still be given; the soonest first."},
    )
    missed_notices = ListOf(
        Nested(NoticeSchema),
        metadata={"description": "Contracts whose last day for notice has passed.", "example": []},
    )
    systems = ListOf(Nested(SystemReadinessSchema))
    withheld = ListOf(Choice(BlockerKind), metadata=_WITHHELD)
