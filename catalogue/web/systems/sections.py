"""Sections of a system's record: the fields that people read and change together."""

from catalogue.web.editing import Section

SECTIONS = (
    Section(
        "about",
        "About the system",
        (
            "name",
            "aliases",
            "description",
            "product_name",
            "product_version",
            "supplier_name",
            "capabilities",
            "tags",
        ),
    ),
    Section(
        "use",
        "Use and future",
        (
            "lifecycle",
            "live_from",
            "end_of_support",
            "user_count",
            "criticality",
            "functional_fit",
            "technical_fit",
            "disposition",
        ),
    ),
    Section("running", "Running it", ("hosting", "rto_hours", "rpo_hours", "legacy_risk")),
    Section(
        "data",
        "Data in the system",
        ("classification", "personal_data", "dpia_status", "retention_hold"),
    ),
    Section("ownership", "Owners and sharing", ("business_owner", "technical_owner", "disclosure")),
)
"""The sections in the order of the page."""

NEW_FIELDS = (
    "name",
    "product_name",
    "supplier_name",
    "description",
    "capabilities",
    "lifecycle",
    "user_count",
    "hosting",
    "criticality",
    "end_of_support",
    "disclosure",
)
"""The fields of the form for a new system. The record's page shows which others are missing."""
