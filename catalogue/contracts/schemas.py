"""Request and response bodies of the contract and cost endpoints."""

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields

from catalogue.agencies.schemas import CODE, MOST_PARTIES
from catalogue.agencies.visibility import Disclosure
from catalogue.contracts.financial_years import FORM, is_financial_year
from catalogue.contracts.messages import below_zero
from catalogue.contracts.vocabulary import (
    LONGEST_NOTICE,
    LONGEST_NOTICE_MONTHS,
    LONGEST_RENEWAL,
    STERLING,
    USUAL_RENEWAL,
    CostCategory,
    ProcurementRegime,
    ProcurementRoute,
    Renewal,
    TermStatus,
)
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    Integer,
    ListOf,
    MoneyField,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
    validation_error,
)
from catalogue.systems.schemas import WITHHELD

NOT_NEGATIVE = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"
CURRENCY = r"^[A-Z]{3}$"
OCID = r"^ocds-[a-z0-9]{6}-[!-~]+$"

_DESCRIPTIONS = {
    "agency": "The code of the agency that owns the contract.",
    "agency_name": "The name of the agency that owns the contract.",
    "reference": "The owner's reference for the contract, unique within the agency.",
    "title": "A short title of what the contract provides.",
    "supplier_id": "The id of the supplier in the shared register.",
    "supplier_name": "The present name of the supplier.",
    "parties": "Codes of other agencies that can use the contract. They see all fields of the contract.",
    "annual_value": "The amount payable in a year, in `currency`.",
    "total_value": "The amount payable from the start date to the end date, without extensions.",
    "exit_cost": "The amount payable to end the contract early.",
    "currency": "The ISO 4217 code of the currency of all amounts.",
    "start_date": "The first day of the contract.",
    "end_date": "The last agreed day, without extensions. Null if there is none.",
    "max_extent_date": "The last day if every option to extend is used.",
    "renewal": "The way in which the contract continues after its end date. If this is unknown and "
    "`max_extent_date` is later than `end_date`, the contract is assumed to renew itself.",
    "renewal_period_months": "The length of each further term in months. If this is unknown, "
    f"{USUAL_RENEWAL} months are assumed.",
    "notice_period_days": "The number of calendar days of notice needed to end the contract. Use "
    "either this field or `notice_period_months`.",
    "notice_period_months": "The number of calendar months of notice needed to end the contract.",
    "notice_given_on": "The day on which notice was given to end the contract. Null if no notice was "
    "given, or if the day is withheld.",
    "end_of_term": "The last day of the present term. If notice was given, or the contract has ended, "
    "this is its last day.",
    "last_notice_date": "The last day to give notice for the present term: the end of the term less "
    "the notice period. It may have passed. Null also if no notice is needed, or if it was given.",
    "next_notice_date": "The next day by which notice must be given, in the present term or a "
    "later term.",
    "term_status": "The state of the present term, today.",
    "procurement_route": "The route by which the contract was awarded.",
    "regime": "The procurement law that applies to the contract.",
    "ocid": "The Open Contracting ID of the contract's notices.",
    "disclosure": "The agencies that can see the contract without a grant. Parties always see it.",
    "created_at": "The time when the record was created.",
    "updated_at": "The time of the last change that you can see.",
}
_CAN_BE_UNKNOWN = frozenset(
    {
        "annual_value",
        "total_value",
        "exit_cost",
        "start_date",
        "max_extent_date",
        "renewal",
        "renewal_period_months",
        "notice_period_days",
        "notice_period_months",
        "end_of_term",
        "last_notice_date",
        "next_notice_date",
        "procurement_route",
        "regime",
        "ocid",
    }
)
_ONLY_WITHHELD = frozenset(
    {"reference", "parties", "currency", "term_status", "disclosure", "created_at", "updated_at"}
)
_COST_DESCRIPTIONS = {
    "system_id": "The id of the system that the cost is for.",
    "agency": "The code of the agency that owns the system.",
    "financial_year": "The financial year of the cost, from 1 April to 31 March.",
    "category": "The kind of cost.",
    "description": "The goods or service that the money pays for. It distinguishes lines of one category and "
    "year. "
    "Null if there is none.",
    "amount": "The cost in the financial year, in pounds.",
    "currency": "The currency of the amount, which is always GBP.",
    "note": "The source of the amount and the assumptions behind it. Null if there is none.",
}


def _written(name: str, example: object = None) -> dict[str, object]:
    """Describe a field that a client sends."""
    return _describe(name, " Null if unknown." if name in _CAN_BE_UNKNOWN else "", example)


