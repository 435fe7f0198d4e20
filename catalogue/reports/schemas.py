"""Response bodies of the reports on attestations and notice dates."""

from marshmallow import fields

from catalogue.contracts.vocabulary import NoticeWindow, TermStatus
from catalogue.core.rest.schemas import Choice, Integer, ListOf, MoneyField, ReadSchema, Text, Uuid
from catalogue.systems.vocabulary import AttestationVerdict, Lifecycle

_AGENCY = {
    "description": "The code of the owner.",
    "example": "bedfordshire-police",
}
_AGENCY_NAME = {"description": "The name of the owner.", "example": "Bedfordshire Police"}


class AgencyAttestationsSchema(ReadSchema):
    """Counts of an agency's systems in use, and of those that the agency confirmed."""

    id = Uuid(metadata={"description": "The id of the agency."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    in_use = Integer(
        metadata={
            "description": "The number of the agency's systems in use that you can see.",
            "example": 42,
        }
    )
    confirmed = Integer(
        metadata={
            "description": "The number of systems whose records the agency confirmed in the last year.",
            "example": 30,
        }
    )
    due = Integer(
        metadata={
            "description": "The number of systems whose records were not confirmed in the last year.",
            "example": 10,
        }
    )
    never_confirmed = Integer(
        metadata={
            "description": "The number of systems whose records were never confirmed. They also count "
            "as due.",
            "example": 4,
        }
    )
    average_completeness = Integer(
        allow_none=True,
        metadata={
            "description": "The mean completeness of the systems, in per cent. Null if you can see only "
            "summaries.",
            "example": 84,
        },
    )
    withheld = Integer(
        metadata={
            "description": "The number of systems in use that the other figures leave out, because "
            "you can see only a summary of them.",
            "example": 2,
        }
    )


class UnattestedSystemSchema(ReadSchema):
    """A system in use whose record the owner has not confirmed in the last year."""

    id = Uuid(metadata={"description": "The id of the system."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    name = Text(metadata={"description": "The name of the system.", "example": "Duty management"})
    lifecycle = Choice(Lifecycle, metadata={"example": "live"})
    attested_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "The moment of the owner's last confirmation. Null if there was none."
        },
    )
    days_since = Integer(
        allow_none=True,
        metadata={
            "description": "The days since the owner's last confirmation. Null if there was none.",
            "example": 402,
        },
    )
    attestation_verdict = Choice(
        AttestationVerdict,
        allow_none=True,
        metadata={
            "description": "The verdict of the last attestation. Null if there was none.",
            "example": "not_ours",
        },
    )
    completeness = Integer(
        metadata={
            "description": "The percentage of the expected fields that are filled, from 0 to 100.",
            "example": 90,
        }
    )
    missing = ListOf(
        Text(),
        metadata={
            "description": "The names of the expected fields that are empty.",
            "example": ["end_of_support"],
        },
    )


class NoticeDateSchema(ReadSchema):
    """A contract with its notice date, the last day to give notice."""

    id = Uuid(metadata={"description": "The id of the contract."})
    agency = Text(metadata=_AGENCY)
    agency_name = Text(metadata=_AGENCY_NAME)
    reference = Text(
        allow_none=True,
        metadata={
            "description": "The owner's reference for the contract. Null if withheld.",
            "example": "BCH/ICT/2024/017",
        },
    )
    title = Text(
        metadata={
            "description": "The title of the contract.",
            "example": "Duty management support and maintenance",
        }
    )
    supplier_id = Uuid(metadata={"description": "The id of the supplier."})
    supplier_name = Text(
        metadata={
            "description": "The name of the supplier.",
            "example": "NEC Software Solutions UK",
        }
    )
    end_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last agreed day of the contract. Null if withheld.",
            "example": "2027-03-31",
        },
    )
    end_of_term = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day of the contract's present term. Null if withheld.",
            "example": "2027-03-31",
        },
    )
    last_notice_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The last day on which the owner can give notice for the present term. It "
            "may have passed. Null if no notice period is recorded.",
            "example": "2026-12-01",
        },
    )
    next_notice_date = fields.Date(
        allow_none=True,
        metadata={
            "description": "The next day by which notice must be given, in the present term or a "
            "later term. Null if there is none.",
            "example": "2026-12-01",
        },
    )
    term_status = Choice(
        TermStatus,
        allow_none=True,
        metadata={
            "description": "The state of the present term: `notice_due`, `overdue` or `past_end`.",
            "example": "notice_due",
        },
    )
    annual_value = MoneyField(
        allow_none=True,
        metadata={
            "description": "The amount payable in a year, in `currency`. Null if unknown or withheld."
        },
    )
    exit_cost = MoneyField(
        allow_none=True,
        metadata={
            "description": "The amount payable to end the contract early. Null if unknown or withheld."
        },
    )
    currency = Text(
        allow_none=True,
        metadata={
            "description": "The ISO 4217 code of the currency of all amounts. Null if withheld.",
            "example": "GBP",
        },
    )
    systems = ListOf(
        Uuid(),
        metadata={
            "description": "The ids of the contract's systems that you can see.",
            "example": [],
        },
    )
    days_left = Integer(
        allow_none=True,
        metadata={
            "description": "The days from today to `last_notice_date`, below zero if it has passed.",
            "example": 8,
        },
    )
    window = Choice(
        NoticeWindow,
        allow_none=True,
        metadata={
            "description": "The time that is left to give notice.",
            "example": "this_month",
        },
    )
    retiring = Integer(
        allow_none=True,
        metadata={
            "description": "The number of the systems in `systems` that will retire under an agreed "
            "decision that you can see.",
            "example": 1,
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The names of the fields that are null because they are not shared with "
            "your agency.",
            "example": [],
        },
    )
