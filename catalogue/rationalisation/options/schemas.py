"""What options look like."""

from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
)
from catalogue.history.schemas import Count
from catalogue.rationalisation.decisions.schemas import MEMBERS, MOST_MEMBERS, CostAYearSchema
from catalogue.rationalisation.options.rules import RANKING
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition

DEFAULT_OPTIONS, MOST_OPTIONS = 20, 50
_MEMBERS = MEMBERS | {"description": "As a decision takes them; see `draft_decision`."}


class OptionMemberSchema(ReadSchema):
    """What would become of one system, as a decision takes it."""

    system_id = Uuid()
    disposition = Choice(Disposition, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy, metadata={"example": "retain"})
    successor_id = Uuid(allow_none=True, metadata={"example": None})


class OptionSchema(ReadSchema):
    """One thing that could be done: one system stays and the others go, or all stay."""

    rank = Integer(
        allow_none=True,
        metadata={
            "description": "Its place by `ranking`; null where all stay as they are.",
            "example": 1,
        },
    )
    stays_id = Uuid(
        allow_none=True,
        metadata={"description": "The system that the others give way to; null where none does."},
    )
    stays_name = Text(allow_none=True, metadata={"example": "Duty management"})
    stays_agency_name = Text(allow_none=True, metadata={"example": "Bedfordshire Police"})
    all_stay = Boolean(metadata={"description": "Whether all stay as they are.", "example": False})
    members = ListOf(Nested(OptionMemberSchema), max=MOST_MEMBERS, metadata=_MEMBERS)
    reasons = ListOf(
        Text(),
        metadata={
            "description": "What speaks for it.",
            "example": ["Its technical fit is 4 of 4."],
        },
    )
    cautions = ListOf(
        Text(),
        metadata={
            "description": "What speaks against it, or is to be heeded.",
            "example": ["Its support ends on 31 December 2027."],
        },
    )
    answers = ListOf(
        Text(),
        metadata={
            "description": "Its answers to the questions of `ranking`, one for each.",
            "example": ["Yes.", "No.", "7 of 8.", "£60,000.00.", "420.", "3."],
        },
    )
    users_to_move = Integer(
        allow_none=True,
        metadata={
            "description": "People who use systems that go, as far as known; null: of none.",
            "example": 420,
        },
    )
    users_unknown = Integer(
        metadata={
            "description": "Of how many systems that go it is not known how many people move.",
            "example": 0,
        }
    )
    costs = Nested(CostAYearSchema)


class OptionsSchema(ReadSchema):
    """What could become of the systems of a group, as far as one sees them."""

    overlap_id = Uuid()
    kind = Choice(OverlapKind, metadata={"example": "same_product"})
    ranking = ListOf(
        Text(),
        metadata={
            "description": "The questions by which options are put in order: each counts only "
            "where those before it are answered alike; at last, the systems' names do.",
            "example": list(RANKING),
        },
    )
    options = ListOf(Nested(OptionSchema), max=MOST_OPTIONS + 1)
    more = Integer(
        metadata={
            "description": "How many other systems could stay, which come after those in rank.",
            "example": 0,
        }
    )


class OptionsQuery(WriteSchema):
    """How many options are wanted."""

    limit = Count(
        min=1,
        max=MOST_OPTIONS,
        load_default=DEFAULT_OPTIONS,
        metadata={"description": "How many options at most, besides the one that all stay."},
    )
