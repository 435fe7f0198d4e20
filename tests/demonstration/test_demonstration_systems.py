"""The demonstration's systems are valid, tagged as made up where they are, and overlap often."""

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from importlib.resources import files

import pytest

AGENCIES = {
    "bedfordshire-police": 24,
    "cambridgeshire-police": 24,
    "hertfordshire-police": 24,
    "bedfordshire-fire": 20,
    "cambridgeshire-fire": 19,
    "hertfordshire-fire": 18,
    "bch-shared-services": 18,
}
COLUMNS = [
    "external_id",
    "name",
    "aliases",
    "description",
    "product_name",
    "supplier_name",
    "product_version",
    "capabilities",
    "lifecycle",
    "live_from",
    "end_of_support",
    "hosting",
    "criticality",
    "functional_fit",
    "technical_fit",
    "disposition",
    "user_count",
    "rto_hours",
    "rpo_hours",
    "classification",
    "personal_data",
    "dpia_status",
    "retention_hold",
    "legacy_risk",
    "business_owner",
    "technical_owner",
    "tags",
    "disclosure",
]
CHOICES = {
    "lifecycle": {
        "planned",
        "in_procurement",
        "implementing",
        "live",
        "sunsetting",
        "read_only_archive",
        "decommissioned",
        "cancelled",
    },
    "criticality": {
        "mission_critical",
        "business_critical",
        "business_operational",
        "administrative",
    },
    "disposition": {"tolerate", "invest", "migrate", "eliminate"},
    "disclosure": {"owner_only", "agreement", "all_agencies"},
    "hosting": {
        "on_premise",
        "private_cloud",
        "public_cloud_iaas",
        "paas",
        "saas",
        "managed_service",
        "shared_service",
        "national_system",
        "hybrid",
    },
    "dpia_status": {"none", "screening", "draft", "approved", "review_due"},
    "classification": {"official", "official_sensitive", "secret", "top_secret"},
    "personal_data": {"none", "personal", "special_category", "criminal_offence"},
    "retention_hold": {"true", "false"},
}
REQUIRED = {"external_id", "name", "description", "capabilities", "lifecycle", "disclosure", "tags"}
NUMBERS = {
    "functional_fit": (1, 4),
    "technical_fit": (1, 4),
    "user_count": (0, 100_000),
    "rto_hours": (0, 1000),
    "rpo_hours": (0, 1000),
    "legacy_risk": (0, 30),
}
NOT_YET_LIVE = {"planned", "in_procurement", "implementing", "cancelled"}
SCENARIO_DAY = date(2026, 11, 22)
ROLE = re.compile(r"Head of [A-Za-z ]+|[A-Za-z ]+ (Manager|Officer|Lead)")


def read_rows(*parts):
    path = files("catalogue").joinpath(*parts)
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def split_list(text):
    return [part for part in text.split(";") if part]


def index_by_name(rows):
    return {
        name.casefold(): row for row in rows for name in [row["name"], *split_list(row["aliases"])]
    }


@pytest.fixture(scope="module")
def systems():
    found = []
    for agency in AGENCIES:
        rows = read_rows("demonstration", "data", "systems", f"{agency}.csv")
        assert list(rows[0]) == COLUMNS
        found += [dict(row, agency=agency) for row in rows]
    return found


@pytest.fixture(scope="module")
def register():
    return {
        "suppliers": index_by_name(read_rows("suppliers", "reference", "suppliers.csv")),
        "products": index_by_name(read_rows("suppliers", "reference", "products.csv")),
        "capabilities": {
            row["code"] for row in read_rows("capabilities", "reference", "capabilities.csv")
        },
    }


def test_each_agency_has_its_file(systems):
    assert Counter(row["agency"] for row in systems) == AGENCIES
    directory = files("catalogue").joinpath("demonstration", "data", "systems")
    assert {path.name for path in directory.iterdir()} == {f"{code}.csv" for code in AGENCIES}


def test_agencies_are_in_the_national_list():
    known = {row["code"] for row in read_rows("agencies", "reference", "agencies.csv")}
    own = read_rows("demonstration", "data", "agencies.csv")
    assert [(row["code"], row["kind"]) for row in own] == [
        ("bch-shared-services", "shared_service")
    ]
    assert "bch-shared-services" not in known
    assert set(AGENCIES) - {"bch-shared-services"} <= known


def test_systems_are_distinct_within_their_agency(systems):
    for field in ("external_id", "name"):
        counted = Counter((row["agency"], row[field].casefold()) for row in systems)
        assert [key for key, count in counted.items() if count > 1] == []
    assert len({row["external_id"] for row in systems}) == len(systems)


def test_required_fields_are_filled(systems):
    for row in systems:
        assert None not in {*row, *row.values()}, row
        assert all(row[field] for field in REQUIRED), row["external_id"]
        assert all(value == value.strip() for value in row.values()), row["external_id"]


