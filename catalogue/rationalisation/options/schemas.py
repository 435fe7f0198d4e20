"""What options look like."""

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
)
from catalogue.history.schemas import Count
from catalogue.rationalisation.decisions.schemas import MOST_MEMBERS
from catalogue.rationalisation.options.rules import RANKING
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition

DEFAULT_OPTIONS, MOST_OPTIONS = 20, 50
_OTHER_ID = "0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c11"
_MEMBERS = {
    "description": "As a decision takes them; see `draft_decision`.",
    "example": [
        {
            "system_id": EXAMPLE_ID,
            "disposition": "invest",
            "strategy": "retain",
            "successor_id": None,
        },
        {
            "system_id": _OTHER_ID,
            "disposition": "migrate",
            "strategy": "relocate",
            "successor_id": EXAMPLE_ID,
        },
    ],
}


class OptionMemberSchema(ReadSchema):
    """What would become of one system, as a decision takes it."""

    system_id = Uuid()
    disposition = Choice(Disposition, metadata={"example": "invest"})
    strategy = Choice(MigrationStrategy, metadata={"example": "retain"})
    successor_id = Uuid(allow_none=True, metadata={"example": None})


class OptionCostsSchema(ReadSchema):
    """Recurring costs of one financial year, of the systems whose costs one knows."""

    financial_year = Text(
        allow_none=True,
        metadata={
            "description": "The latest, up to the current one, that any costs are known of.",
            "example": "2026-27",
        },
    )
    before = MoneyField(
        allow_none=True,
        metadata={"description": "What they cost now, in pounds.", "example": "185000.00"},
    )
    after = MoneyField(
        allow_none=True,
        metadata={"description": "What those of them cost that stay.", "example": "60000.00"},
    )
    withheld_systems = Integer(
        metadata={
            "description": "Of how many systems one may not see the costs: they are in no sum.",
            "example": 1,
        }
    )
    unrecorded_systems = Integer(
        metadata={
            "description": "Of how many no costs are recorded for that year: nor are these.",
            "example": 0,
        }
    )


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
    costs = Nested(OptionCostsSchema)


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
