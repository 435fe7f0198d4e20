"""What entries of the pipeline look like to their agency, and to the public."""

import re
from typing import Any

from marshmallow import fields

from catalogue.contracts.pipeline.vocabulary import (
    PipelineKind,
    PipelineStatus,
    ProcurementCategory,
)
from catalogue.contracts.schemas import CURRENCY, OCID, Amount
from catalogue.contracts.vocabulary import STERLING, ProcurementRegime, ProcurementRoute
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    DateField,
    ListOf,
    MoneyField,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
    validation_error,
)

CPV = r"^[0-9]{8}$"
FUNCTIONS = (
    "[Pp]rocure|[Cc]ommercial|[Cc]ontracts|[Tt]ender|[Pp]urchas|[Bb]uying|[Ss]ourcing|[Ss]uppl"
)
MAILBOX = rf"^[A-Za-z0-9._+-]*({FUNCTIONS})[A-Za-z0-9._+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
"""An address that names what it is for, since a published one is read by robots for ever."""

_MEANS = {
    "kind": "Whether a contract ends, or something is to be procured.",
    "contract_id": "The contract that it is about, of one's own agency. What is not given is taken "
    "from it once, but for money; the public is never shown which it is.",
    "description": "What is provided or needed, in plain words.",
    "buyer": "The code of the agency that buys.",
    "cpv": "The main code of the Common Procurement Vocabulary, without its check digit.",
    "estimated_value": "What it is worth from start to end, roughly. Never taken from a contract.",
    "currency": "The currency of the value, by ISO 4217.",
    "contract_start": "The first day of the contract: of the one that ends, or the one planned.",
    "contract_end": "Its last day.",
    "max_extent_date": "Its last day, if every option to extend is taken.",
    "planned_notice_date": "When a notice is meant to appear that suppliers can answer.",
    "contact": "The mailbox of a function, such as procurement; no person's.",
    "supplier": "Who provides it now.",
    "supplier_shown": "Whether the supplier is published too.",
    "ocid": "The Open Contracting ID under which its notices appear, if it has one.",
    "published_at": "Since when it is published.",
}


def _m(name: str, example: object = None) -> dict[str, object]:
    said = {"description": _MEANS[name]} if name in _MEANS else {}
    return said | ({} if example is None else {"example": example})


class Mailbox(Text):
    """The address of a function's mailbox."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=200, **kwargs)
        self.metadata = dict(self.metadata) | {"pattern": MAILBOX}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(MAILBOX.strip("^$"), value):
            detail = "Give the mailbox of a function, such as procurement@..., and no person's."
            raise validation_error(detail, "personal")
        return text


class PipelineEntryCreate(WriteSchema):
    """What to tell suppliers, drafted for the actor's own agency."""

    kind = Choice(PipelineKind, required=True, metadata=_m("kind"))
    contract_id = Uuid(allow_none=True, metadata=_m("contract_id"))
    title = Text(metadata=_m("title", "Duty management from 2029"))
    description = Text(
        max=5000, allow_none=True, metadata=_m("description", "Rostering for 5,000 officers.")
    )
    category = Choice(ProcurementCategory, allow_none=True)
    cpv = Text(max=8, pattern=CPV, allow_none=True, metadata=_m("cpv", "48450000"))
    estimated_value = Amount(allow_none=True, metadata=_m("estimated_value", "900000.00"))
    currency = Text(max=3, pattern=CURRENCY, metadata=_m("currency", STERLING))
    contract_start = DateField(allow_none=True, metadata=_m("contract_start", "2024-04-01"))
    contract_end = DateField(allow_none=True, metadata=_m("contract_end", "2029-03-31"))
    max_extent_date = DateField(allow_none=True, metadata=_m("max_extent_date", "2031-03-31"))
    procurement_route = Choice(ProcurementRoute, allow_none=True)
    regime = Choice(ProcurementRegime, allow_none=True)
    planned_notice_date = DateField(
        allow_none=True, metadata=_m("planned_notice_date", "2028-04-01")
    )
    contact = Mailbox(allow_none=True, metadata=_m("contact", "procurement@beds.example"))
    supplier = Text(allow_none=True, metadata=_m("supplier", "NEC Software Solutions UK"))
    supplier_shown = Boolean(metadata=_m("supplier_shown"))
    ocid = Text(max=100, pattern=OCID, allow_none=True, metadata=_m("ocid", "ocds-h6vhtk-04a1f2"))


PipelineEntryPatch = patch_schema_of(
    PipelineEntryCreate, "PipelineEntryPatch", without=("contract_id",)
)


class PublishedEntrySchema(ReadSchema):
    """A contract that ends, or a procurement that is planned, as its agency published it."""

    id = Uuid()
    kind = Choice(PipelineKind)
    title = Text(metadata=_m("title", "Duty management from 2029"))
    description = Text(allow_none=True, metadata=_m("description"))
    buyer = Text(metadata=_m("buyer", "bedfordshire-police"))
    buyer_name = Text(metadata={"example": "Bedfordshire Police"})
    category = Choice(ProcurementCategory, allow_none=True)
    cpv = Text(allow_none=True, metadata=_m("cpv", "48450000"))
    estimated_value = MoneyField(allow_none=True, metadata=_m("estimated_value", "900000.00"))
    currency = Text(metadata=_m("currency", STERLING))
    contract_start = fields.Date(allow_none=True, metadata=_m("contract_start", "2024-04-01"))
    contract_end = fields.Date(allow_none=True, metadata=_m("contract_end", "2029-03-31"))
    max_extent_date = fields.Date(allow_none=True, metadata=_m("max_extent_date", "2031-03-31"))
    procurement_route = Choice(ProcurementRoute, allow_none=True)
    regime = Choice(ProcurementRegime, allow_none=True)
    planned_notice_date = fields.Date(allow_none=True, metadata=_m("planned_notice_date"))
    contact = Text(allow_none=True, metadata=_m("contact", "procurement@beds.example"))
    supplier = Text(allow_none=True, metadata=_m("supplier", "NEC Software Solutions UK"))
    ocid = Text(allow_none=True, metadata=_m("ocid", "ocds-h6vhtk-04a1f2"))
    published_at = fields.DateTime(metadata=_m("published_at"))
    updated_at = fields.DateTime()


class PipelineEntrySchema(PublishedEntrySchema):
    """An entry of the pipeline, as its own agency sees it."""

    status = Choice(PipelineStatus)
    contract_id = Uuid(allow_none=True)
    supplier_shown = fields.Boolean(metadata=_m("supplier_shown"))
    published_at = fields.DateTime(allow_none=True, metadata=_m("published_at"))
    withdrawn_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()


class PublishedQuery(WriteSchema):
    """Which of what is published one wants."""

    kind = Choice(PipelineKind, metadata={"description": "Only entries of this kind."})
    buyer = Text(max=80, metadata={"description": "Only this agency's entries, by its code."})


class ReleasePublisher(ReadSchema):
    """Who publishes a release package."""

    name = Text(metadata={"example": "Shared IT service catalogue"})
    uri = Text(metadata={"example": "https://catalogue.example/"})


class ReleasePackageSchema(ReadSchema):
    """A release package of the Open Contracting Data Standard, 1.1."""

    uri = Text(metadata={"example": "https://catalogue.example/v1/pipeline/ocds"})
    version = Text(metadata={"example": "1.1"})
    publishedDate = fields.DateTime()  # noqa: N815 - the standard's name
    publisher = Nested(ReleasePublisher)
    releases = ListOf(fields.Dict(), metadata={"description": "One release for each entry."})
