"""Columns of the list of systems, which people choose."""

from catalogue.web.wording import label

USUAL = ("agency_name", "lifecycle", "user_count", "end_of_support", "completeness")
_HEADINGS = {
    "user_count": "Users",
    "completeness": "Complete",
    "rto_hours": "RTO (hours)",
    "rpo_hours": "RPO (hours)",
    "attributes": "Your agency's custom fields",
}
OFFERED = {
    name: _HEADINGS.get(name) or label(name)
    for name in (
        *USUAL,
        "product_name",
        "product_version",
        "supplier_name",
        "aliases",
        "capabilities",
        "hosting",
        "criticality",
        "functional_fit",
        "technical_fit",
        "disposition",
        "live_from",
        "business_owner",
        "technical_owner",
        "classification",
        "personal_data",
        "dpia_status",
        "retention_hold",
        "legacy_risk",
        "rto_hours",
        "rpo_hours",
        "tags",
        "external_ids",
        "attributes",
        "disclosure",
        "attested_at",
        "updated_at",
    )
}
_LISTS = frozenset({"aliases", "capabilities", "tags", "external_ids", "attributes"})
SORTS = {name: text for name, text in OFFERED.items() if name not in _LISTS}
"""The columns that sort the list. Values that are lists have no order."""
NUMERIC = (
    "user_count",
    "completeness",
    "functional_fit",
    "technical_fit",
    "legacy_risk",
    "rto_hours",
    "rpo_hours",
)
