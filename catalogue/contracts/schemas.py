"""What contracts and lines of cost look like, and what one may say about them."""

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields

from catalogue.agencies.schemas import CODE, MOST_PARTIES
from catalogue.agencies.visibility import Disclosure
from catalogue.contracts.financial_years import FORM, is_financial_year
from catalogue.contracts.vocabulary import (
    LONGEST_NOTICE,
    STERLING,
    CostCategory,
    ProcurementRegime,
    ProcurementRoute,
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

NOT_NEGATIVE = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"
CURRENCY = r"^[A-Z]{3}$"
OCID = r"^ocds-[a-z0-9]{6}-[!-~]+$"

_MEANS = {
    "agency": "The agency that made it, and answers for the record.",
    "reference": "What the agency files it under; unique within the agency.",
    "supplier_id": "The supplier in the shared register.",
    "parties": "Codes of agencies that may use it besides the one that made it.",
    "annual_value": "What it costs in a year.",
    "total_value": "What it costs from start to end, without extensions.",
    "exit_cost": "What it costs to end it early.",
    "currency": "The currency of its amounts, by ISO 4217.",
    "end_date": "The last day that is agreed.",
    "max_extent_date": "The last day, if every option to extend is taken.",
    "notice_period_days": "How many calendar days before its end notice must be given.",
    "last_notice_date": "The last day on which notice can be given: its end less the notice.",
    "ocid": "Its Open Contracting ID, under which its notices are published.",
    "disclosure": "With whom the agency shares the record. Its parties are shown all of it anyway.",
    "financial_year": "From April to March.",
    "description": "What the money is for; it tells lines of one category and year apart.",
    "note": "Where the figure comes from, and what it takes for granted.",
}
_WITHHELD = {"description": "Fields shown as null because of who asks.", "example": []}


def _m(name: str, example: object) -> dict[str, object]:
    return {"example": example} | ({"description": _MEANS[name]} if name in _MEANS else {})


def _systems(said: str) -> dict[str, object]:
    return {"description": said, "example": []}


class Amount(MoneyField):
    """An amount of money that is not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = dict(self.metadata) | {"pattern": NOT_NEGATIVE}

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Decimal:
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(NOT_NEGATIVE.strip("^$"), value):
            raise validation_error("It may not be less than zero.", "out_of_range")
        return amount


class FinancialYear(Text):
    """A financial year such as 2026-27."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=7, pattern=FORM, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not is_financial_year(text):
            raise validation_error(
                "It names two years, the second of which follows.", "out_of_order"
            )
        return text


class ContractCreate(WriteSchema):
    """A contract to record, for the actor's own agency."""

    reference = Text(max=100, required=True, metadata=_m("reference", "BCH/ICT/2024/017"))
    title = Text(required=True, metadata=_m("title", "Duty management support and maintenance"))
    supplier_id = Uuid(required=True, metadata={"description": _MEANS["supplier_id"]})
    parties = ListOf(
        Text(max=80, pattern=CODE), max=MOST_PARTIES, unique=True, metadata=_m("parties", [])
    )
    systems = ListOf(
        Uuid(),
        max=200,
        unique=True,
        metadata=_systems(
            "Ids of the systems that it is about, which one must see. In a change, this replaces "
            "those that one sees."
        ),
    )
    annual_value = Amount(allow_none=True, metadata=_m("annual_value", "185000.00"))
    total_value = Amount(allow_none=True, metadata=_m("total_value", "925000.00"))
    exit_cost = Amount(allow_none=True, metadata=_m("exit_cost", "40000.00"))
    currency = Text(max=3, pattern=CURRENCY, metadata=_m("currency", STERLING))
    start_date = DateField(allow_none=True, metadata=_m("start_date", "2024-04-01"))
    end_date = DateField(allow_none=True, metadata=_m("end_date", "2029-03-31"))
    max_extent_date = DateField(allow_none=True, metadata=_m("max_extent_date", "2031-03-31"))
    notice_period_days = Integer(
        max=LONGEST_NOTICE, allow_none=True, metadata=_m("notice_period_days", 180)
    )
    procurement_route = Choice(ProcurementRoute, allow_none=True)
    regime = Choice(ProcurementRegime, allow_none=True)
    ocid = Text(max=100, pattern=OCID, allow_none=True, metadata=_m("ocid", "ocds-h6vhtk-04a1f2"))
    disclosure = Choice(Disclosure, metadata=_m("disclosure", "agreement"))


ContractPatch = patch_schema_of(ContractCreate, "ContractPatch")


class ContractSchema(ReadSchema):
    """What an agency agreed with a supplier, for itself and perhaps for others."""

    id = Uuid()
    agency = Text(metadata=_m("agency", "bedfordshire-police"))
    agency_name = Text(metadata={"example": "Bedfordshire Police"})
    reference = Text(allow_none=True, metadata=_m("reference", "BCH/ICT/2024/017"))
    title = Text(metadata=_m("title", "Duty management support and maintenance"))
    supplier_id = Uuid(metadata={"description": _MEANS["supplier_id"]})
    supplier_name = Text(metadata={"example": "NEC Software Solutions UK"})
    parties = ListOf(Text(), allow_none=True, metadata=_m("parties", []))
    systems = ListOf(
        Uuid(), metadata=_systems("Ids of the systems that it is about, as far as one sees them.")
    )
    annual_value = MoneyField(allow_none=True, metadata=_m("annual_value", "185000.00"))
    total_value = MoneyField(allow_none=True, metadata=_m("total_value", "925000.00"))
    exit_cost = MoneyField(allow_none=True, metadata=_m("exit_cost", "40000.00"))
    currency = Text(allow_none=True, metadata=_m("currency", STERLING))
    start_date = fields.Date(allow_none=True)
    end_date = fields.Date(allow_none=True, metadata=_m("end_date", "2029-03-31"))
    max_extent_date = fields.Date(allow_none=True, metadata=_m("max_extent_date", "2031-03-31"))
    notice_period_days = Integer(allow_none=True, metadata=_m("notice_period_days", 180))
    last_notice_date = fields.Date(allow_none=True, metadata=_m("last_notice_date", "2028-10-02"))
    procurement_route = Choice(ProcurementRoute, allow_none=True)
    regime = Choice(ProcurementRegime, allow_none=True)
    ocid = Text(allow_none=True, metadata=_m("ocid", "ocds-h6vhtk-04a1f2"))
    disclosure = Choice(Disclosure, allow_none=True, metadata=_m("disclosure", "agreement"))
    created_at = fields.DateTime(allow_none=True)
    updated_at = fields.DateTime(allow_none=True)
    withheld = ListOf(Text(), metadata=_WITHHELD)


class CostLineCreate(WriteSchema):
    """A line of cost to record, of a system of the actor's own agency."""

    financial_year = FinancialYear(required=True, metadata=_m("financial_year", "2026-27"))
    category = Choice(CostCategory, required=True, metadata={"example": "recurring_revenue"})
    description = Text(allow_none=True, metadata=_m("description", "Support and maintenance"))
    amount = Amount(required=True, metadata={"example": "52000.00"})
    note = Text(max=2000, allow_none=True, metadata=_m("note", "From the ledger, April to October"))


CostLinePatch = patch_schema_of(CostLineCreate, "CostLinePatch")


class CostLineSchema(ReadSchema):
    """What one thing about a system costs in one financial year."""

    id = Uuid()
    system_id = Uuid()
    agency = Text(metadata={"example": "bedfordshire-police"})
    financial_year = Text(metadata=_m("financial_year", "2026-27"))
    category = Choice(CostCategory, metadata={"example": "recurring_revenue"})
    description = Text(allow_none=True, metadata=_m("description", "Support and maintenance"))
    amount = MoneyField(allow_none=True, metadata={"example": "52000.00"})
    currency = Text(metadata={"description": "Always pounds.", "example": STERLING})
    note = Text(allow_none=True, metadata=_m("note", "From the ledger, April to October"))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    withheld = ListOf(Text(), metadata=_WITHHELD)
