"""Groups by key, which depend on neither the order of records nor hidden records."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.text import fold
from catalogue.rationalisation.matching.grouping import ENDED, find_groups
from catalogue.rationalisation.matching.names import names_a_product, plain_name
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.systems.vocabulary import Lifecycle
from tests.factories import build_record

NEC, STERIA = UUID(int=901), UUID(int=902)
DMS = RegisteredProduct(UUID(int=801), "NEC Duty Management System", NEC)
STORM = RegisteredProduct(UUID(int=802), "STORM", STERIA)
STORM_TOO = RegisteredProduct(UUID(int=803), "Storm", NEC)
SUPPLIERS = {NEC: "NEC Software Solutions UK", STERIA: "Sopra Steria"}
REFERENCE = Reference(
    products={p.id: p for p in (DMS, STORM, STORM_TOO)},
    products_by_name={
        "nec duty management system": [DMS],
        "northgate dms": [DMS],
        "storm": [STORM, STORM_TOO],
    },
    suppliers=SUPPLIERS,
    suppliers_by_name={"northgate": [NEC], "sopra steria": [STERIA]},
    capabilities={"E04": "Duty management and rostering", "C02": "Command and control"},
)


def test_a_supplier_name_is_cut_to_400_characters_after_folding():
    long = {"product_name": "Blorf", "supplier_name": "\ufdfa" * 200}
    (group,) = find_groups([build_record(1, **long), build_record(2, **long)], REFERENCE)
    assert {len(member.supplier_name) for member in group.members} == {400}


def keys(*records):
    return [(group.kind.value, group.key) for group in find_groups(records, REFERENCE)]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("STORM 5.4", "storm"),
        ("Storm v5", "storm"),
        ("Cortex® ICCS version 7", "cortex iccs"),
        ("Analyst's Notebook", "analysts notebook"),
        ("SharePoint Server 2016", "sharepoint server"),
        ("Windows Server 2012 R2", "windows server"),
        ("Office 365", "office 365"),
        ("Unit4", "unit4"),
        ("FireServiceRota B.V. Ltd", "fireservicerota b.v"),
        ("Civica UK Limited", "civica uk"),
        ("Gartan Availability & Rota", "gartan availability and rota"),
        ("2016", "2016"),
        ("Évidence.com", "evidence.com"),
        pytest.param("!!!", "", id="no_letters"),
    ],
)
def test_plain_name_drops_versions_and_legal_forms(written, plain):
    assert plain_name(written) == plain


@given(st.text(max_size=60))
def test_plain_name_is_idempotent(text):
    assert plain_name(plain_name(text)) == plain_name(text)


@given(st.text(alphabet="abc xyz", max_size=30), st.sampled_from([" 9.2", " v3", " Ltd", " 2019"]))
def test_plain_name_ignores_version_and_company_endings(text, ending):
    if plain_name(text):
        assert plain_name(text + ending) == plain_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bespoke",
        "in-house",
        "N/A",
        "TBC",
        pytest.param("", id="empty"),
        "2016",
        pytest.param("x" * 401, id="too_long"),
    ],
)
def test_placeholder_texts_name_no_product(text):
    assert not names_a_product(plain_name(text))


def test_two_names_of_a_registered_product_form_one_group():
    (group,) = find_groups(
        [
            build_record(1, product_name="Northgate DMS", supplier_name="Northgate"),
            build_record(2, product_name="Northgate DMS 9.2"),
            build_record(3, product_id=DMS.id),
        ],
        REFERENCE,
    )
    assert (group.kind, group.product_id) == (OverlapKind.SAME_PRODUCT, DMS.id)
    assert [member.score for member in group.members] == [100, 90, 90]
    registered = "the registered product NEC Duty Management System of NEC Software Solutions UK."
    assert group.members[0].evidence == (
        f'The product "Northgate DMS" is {registered}',
        'The supplier "Northgate" is registered as NEC Software Solutions UK.',
    )


def test_the_supplier_decides_between_products_of_the_same_name():
    steria = {"product_name": "Storm", "supplier_name": "Sopra Steria"}
    nec = {"product_name": "Storm", "supplier_name": "Northgate"}
    assert keys(build_record(1, **steria), build_record(2, **steria)) == [
        ("same_product", f"product:{STORM.id}")
    ]
    assert keys(build_record(1, **steria), build_record(2, **nec)) == []


def test_an_ambiguous_product_name_groups_by_name_only():
    named = {"product_name": "Storm"}
    assert keys(build_record(1, **named), build_record(2, **named)) == [
        ("same_product", "name:storm")
    ]


def test_unregistered_products_are_grouped_by_name():
    assert keys(
        build_record(1, product_name="Rota King 4.1"), build_record(2, product_name="ROTA-KING Ltd")
    ) == [("same_product", "name:rota king")]


def test_a_registered_product_of_another_supplier_lowers_the_score():
    odd = build_record(1, product_id=DMS.id, product_name="DMS", supplier_name="Sopra Steria")
    (group,) = find_groups([odd, build_record(2, product_id=DMS.id)], REFERENCE)
    assert group.members[0].score == 70
    assert "Sopra Steria" in group.members[0].evidence[-1]


def test_two_products_serving_one_capability_form_a_group():
    (group,) = find_groups(
        [
            build_record(1, "Duty management", capabilities=("E04",)),
            build_record(
                2, "Gartan", lifecycle=Lifecycle.PLANNED, capabilities=("E04", "C02", "X")
            ),
        ],
        REFERENCE,
    )
    assert (group.kind, group.capability) == (OverlapKind.SAME_FUNCTION, "E04")
    assert [member.score for member in group.members] == [100, 50]
    assert group.members[0].evidence == (
        "The system provides Duty management and rostering (E04).",
        "The system provides no other capability.",
        'The name "Duty management" matches the capability.',
        "The system is in use.",
    )
    assert group.members[1].evidence[1] == "The system provides 2 other capabilities."


def test_systems_of_one_agency_form_no_group():
    assert (
        keys(
            build_record(1, product_id=DMS.id, capabilities=("E04",)),
            build_record(2, agency=1, product_id=DMS.id, capabilities=("E04",)),
        )
        == []
    )


@pytest.mark.parametrize("lifecycle", sorted(ENDED))
def test_a_retired_system_joins_no_group(lifecycle):
    assert (
        keys(
            build_record(1, product_id=DMS.id),
            build_record(2, "x", lifecycle=lifecycle, product_id=DMS.id),
        )
        == []
    )


TEXTS = st.sampled_from(
    ["Northgate DMS", "northgate dms 2", "Storm", "Rota King", "Rota King 3", "Bespoke", "", "é v1"]
)
RECORDS = st.lists(
    st.builds(
        Record,
        system_id=st.uuids(),
        agency_id=st.integers(1, 4).map(lambda n: UUID(int=n)),
        name=st.text(max_size=20),
        lifecycle=st.sampled_from(Lifecycle),
        product_id=st.sampled_from([None, DMS.id, STORM.id, UUID(int=999)]),
        product_name=st.none() | TEXTS,
        supplier_name=st.none() | st.sampled_from(["Northgate", "Sopra Steria", "Nobody"]),
        capabilities=st.lists(st.sampled_from(["E04", "C02", "E", "?"]), max_size=3).map(tuple),
    ),
    max_size=12,
    unique_by=lambda each: each.system_id,
)


@given(RECORDS, st.randoms())
def test_groups_do_not_depend_on_record_order(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    assert find_groups(shuffled, REFERENCE) == find_groups(records, REFERENCE)


@given(RECORDS)
def test_groups_span_agencies_without_repeated_or_retired_members(records):
    by_id = {each.system_id: each for each in records}
    groups = find_groups(records, REFERENCE)
    assert len({(group.kind, group.key) for group in groups}) == len(groups)
    for group in groups:
        assert len({member.agency_id for member in group.members}) >= 2
        assert len({member.system_id for member in group.members}) == len(group.members)
        for member in group.members:
            assert by_id[member.system_id].lifecycle not in ENDED
            assert 0 < member.score <= 100
            assert member.evidence


@given(RECORDS, st.integers(min_value=0))
def test_the_score_and_evidence_of_a_member_do_not_depend_on_other_records(records, index):
    """A hidden system leaves no trace in the evidence of the others."""
    if not records:
        return
    hidden = records[index % len(records)]
    others = [each for each in records if each is not hidden]
    whole = {
        (group.kind, group.key, member.system_id): member
        for group in find_groups(records, REFERENCE)
        for member in group.members
    }
    for group in find_groups(others, REFERENCE):
        for member in group.members:
            assert whole[group.kind, group.key, member.system_id] == member


@given(RECORDS)
def test_the_digest_changes_only_with_matched_fields(records):
    for each in records:
        renamed = build_record(1, each.name + "x", product_name=each.product_name)
        same = build_record(2, each.name, lifecycle=each.lifecycle, product_name=each.product_name)
        assert renamed.digest() != same.digest()
        assert build_record(3, each.name, product_name=each.product_name).digest() == same.digest()


def test_fold_ignores_the_case_of_supplier_names():
    assert fold("Sopra STERIA") in REFERENCE.suppliers_by_name
