"""The fields of a system in a spreadsheet, with their usual headings."""

from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.systems.schemas import ExternalIdSchema, SystemCreate, SystemSchema

_CATEGORY_LIKE = (
    "category", "application category", "software category", "type of system", "function",
    "business function", "functional area", "business area", "service area", "domain",
)  # fmt: skip

_FIELDS: tuple[ImportField, ...] = (
    ImportField("name", Kind.TEXT, (
        "system name", "application name", "service name", "standard name", "app name",
        "solution name", "software name", "asset name", "ci name", "name of system", "system",
        "application", "solution", "software", "app", "it system", "system or application",
        "business application",
    ), unclear=("title",), is_name_of_system=True),
    ImportField("external_id", Kind.EXTERNAL_ID, (
        "system id", "asset id", "application id", "app id", "ci id", "cmdb id", "record id",
        "unique id", "unique identifier", "system ref", "system reference", "asset ref",
        "asset number", "asset tag", "ci number", "configuration item", "ref", "reference",
        "reference number", "ref number", "id", "ci", "sys id", "identifier",
        "inventory number",
    )),
    ImportField("product_name", Kind.TEXT, (
        "product", "software product", "product title", "package", "software package",
    )),
    ImportField("supplier_name", Kind.TEXT, (
        "supplier", "vendor", "vendor name", "manufacturer", "publisher", "provider",
        "software vendor", "supplier or vendor", "developer", "supplied by", "company name",
    ), words=frozenset({"supplier", "vendor", "provider", "manufacturer", "publisher"})),
    ImportField("product_version", Kind.TEXT, (
        "version", "version number", "current version", "software version",
    ), unclear=("release",)),
    ImportField("aliases", Kind.LIST, (
        "alias", "also known as", "aka", "other names", "known as", "former name",
        "previous name", "acronym", "short name", "abbreviation",
    )),
    ImportField("description", Kind.TEXT, (
        "purpose", "business purpose", "system description", "summary", "overview", "details",
        "what it does", "function or purpose", "purpose or function", "function and purpose",
        "purpose and function", "description or use case", "description use case",
        "statement of purpose", "statement of general purpose", "what is it for",
        "what it is for", "what is it used for", "what it is used for", "used for", "use case",
        "primary purpose", "main purpose",
    )),
    ImportField("lifecycle", Kind.CHOICE, (
        "lifecycle status", "lifecycle stage", "lifecycle state", "lifecycle phase",
        "life cycle", "life cycle status", "life cycle stage", "life cycle phase", "status",
        "system status", "operational status", "current status", "current state",
        "live status", "usage status", "decommission status", "implementation status",
        "live or retired", "live retired", "live or decommissioned", "live decommissioned",
        "active or retired", "active retired", "active or inactive", "active inactive",
        "retired or live", "live or not",
    ), unclear=("state", "stage", "phase", "current phase"), doubtful=("support status",),
    questions={
        "in use": ("live", "decommissioned"), "still in use": ("live", "decommissioned"),
        "currently in use": ("live", "decommissioned"), "still used": ("live", "decommissioned"),
        "active": ("live", "decommissioned"), "still active": ("live", "decommissioned"),
        "live": ("live", None), "still live": ("live", None), "currently live": ("live", None),
        "currently used": ("live", None), "in service": ("live", None),
        "in operation": ("live", None), "in production": ("live", None),
        "operational": ("live", None), "retired": ("decommissioned", None),
        "decommissioned": ("decommissioned", None), "switched off": ("decommissioned", None),
    }),
    ImportField("live_from", Kind.FROM_DATE, (
        "go live", "go live date", "live date", "date live", "live since", "in use since",
        "in service date", "in service from", "in use from", "implementation date",
        "date implemented", "year implemented", "install date", "installed on",
        "deployment date", "year adopted", "year first adopted", "date adopted",
        "year introduced", "date introduced",
    ), unclear=("commissioned",)),
    ImportField("end_of_support", Kind.UNTIL_DATE, (
        "end of support date", "support end date", "support ends", "support end", "eos",
        "end of life date", "end of life", "eol", "eol date", "vendor support end",
        "vendor support ends", "supported until", "support until", "support expiry date",
        "out of support date",
    )),
    ImportField("hosting", Kind.CHOICE, (
        "hosting type", "hosting model", "deployment type", "deployment model",
        "hosting location", "cloud or on premise", "hosting environment",
        "hosting arrangement", "hosting method", "hosting platform", "where is it hosted",
        "where it is hosted", "how is it hosted", "how it is hosted", "where hosted",
        "hosted where", "how hosted",
    ), unclear=(
        "hosted", "deployment", "delivery model", "service model", "infrastructure", "cloud",
    ), words=frozenset({
        "hosted", "hosting", "on", "premise", "premises", "prem", "cloud", "based", "in",
        "house", "internally", "externally", "locally", "saas",
    })),
    ImportField("criticality", Kind.CHOICE, (
        "business criticality", "system criticality", "service tier", "critical",
        "business critical", "mission critical", "criticality rating", "criticality level",
        "criticality tier", "how critical", "level of criticality",
    ), unclear=("tier", "importance", "priority", "business impact", "impact")),
    ImportField("user_count", Kind.INTEGER, (
        "users", "number of users", "user number", "total users", "named users", "active users",
        "user base", "how many users", "user numbers", "approximate users", "estimated users",
        "approximate number of users", "estimated number of users", "concurrent users",
    )),
    ImportField("business_owner", Kind.TEXT, (
        "owner", "system owner", "service owner", "information asset owner", "iao",
        "senior responsible owner", "sro", "asset owner", "application owner", "custodian",
        "business contact", "business lead", "owned by", "product owner", "data custodian",
        "custodian department", "department custodian", "owning department",
    )),
    ImportField("technical_owner", Kind.TEXT, (
        "it owner", "technical lead", "tech lead", "tech owner", "technical contact",
        "it contact", "it lead", "support team", "supported by", "system administrator",
        "system manager", "application manager",
    )),
    ImportField("classification", Kind.CHOICE, (
        "security classification", "protective marking", "gsc", "data classification",
        "information classification", "government security classification",
        "classification level", "security marking",
    ), unclear=("marking", "sensitivity")),
    ImportField("personal_data", Kind.CHOICE, (
        "contains personal data", "holds personal data", "processes personal data",
        "stores personal data", "includes personal data", "pii", "personal information",
    ), unclear=("gdpr",)),
    ImportField("dpia_status", Kind.CHOICE, (
        "dpia", "dpia state", "data protection impact assessment", "dpia complete",
        "dpia completed", "dpia in place", "dpia done",
    ), unclear=("pia",)),
    ImportField("rto_hours", Kind.HOURS, ("rto", "recovery time objective", "rto in hours")),
    ImportField("rpo_hours", Kind.HOURS, ("rpo", "recovery point objective", "rpo in hours")),
    ImportField("functional_fit", Kind.INTEGER, ("functional fitness",), ("business fit",)),
    ImportField("technical_fit", Kind.INTEGER, ("technical fitness",), ("technical health",)),
    ImportField("disposition", Kind.CHOICE, (
        "time disposition", "time rating", "time quadrant", "time model",
    ), unclear=("time", "rationalisation", "recommendation")),
    ImportField("legacy_risk", Kind.INTEGER, ("legacy risk score",)),
    ImportField("retention_hold", Kind.BOOLEAN, (
        "legal hold", "records hold", "litigation hold",
    ), unclear=("hold",)),
    ImportField("disclosure", Kind.CHOICE, ("disclosed to",), unclear=("visibility", "sharing")),
    ImportField("capabilities", Kind.CAPABILITIES, (
        "capability", "business capability", "business capabilities", "capability code",
    ), doubtful=_CATEGORY_LIKE),
    ImportField(
        "tags", Kind.TAGS, ("tag", "keywords", "labels", "keyword"), doubtful=_CATEGORY_LIKE
    ),
)  # fmt: skip

