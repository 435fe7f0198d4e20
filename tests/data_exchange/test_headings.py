"""Headings name their fields with other words around them, and as questions."""

import pytest

from catalogue.data_exchange.headings import match_heading
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS


def field_of(heading: str) -> str | None:
    found = [
        (m.score, field.name)
        for field in SYSTEM_FIELDS.fields
        if (m := match_heading(heading, field))
    ]
    return max(found)[1] if found else None


@pytest.mark.parametrize(
    "subject",
    ["Application", "App", "System", "Service", "Software", "Asset", "Product", "IT system"],
)
@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("status", "lifecycle"),
        ("Criticality", "criticality"),
        ("Supplier", "supplier_name"),
        ("purpose", "description"),
        ("Hosting", "hosting"),
        ("users", "user_count"),
    ],
)
def test_every_field_has_the_same_prefixes(subject: str, heading: str, field: str) -> None:
    assert field_of(f"{subject} {heading}") == field
    assert field_of(f"{heading} of the {subject}") == field
    assert field_of(f"{subject}_{heading}".replace(" ", "_").lower()) == field


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("a) Name of system/software", "name"),
        ("System / Application Name", "name"),
        ("c) Primary function(s) or purpose of the system", "description"),
        ("d) Vendor/provider", "supplier_name"),
        ("e) Year first adopted", "live_from"),
        ("f) Whether the system is hosted on-premises or cloud-based", "hosting"),
        ("Hosted on-premise / cloud", "hosting"),
        ("Where is it hosted?", "hosting"),
        ("System Vendor", "supplier_name"),
        ("System Product", "product_name"),
        ("Custodian department", "business_owner"),
        ("Supplier details", "supplier_name"),
        ("Who is the supplier?", "supplier_name"),
        ("Is it critical?", "criticality"),
        ("Does it hold personal data?", "personal_data"),
        ("When did it go live?", "live_from"),
        ("In use?", "lifecycle"),
        ("Is the system live?", "lifecycle"),
        ("Live/Retired", "lifecycle"),
        ("Current state", "lifecycle"),
        ("Lifecycle Phase", "lifecycle"),
        ("System's owner", "business_owner"),
        ("IT owner", "technical_owner"),
        ("IT System Owner", "business_owner"),
        ("Tag 1", "tags"),
        ("Product name", "product_name"),
    ],
)
def test_surrounded_heading_or_question_names_its_field(heading: str, field: str) -> None:
    assert field_of(heading) == field


@pytest.mark.parametrize(
    "heading",
    [
        "Integration Priority", "Tag Type 1", "Business Service", "Record Type 1", "Service",
        "Product ID", "Data Category", "Data Collection Frequency", "Contract Review Date",
        "Software Name and Version", "Environment", "Notes", "Department(s) or team(s) using it",
    ],
)  # fmt: skip
def test_heading_of_something_else_names_no_field(heading: str) -> None:
    assert field_of(heading) is None
