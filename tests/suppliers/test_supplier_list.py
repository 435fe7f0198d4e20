"""The suppliers and products of the reference data, and their names."""

import csv
import re
from datetime import date
from importlib.resources import files

import pytest

# Names that people write, and the present name of the supplier or product.
SUPPLIER_ALIASES = {
    "Northgate Public Services": "NEC Software Solutions UK",
    "NPS": "NEC Software Solutions UK",
    "Northgate": "NEC Software Solutions UK",
    "Capita SIS": "SSS Public Safety",
    "Capita Secure Information Solutions": "SSS Public Safety",
    "SunGard Vivista Ltd": "SSS Public Safety",
    "Midland HR": "MHR",
    "Advanced Computer Software": "OneAdvanced",
    "Niche Technology Inc": "Niche Technology",
    "Cerner": "Oracle Cerner",
    "Civica Uk Ltd": "Civica UK Limited",
    "Gartan": "Gartan Technologies",
    "NorthgateArinso": "Zellis",
}
PRODUCT_ALIASES = {
    "iTrent": "MHR iTrent",
    "Agresso": "Unit4 ERP",
    "Unit4 Business World": "Unit4 ERP",
    "eFinancials": "OneAdvanced eFinancials",
    "Niche": "Niche RMS",
    "NicheRMS": "Niche RMS",
    "Niche Records Management System": "Niche RMS",
    "CONNECT": "NEC CONNECT",
    "Athena": "NEC CONNECT",
    "Tranman Fleet Management System": "Civica Tranman",
    "STORM Command and Control": "Sopra Steria STORM",
    "t-Police": "Capgemini t-Police",
    "Oracle EBS": "Oracle E-Business Suite",
}
COLUMNS = {
    "suppliers.csv": ["name", "aliases", "former_names", "identifiers", "certainty", "notes"],
    "products.csv": [
        "supplier",
        "name",
        "aliases",
        "capabilities",
        "end_of_support",
        "certainty",
        "notes",
    ],
}


def read_rows(name):
    path = files("catalogue") / "suppliers" / "reference" / name
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        assert reader.fieldnames == COLUMNS[name]
        return list(reader)


def split_list(text):
    return [part for part in text.split(";") if part]


def index_by_name(rows):
    """Map every name and alias in lower case to the row's name. A name of two rows fails."""
    index = {}
    for row in rows:
        for name in [row["name"], *split_list(row["aliases"])]:
            assert name.casefold() not in index, (name, row["name"])
            index[name.casefold()] = row["name"]
    return index


@pytest.fixture(scope="module")
def suppliers():
    return read_rows("suppliers.csv")


@pytest.fixture(scope="module")
def products():
    return read_rows("products.csv")


def test_number_of_suppliers_and_products_matches_documentation(suppliers, products):
    assert (len(suppliers), len(products)) == (50, 75)
    for row in suppliers + products:
        assert None not in {*row, *row.values()}, row
        assert row["certainty"] in {"sourced", "general_knowledge"}


def test_supplier_names_lead_to_one_supplier(suppliers):
    index = index_by_name(suppliers)
    for alias, name in SUPPLIER_ALIASES.items():
        assert index[alias.casefold()] == name


def test_product_names_lead_to_one_product(products):
    index = index_by_name(products)
    for alias, name in PRODUCT_ALIASES.items():
        assert index[alias.casefold()] == name


def test_solution_built_on_a_product_is_listed_separately(products):
    index = index_by_name(products)
    assert index["t-police"] != index["oracle e-business suite"]


def test_every_product_belongs_to_a_listed_supplier(suppliers, products):
    assert {row["supplier"] for row in products} <= {row["name"] for row in suppliers}


def test_supplier_identifiers_are_unique_and_have_a_scheme(suppliers):
    every = [identifier for row in suppliers for identifier in split_list(row["identifiers"])]
    assert len(set(every)) == len(every)
    for identifier in every:
        assert re.fullmatch(r"GB-COH:[0-9A-Z]{8}|GB-PPON:[A-Z0-9-]+", identifier), identifier


def test_product_capabilities_and_dates_are_valid(products):
    path = files("catalogue") / "capabilities" / "reference" / "capabilities.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        codes = {row["code"] for row in csv.DictReader(lines)}
    for row in products:
        assert row["capabilities"], row["name"]
        for code in split_list(row["capabilities"]):
            assert code in codes, row["name"]
        if row["end_of_support"]:
            date.fromisoformat(row["end_of_support"])