@pytest.mark.parametrize("field", CHOICES)
def test_system_values_come_from_vocabularies(systems, field):
    allowed = CHOICES[field] if field in REQUIRED else CHOICES[field] | {""}
    assert {row[field] for row in systems} <= allowed


@pytest.mark.parametrize("field", NUMBERS)
def test_numbers_are_in_range(systems, field):
    low, high = NUMBERS[field]
    for row in systems:
        if row[field]:
            assert low <= int(row[field]) <= high, row["external_id"]


def test_dates_fit_the_lifecycle(systems):
    for row in systems:
        live = date.fromisoformat(row["live_from"]) if row["live_from"] else None
        if row["end_of_support"]:
            end = date.fromisoformat(row["end_of_support"])
            assert live is None or live < end, row["external_id"]
        if row["lifecycle"] in NOT_YET_LIVE:
            assert live is None, row["external_id"]
        elif live:
            assert live <= SCENARIO_DAY, row["external_id"]


def test_capabilities_are_known(systems, register):
    for row in systems:
        codes = split_list(row["capabilities"])
        assert len(codes) == len(set(codes))
        assert set(codes) <= register["capabilities"], row["external_id"]


def test_product_and_supplier_names_agree_with_the_register(systems, register):
    for row in systems:
        product = register["products"].get(row["product_name"].casefold())
        supplier = register["suppliers"].get(row["supplier_name"].casefold())
        assert product or not row["product_name"], row["external_id"]
        assert supplier or row["supplier_name"] in {"", "In-house"}, row["external_id"]
        if product:
            assert product["supplier"] == supplier["name"], row["external_id"]


def test_each_system_is_marked_illustrative_or_published(systems):
    for row in systems:
        tags = split_list(row["tags"])
        assert len(tags) == len(set(tags))
        assert ("illustrative" in tags) != ("published" in tags), row["external_id"]
        if "published" in tags:
            assert "illustrative-details" in tags, row["external_id"]
            assert "Published" in row["description"], row["external_id"]
            assert re.search(r"illustrative\.$", row["description"]), row["external_id"]
    kinds = Counter("published" in split_list(row["tags"]) for row in systems)
    assert kinds[False] > kinds[True] > 20


def test_published_targets_are_included(systems, register):
    chosen = [
        register["products"][row["product_name"].casefold()]["name"]
        for row in systems
        if {"published", "target"} <= set(split_list(row["tags"]))
    ]
    assert sorted(chosen) == [
        "Advanced Air Approvals",
        "Collaborative Planning",
        "MHR iTrent",
        "NEC Duty Management System",
        "OneAdvanced eFinancials",
    ]


def test_no_person_is_named(systems):
    for row in systems:
        text = " ".join(row.values())
        assert "@" not in text
        assert not re.search(r"\b(Mr|Mrs|Ms|Dr|PC|Sgt|Insp|Supt|DCI|ACC)\b\.? [A-Z]", text)
        assert not re.search(r"\b0\d{3,4} ?\d{6}\b", text)
        for field in ("business_owner", "technical_owner"):
            assert ROLE.fullmatch(row[field]), row[field]


def test_some_systems_are_hidden_from_other_agencies(systems):
    disclosures = Counter(row["disclosure"] for row in systems)
    assert disclosures["owner_only"] == 3
    assert disclosures["agreement"] >= 8
    assert disclosures["all_agencies"] > len(systems) * 0.8


def test_same_product_is_found_in_many_agencies(systems, register):
    holders = defaultdict(set)
    for row in systems:
        product = register["products"].get(row["product_name"].casefold())
        if product and row["disclosure"] == "all_agencies":
            holders[product["name"]].add(row["agency"])
    shared = {name: len(agencies) for name, agencies in holders.items() if len(agencies) > 1}
    assert len(shared) >= 20
    assert shared["Civica Tranman"] == 5
    assert shared["CFRMIS"] == 4
    assert shared["NEC CONNECT"] == 3


def test_same_product_has_different_names(systems, register):
    spellings = defaultdict(set)
    for row in systems:
        product = register["products"].get(row["product_name"].casefold())
        if product:
            spellings[product["name"]].add(row["product_name"])
    assert len([name for name, found in spellings.items() if len(found) > 1]) >= 15


def test_different_products_serve_the_same_capability(systems, register):
    products = defaultdict(set)
    for row in systems:
        product = register["products"].get(row["product_name"].casefold())
        if product:
            for code in split_list(row["capabilities"]):
                products[code].add(product["name"])
    assert {"E01", "E02", "E03", "E04", "E07", "E08", "E14", "C02", "C10"} <= {
        code for code, found in products.items() if len(found) > 1
    }
