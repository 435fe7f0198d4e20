"""Kinds of overlap of two systems, by the reference data of the product."""

import csv
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.classification import PRODUCT_KINDS, compare
from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.systems.vocabulary import Lifecycle
from tests.factories import build_record
from tests.stores import ROOT

REFERENCE = shipped_reference()
WEIGHTS = public_weights(REFERENCE)
RENAMED, PRODUCT, FUNCTION = (
    OverlapKind.RENAMED_SUPPLIER,
    OverlapKind.SAME_PRODUCT,
    OverlapKind.SAME_FUNCTION,
)

# A product of the supplier, and two names that the supplier has or had.
SUPPLIERS = [
    ("NEC Duty Management System", "NEC Software Solutions UK", "Northgate Public Services"),
    ("NEC Duty Management System", "NEC Software Solutions UK", "NPS"),
    ("NEC CONNECT", "NEC Software Solutions UK", "Northgate"),
    ("Vision", "SSS Public Safety", "Capita SIS"),
    ("Vision", "SSS Public Safety", "Capita Secure Information Solutions"),
    ("Vision", "SSS Public Safety", "SunGard Vivista Ltd"),
    ("MHR iTrent", "MHR", "Midland HR"),
    ("OneAdvanced eFinancials", "OneAdvanced", "Advanced Computer Software"),
    ("Gartan Availability and Rota Management", "Gartan Technologies", "Gartan"),
]
SAME_SUPPLIERS = [
    ("Niche RMS", "Niche Technology", "Niche Technology Inc"),
    ("Civica Tranman", "Civica UK Limited", "Civica Uk Ltd"),
]
PRODUCTS = [
    ("MHR iTrent", "iTrent"),
    ("Unit4 ERP", "Agresso"),
    ("Unit4 ERP", "Unit4 Business World"),
    ("OneAdvanced eFinancials", "eFinancials"),
    ("Niche RMS", "Niche"),
    ("Niche RMS", "NicheRMS"),
    ("Niche RMS", "Niche Records Management System"),
    ("NEC CONNECT", "CONNECT"),
    ("NEC CONNECT", "Athena"),
    ("Civica Tranman", "Tranman Fleet Management System"),
    ("Sopra Steria STORM", "STORM Command and Control"),
]
# Names of companies, of which the register may hold no product.
COMPANIES = [
    ("Oracle Cerner", "Cerner", RENAMED),
    ("NEC Software Solutions UK", "Northgate Public Services", RENAMED),
    ("MHR", "Midland HR", RENAMED),
    ("Civica UK Limited", "Civica Uk Ltd", PRODUCT),
    ("Niche Technology", "Niche Technology Inc", PRODUCT),
]


def kind_of(one: Record, other: Record) -> OverlapKind | None:
    found = compare(one, other, REFERENCE, WEIGHTS)
    return found.kind if found else None


@pytest.mark.parametrize(("product", "one", "other"), SUPPLIERS)
def test_two_names_of_one_supplier_make_a_renamed_supplier(
    product: str, one: str, other: str
) -> None:
    first, second = (
        build_record(number, name, product_name=product, supplier_name=supplier)
        for number, name, supplier in ((1, "Alpha", one), (2, "Omega", other))
    )
    found = compare(first, second, REFERENCE, WEIGHTS)
    assert found is not None
    assert found.kind is RENAMED
    assert any(one in sentence and other in sentence for sentence in found.evidence), found.evidence


@pytest.mark.parametrize(("product", "one", "other"), SAME_SUPPLIERS)
def test_a_legal_form_does_not_make_another_supplier_name(
    product: str, one: str, other: str
) -> None:
    first = build_record(1, "Alpha", product_name=product, supplier_name=one)
    second = build_record(2, "Omega", product_name=product, supplier_name=other)
    assert kind_of(first, second) is PRODUCT


@pytest.mark.parametrize(("one", "other"), PRODUCTS)
@pytest.mark.parametrize("field", ["name", "product_name"])
def test_two_names_of_a_product_are_one_product(one: str, other: str, field: str) -> None:
    if field == "name":
        first, second = build_record(1, one), build_record(2, other)
    else:
        first, second = (
            build_record(1, "Alpha", product_name=one),
            build_record(2, "Omega", product_name=other),
        )
    found = compare(first, second, REFERENCE, WEIGHTS)
    assert found is not None
    assert found.kind in {PRODUCT, RENAMED}
    if field == "product_name":
        assert found.kind is PRODUCT