def _read(name: str, example: object = None) -> dict[str, object]:
    """Describe a field of responses, which is null where it is withheld."""
    if name in _CAN_BE_UNKNOWN:
        return _describe(name, " Null if unknown or withheld.", example)
    return _describe(name, " Null if withheld." if name in _ONLY_WITHHELD else "", example)


def _describe(name: str, null: str, example: object) -> dict[str, object]:
    description = {"description": _DESCRIPTIONS[name] + null}
    return description | ({} if example is None else {"example": example})


def _describe_cost(name: str, example: object = None) -> dict[str, object]:
    description = {"description": _COST_DESCRIPTIONS[name]}
    return description | ({} if example is None else {"example": example})


class Amount(MoneyField):
    """A field for an amount of money of zero or more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = dict(self.metadata) | {"pattern": NOT_NEGATIVE}

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(NOT_NEGATIVE.strip("^$"), value):
            raise validation_error(below_zero(attr or "amount"), "out_of_range")
        return amount


class FinancialYear(Text):
    """A field for a financial year such as 2026-27."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max=7,
            pattern=FORM,
            pattern_text="{field} must be a financial year such as 2026-27.",
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not is_financial_year(text):
            raise validation_error(
                "The years of the financial year are not consecutive. Use a form such as 2026-27.",
                "out_of_order",
            )
        return text


class ContractCreate(WriteSchema):
    """A contract to create for your agency."""

    reference = Text(max=100, required=True, metadata=_written("reference", "BCH/ICT/2024/017"))
    title = Text(
        required=True, metadata=_written("title", "Duty management support and maintenance")
    )
    supplier_id = Uuid(required=True, metadata=_written("supplier_id"))
    parties = ListOf(
        Text(max=80, pattern=CODE), max=MOST_PARTIES, unique=True, metadata=_written("parties", [])
    )
    systems = ListOf(
        Uuid(),
        max=200,
        unique=True,
        metadata={
            "description": "Ids of the systems that the contract covers. You must be able to see "
            "each system. In a change, the list replaces the systems that you can see.",
            "example": [],
        },
    )
    annual_value = Amount(allow_none=True, metadata=_written("annual_value", "185000.00"))
    total_value = Amount(allow_none=True, metadata=_written("total_value", "925000.00"))
    exit_cost = Amount(allow_none=True, metadata=_written("exit_cost", "40000.00"))
    currency = Text(max=3, pattern=CURRENCY, metadata=_written("currency", STERLING))
    start_date = DateField(allow_none=True, metadata=_written("start_date", "2024-04-01"))
    end_date = DateField(allow_none=True, metadata=_written("end_date", "2029-03-31"))
    max_extent_date = DateField(allow_none=True, metadata=_written("max_extent_date", "2031-03-31"))
    renewal = Choice(Renewal, allow_none=True, metadata=_written("renewal", "automatic"))
    renewal_period_months = Integer(
        min=1, max=LONGEST_RENEWAL, allow_none=True, metadata=_written("renewal_period_months", 12)
    )
    notice_period_days = Integer(
        max=LONGEST_NOTICE, allow_none=True, metadata=_written("notice_period_days", 180)
    )
    # A made-up example would contradict the days, or be in the future.
    notice_period_months = Integer(
        max=LONGEST_NOTICE_MONTHS,
        allow_none=True,
        metadata=_written("notice_period_months") | {"example": None},
    )
    notice_given_on = DateField(
        allow_none=True, metadata=_written("notice_given_on") | {"example": None}
    )
    procurement_route = Choice(
        ProcurementRoute, allow_none=True, metadata=_written("procurement_route")
    )
    regime = Choice(ProcurementRegime, allow_none=True, metadata=_written("regime"))
    ocid = Text(
        max=100, pattern=OCID, allow_none=True, metadata=_written("ocid", "ocds-h6vhtk-04a1f2")
    )
    disclosure = Choice(Disclosure, metadata=_written("disclosure", "agreement"))


ContractPatch = patch_schema_of(ContractCreate, "ContractPatch")


