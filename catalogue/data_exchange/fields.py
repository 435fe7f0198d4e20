"""Fields of a system that a spreadsheet can fill, with their usual headings."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The way in which the cells of a field are read."""

    TEXT = "text"
    LIST = "list"
    TAGS = "tags"
    CAPABILITIES = "capabilities"
    CHOICE = "choice"
    INTEGER = "whole number"
    HOURS = "hours"
    BOOLEAN = "yes or no"
    FROM_DATE = "date"
    UNTIL_DATE = "last date"
    EXTERNAL_ID = "external id"


@dataclass(frozen=True, slots=True)
class ImportField:
    """A field, the kind of its cells, and its usual headings, the clearest first.

    A heading in `doubtful` names the field only if the column's values fit it.
    """

    name: str
    kind: Kind
    headings: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


_CATEGORY_LIKE = (
    "category", "application category", "software category", "type of system", "function",
    "business function", "functional area", "business area", "service area", "domain",
)  # fmt: skip

FIELDS: tuple[ImportField, ...] = (
    ImportField(
        "name",
        Kind.TEXT,
        (
            "system name", "application name", "service name", "standard name", "app name",
            "solution name", "software name", "asset name", "ci name", "name of system",
            "system", "application", "solution", "software", "title", "app", "it system",
            "system or application",
        ),
    ),
    ImportField(
        "external_id",
        Kind.EXTERNAL_ID,
        (
            "system id", "asset id", "application id", "app id", "ci id", "cmdb id", "record id",
            "unique id", "unique identifier", "system ref", "system reference", "asset ref",
            "asset number", "asset tag", "ci number", "configuration item", "ref", "reference",
            "reference number", "ref number", "id", "ci", "sys id", "identifier",
        ),
    ),
    ImportField(
        "product_name",
        Kind.TEXT,
        ("product", "software product", "product title", "package", "software package"),
    ),
    ImportField(
        "supplier_name",
        Kind.TEXT,
        (
            "supplier", "vendor", "vendor name", "manufacturer", "publisher", "provider",
            "software vendor", "supplier or vendor", "developer", "supplied by",
        ),
    ),
    ImportField(
        "product_version",
        Kind.TEXT,
        ("version", "version number", "current version", "software version", "release"),
    ),
    ImportField("aliases", Kind.LIST, (
        "alias", "also known as", "aka", "other names", "known as", "former name",
        "previous name", "acronym", "short name", "abbreviation",
    )),
    ImportField("description", Kind.TEXT, (
        "purpose", "business purpose", "system description", "summary", "overview", "details",
        "what it does",
    )),
    ImportField("lifecycle", Kind.CHOICE, (
        "lifecycle status", "lifecycle stage", "lifecycle state", "life cycle",
        "life cycle status", "life cycle stage", "status", "system status",
        "operational status", "current status", "state", "stage", "phase",
    )),
    ImportField("live_from", Kind.FROM_DATE, (
        "go live", "go live date", "live date", "date live", "live since", "in use since",
        "in service date", "in service from", "implementation date", "date implemented",
        "install date", "installed on", "commissioned", "deployment date",
    )),
    ImportField("end_of_support", Kind.UNTIL_DATE, (
        "end of support date", "support end date", "support ends", "support end", "eos",
        "end of life date", "end of life", "eol", "eol date", "vendor support end",
        "supported until",
    )),
    ImportField("hosting", Kind.CHOICE, (
        "hosting type", "hosting model", "deployment type", "deployment model", "deployment",
        "hosted", "delivery model", "service model", "hosting location",
        "cloud or on premise", "infrastructure",
    )),
    ImportField("criticality", Kind.CHOICE, (
        "business criticality", "system criticality", "service tier", "tier", "importance",
        "priority", "business impact",
    )),
    ImportField("user_count", Kind.INTEGER, (
        "users", "number of users", "user number", "total users", "named users", "active users",
        "user base", "how many users",
    )),
    ImportField("business_owner", Kind.TEXT, (
        "owner", "system owner", "service owner", "information asset owner", "iao",
        "senior responsible owner", "sro", "asset owner", "application owner", "custodian",
        "business contact", "business lead", "owned by",
    )),
    ImportField("technical_owner", Kind.TEXT, (
        "it owner", "technical lead", "technical contact", "it contact", "it lead",
        "support team", "supported by", "system administrator", "system manager",
        "application manager",
    )),
    ImportField("classification", Kind.CHOICE, (
        "security classification", "protective marking", "gsc", "marking", "sensitivity",
    )),
    ImportField("personal_data", Kind.CHOICE, (
        "contains personal data", "holds personal data", "processes personal data", "pii",
        "personal information", "gdpr",
    )),
    ImportField("dpia_status", Kind.CHOICE, (
        "dpia", "dpia state", "pia", "data protection impact assessment",
    )),
    ImportField("rto_hours", Kind.HOURS, ("rto", "recovery time objective", "rto in hours")),
    ImportField("rpo_hours", Kind.HOURS, ("rpo", "recovery point objective", "rpo in hours")),
    ImportField("functional_fit", Kind.INTEGER, ("business fit", "functional fitness")),
    ImportField("technical_fit", Kind.INTEGER, ("technical fitness", "technical health")),
    ImportField("disposition", Kind.CHOICE, (
        "time", "time disposition", "time rating", "time quadrant", "time model",
        "rationalisation", "recommendation",
    )),
    ImportField("legacy_risk", Kind.INTEGER, ("legacy risk score",)),
    ImportField("retention_hold", Kind.BOOLEAN, ("legal hold", "hold")),
    ImportField("disclosure", Kind.CHOICE, ("visibility", "sharing", "disclosed to")),
    ImportField("capabilities", Kind.CAPABILITIES, (
        "capability", "business capability", "business capabilities", "capability code",
    ), doubtful=_CATEGORY_LIKE),
    ImportField(
        "tags", Kind.TAGS, ("tag", "keywords", "labels", "keyword"), doubtful=_CATEGORY_LIKE
    ),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}

NOT_FIELDS = {
    **dict.fromkeys(
        ("agency", "organisation", "organization", "force"),
        "The agency that imports the file owns every row.",
    ),
    **dict.fromkeys(
        ("cost", "annual cost"),
        "Record costs as cost lines. An import of systems does not fill them.",
    ),
    **dict.fromkeys(
        ("contract end date", "contract end"),
        "Record dates of a contract in the contract. An import of systems does not fill them.",
    ),
}
"""Headings of columns that no field of a system can hold, with the reason."""