_NOT_FIELDS = {
    **dict.fromkeys(
        ("agency", "organisation", "organization", "force"),
        "The agency that imports the file owns every row.",
    ),
    "agency name": "The agency that imports the file owns every row.",
    "product id": "The name of the product identifies the product in the register.",
    "external ids": (
        "Ids in other registers stay unchanged. To import the ids of one register, use a column "
        "`external_id` and the option `source`."
    ),
    **dict.fromkeys(
        ("attested at", "attestation verdict", "attestation due"),
        "The owner attests a system in the catalogue itself.",
    ),
    **dict.fromkeys(
        ("completeness", "missing", "created at", "updated at", "withheld"),
        DERIVED,
    ),
    **LEFT_OUT_OF_EVERY_KIND,
    **dict.fromkeys(
        ("cost", "annual cost"),
        "Record costs as cost lines. An import of systems does not fill them.",
    ),
    **dict.fromkeys(
        ("contract end date", "contract end"),
        "Record the dates of a contract in the contract itself. An import of systems does not fill "
        "them.",
    ),
    **dict.fromkeys(
        ("department", "departments", "team", "teams"),
        "A department is neither the business owner nor the technical owner. Map the column to one "
        "of them, or to a field of your own such as `attributes.department`.",
    ),
}

SYSTEM_FIELDS = RecordFields(
    noun="system",
    fields=_FIELDS,
    needed=("name",),
    required=frozenset({"external_id", "lifecycle", "retention_hold", "disclosure"}),
    substitutes={"name": "product_name"},
    not_fields=_NOT_FIELDS,
    has_attributes=True,
)

SYSTEM_SCHEMAS = {
    **SystemCreate().fields,
    "external_id": ExternalIdSchema().fields["id"],
    "id": SystemSchema().fields["id"],
}