class ContractSchema(ReadSchema):
    """A contract between an agency and a supplier. Other agencies can be parties to it."""

    id = Uuid(metadata={"description": "The id of the contract."})
    agency = Text(metadata=_read("agency", "bedfordshire-police"))
    agency_name = Text(metadata=_read("agency_name", "Bedfordshire Police"))
    reference = Text(allow_none=True, metadata=_read("reference", "BCH/ICT/2024/017"))
    title = Text(metadata=_read("title", "Duty management support and maintenance"))
    supplier_id = Uuid(metadata=_read("supplier_id"))
    supplier_name = Text(metadata=_read("supplier_name", "NEC Software Solutions UK"))
    parties = ListOf(Text(), allow_none=True, metadata=_read("parties", []))
    systems = ListOf(
        Uuid(),
        metadata={
            "description": "Ids of the systems that the contract covers and that you can see.",
            "example": [],
        },
    )
    annual_value = MoneyField(allow_none=True, metadata=_read("annual_value", "185000.00"))
    total_value = MoneyField(allow_none=True, metadata=_read("total_value", "925000.00"))
    exit_cost = MoneyField(allow_none=True, metadata=_read("exit_cost", "40000.00"))
    currency = Text(allow_none=True, metadata=_read("currency", STERLING))
    start_date = fields.Date(allow_none=True, metadata=_read("start_date", "2024-04-01"))
    end_date = fields.Date(allow_none=True, metadata=_read("end_date", "2029-03-31"))
    max_extent_date = fields.Date(allow_none=True, metadata=_read("max_extent_date", "2031-03-31"))
    renewal = Choice(Renewal, allow_none=True, metadata=_read("renewal", "automatic"))
    renewal_period_months = Integer(allow_none=True, metadata=_read("renewal_period_months", 12))
    notice_period_days = Integer(allow_none=True, metadata=_read("notice_period_days", 180))
    notice_period_months = Integer(allow_none=True, metadata=_read("notice_period_months"))
    notice_given_on = fields.Date(allow_none=True, metadata=_read("notice_given_on"))
    end_of_term = fields.Date(allow_none=True, metadata=_read("end_of_term", "2029-03-31"))
    last_notice_date = fields.Date(
        allow_none=True, metadata=_read("last_notice_date", "2028-10-02")
    )
    next_notice_date = fields.Date(
        allow_none=True, metadata=_read("next_notice_date", "2028-10-02")
    )
    term_status = Choice(TermStatus, allow_none=True, metadata=_read("term_status", "notice_due"))
    procurement_route = Choice(
        ProcurementRoute, allow_none=True, metadata=_read("procurement_route")
    )
    regime = Choice(ProcurementRegime, allow_none=True, metadata=_read("regime"))
    ocid = Text(allow_none=True, metadata=_read("ocid", "ocds-h6vhtk-04a1f2"))
    disclosure = Choice(Disclosure, allow_none=True, metadata=_read("disclosure", "agreement"))
    created_at = fields.DateTime(allow_none=True, metadata=_read("created_at"))
    updated_at = fields.DateTime(allow_none=True, metadata=_read("updated_at"))
    withheld = ListOf(Text(), metadata=WITHHELD)


class CostLineCreate(WriteSchema):
    """A cost line to create for your agency's system."""

    financial_year = FinancialYear(
        required=True, metadata=_describe_cost("financial_year", "2026-27")
    )
    category = Choice(
        CostCategory, required=True, metadata=_describe_cost("category", "recurring_revenue")
    )
    description = Text(
        allow_none=True, metadata=_describe_cost("description", "Support and maintenance")
    )
    amount = Amount(required=True, metadata=_describe_cost("amount", "52000.00"))
    note = Text(
        max=2000,
        allow_none=True,
        metadata=_describe_cost("note", "From the ledger, April to October"),
    )


CostLinePatch = patch_schema_of(CostLineCreate, "CostLinePatch")


class CostLineSchema(ReadSchema):
    """The cost of one category for one system in one financial year."""

    id = Uuid(metadata={"description": "The id of the cost line."})
    system_id = Uuid(metadata=_describe_cost("system_id"))
    agency = Text(metadata=_describe_cost("agency", "bedfordshire-police"))
    financial_year = Text(metadata=_describe_cost("financial_year", "2026-27"))
    category = Choice(CostCategory, metadata=_describe_cost("category", "recurring_revenue"))
    description = Text(
        allow_none=True, metadata=_describe_cost("description", "Support and maintenance")
    )
    amount = MoneyField(allow_none=True, metadata=_describe_cost("amount", "52000.00"))
    currency = Text(metadata=_describe_cost("currency", STERLING))
    note = Text(
        allow_none=True, metadata=_describe_cost("note", "From the ledger, April to October")
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    withheld = ListOf(Text(), metadata=WITHHELD)