@pytest.mark.parametrize(("one", "other", "kind"), COMPANIES)
def test_systems_named_only_after_their_supplier_are_matched(
    one: str, other: str, kind: OverlapKind
) -> None:
    assert kind_of(build_record(1, one), build_record(2, other)) is kind


def test_a_solution_built_on_a_product_is_another_product() -> None:
    erp = ("E01", "E02", "E03", "E06")
    for fields in ({}, {"capabilities": erp}):
        for named in ("t-Police", "Capgemini t-Police"):
            first = build_record(1, named, **fields)
            second = build_record(2, "Oracle E-Business Suite", **fields)
            assert kind_of(first, second) is (FUNCTION if fields else None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Duty management", "Duty Management"),
        ("Command and Control", "Command & Control"),
        ("HR portal", "HR Portal"),
        ("Fleet spreadsheet", "Fleet spreadsheet"),
        ("Payroll v11", "Ledger v11"),
        ("Custody 2016", "Custody 2019"),
    ],
)
def test_shared_function_names_do_not_make_one_product(one: str, other: str) -> None:
    assert kind_of(build_record(1, one), build_record(2, other)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ServiceNow", "ServiceNow Istanbul"),
        ("ManageEngine Application Manager V 12.5", "ManageEngine Application Manager 12.5"),
        ("Articule 360", "Articulate 360"),
        ("Archidata", "Archidata Interzone 11"),
    ],
)
def test_shared_distinctive_names_make_one_product(one: str, other: str) -> None:
    assert kind_of(build_record(1, one), build_record(2, other)) is PRODUCT


NAMES = st.sampled_from(
    ["Niche", "STORM", "STORM 2", "Athena", "Duty rota", "Zephyr", "Zefyr", "NPS", "HOLMES 2"]
)
CODES = st.lists(st.sampled_from(["C02", "C05", "E01", "E04"]), max_size=2, unique=True)


@st.composite
def systems(draw: st.DrawFn, number: int) -> Record:
    return build_record(
        number,
        draw(NAMES),
        product_name=draw(st.none() | NAMES),
        supplier_name=draw(st.none() | st.sampled_from(["NEC", "Northgate", "Unheard of", "MHR"])),
        capabilities=tuple(draw(CODES)),
        aliases=tuple(draw(st.lists(NAMES, max_size=1))),
        version=draw(st.none() | st.sampled_from(["2", "3.1"])),
        used_by=frozenset(draw(st.sets(st.sampled_from([UUID(int=1), UUID(int=2)])))),
    )


@given(systems(1), systems(2))
def test_compare_is_symmetric(one: Record, other: Record) -> None:
    found = compare(one, other, REFERENCE, WEIGHTS)
    assert found == compare(other, one, REFERENCE, WEIGHTS)
    assert found is None or 0.0 <= found.score <= 1.0


def demonstrated() -> list[Record]:
    found: list[Record] = []
    directory = ROOT / "catalogue" / "demonstration" / "data" / "systems"
    for agency, path in enumerate(sorted(directory.glob("*.csv"))):
        for row in _rows(path):
            found.append(
                build_record(
                    len(found) + 1,
                    row["name"],
                    agency=agency + 1,
                    lifecycle=Lifecycle(row["lifecycle"]),
                    product_name=row["product_name"] or None,
                    supplier_name=row["supplier_name"] or None,
                    capabilities=tuple(_parts(row["capabilities"])),
                    aliases=tuple(_parts(row["aliases"])),
                    description=row["description"] or None,
                    version=row["product_version"] or None,
                )
            )
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def test_demonstration_systems_of_different_functions_are_not_one_product() -> None:
    records = demonstrated()
    assert len(records) > 50
    wrong = []
    for one, other in combinations(records, 2):
        products = REFERENCE.product_of(one), REFERENCE.product_of(other)
        if one.agency_id == other.agency_id or set(one.capabilities) & set(other.capabilities):
            continue
        if products[0] is not None and products[0] == products[1]:
            continue
        if kind_of(one, other) in PRODUCT_KINDS:
            wrong.append((one.name, other.name))
    assert not wrong
