"""Query parameters and response bodies for the options of an overlap."""

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
from catalogue.core.rest.sum_schemas import number_sum
from catalogue.history.schemas import Count
from catalogue.rationalisation.decisions.briefing_schemas import AnnualCostsSchema
from catalogue.rationalisation.decisions.schemas import MEMBERS, MOST_MEMBERS
from catalogue.rationalisation.options.ranking import RANKING
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition

DEFAULT_OPTIONS, MOST_OPTIONS = 20, 50
_MEMBERS = MEMBERS | {
    "description": "The planned outcomes, in the form that `create_decision` takes as `members`."
}


class OptionMemberSchema(ReadSchema):
    """The planned outcome for one system, in the form of a decision's member."""

    system_id = Uuid(metadata={"description": "The system's id."})
    disposition = Choice(
        Disposition,
        metadata={
            "description": "The plan for the system. `tolerate` and `invest` mean that it stays.",
            "example": "invest",
        },
    )
    strategy = Choice(
        MigrationStrategy,
        metadata={"description": "The way to carry out the plan.", "example": "retain"},
    )
    successor_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The system that takes over from this one. Null if this one stays.",
            "example": None,
        },
    )


class OverlapOptionSchema(ReadSchema):
    """A possible plan for an overlap: one system is retained, or all stay as they are."""

    rank = Integer(
        allow_none=True,
        metadata={
            "description": "The place of the option by `ranking`, from 1. Null for the option in "
            "which all systems stay.",
            "example": 1,
        },
    )
    retained_system_id = Uuid(
        allow_none=True,
        metadata={"description": "The system that replaces the others. Null if all systems stay."},
    )
    retained_system_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the retained system. Null if all systems stay.",
            "example": "Duty management",
        },
    )
    retained_agency_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the agency that owns the retained system. Null if all "
            "systems stay.",
            "example": "Bedfordshire Police",
        },
    )
    all_stay = Boolean(
        metadata={
            "description": "True for the option in which all systems stay as they are.",
            "example": False,
        }
    )
    members = ListOf(Nested(OptionMemberSchema), max=MOST_MEMBERS, metadata=_MEMBERS)
    reasons = ListOf(
        Text(),
        metadata={
            "description": "Reasons for the option, as sentences.",
            "example": ["The technical fit is 4 of 4."],
        },
    )
    cautions = ListOf(
        Text(),
        metadata={
            "description": "Risks and duties that come with the option, as sentences.",
            "example": ["Support for this system ends on 31 December 2027."],
        },
    )
    answers = ListOf(
        Text(),
        metadata={
            "description": "The option's answers to the questions of `ranking`, in their order. "
            "Empty for the option in which all systems stay.",
            "example": ["Yes.", "Yes.", "No.", "7 of 8.", "£60,000.00.", "420.", "3."],
        },
    )
    users_to_move = number_sum("The number of people who use systems that retire.")
    costs = Nested(
        AnnualCostsSchema,
        metadata={"description": "The annual costs of the systems, before and after the option."},
    )


class OverlapOptionsSchema(ReadSchema):
    """The ranked options for the systems of an overlap that you can see."""

    overlap_id = Uuid(metadata={"description": "The overlap's id."})
    kind = Choice(
        OverlapKind,
        metadata={
            "description": "The feature that the systems share, which affects their outcomes.",
            "example": "same_product",
        },
    )
    ranking = ListOf(
        Text(),
        metadata={
            "description": "The questions that rank the options. A question counts only if all "
            "earlier answers are equal. Names of systems break the last ties.",
            "example": list(RANKING),
        },
    )
    options = ListOf(
        Nested(OverlapOptionSchema),
        max=MOST_OPTIONS + 1,
        metadata={
            "description": "The options, best first. The option in which all systems stay is last."
        },
    )
    further_options = Integer(
        metadata={
            "description": "The number of lower-ranked options beyond `limit`.",
            "example": 0,
        }
    )


class OptionsQuery(WriteSchema):
    """The limit on the number of ranked options."""

    limit = Count(
        min=1,
        max=MOST_OPTIONS,
        load_default=DEFAULT_OPTIONS,
        metadata={
            "description": "The most ranked options to return. The option in which all systems stay "
            "comes in addition."
        },
    )
