"""Kinds of overlaps over HTTP: one product, one installation, or a renamed supplier."""

import pytest

from catalogue.agencies.visibility import Disclosure
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.suppliers.operations import create_product, create_supplier
from catalogue.systems.operations import SystemWriter
from tests.agencies.api_agreements import agree, agreement, grant
from tests.contexts import acting
from tests.factories import (
    BEDS,
    CAMBS,
    HERTS,
    READ_WRITE,
    add_product,
    add_rosters,
    add_system,
    record,
)

READS = f"{READ_WRITE} overlaps:read overlaps:write agencies:read agencies:write"
COMPANY = "NEC Software Solutions UK"
ONE_COMPANY = (
    'Their suppliers, recorded as "NEC" and "Northgate Public Services", are one company: '
    f"{COMPANY}, since 2021."
)


@pytest.fixture
def quell(session):
    """Register a product and return its id."""
    return add_product(session, "Quellenbuch", "Korvex").id


@pytest.fixture
def duties(session):
    """Register a product of a company that had another name until 2021."""
    maker = create_supplier(
        acting(session),
        {
            "name": COMPANY,
            "aliases": ["NEC", "Northgate"],
            "former_names": [{"name": "Northgate Public Services", "until": 2021}],
        },
    )
    session.flush()
    fields = {"name": "Duty Management System", "supplier_id": maker.id, "aliases": ["DMS"]}
    product = create_product(acting(session), fields)
    session.flush()
    return product.id


def by_kind(api):
    answer = api.get("/v1/overlaps")
    assert answer.status_code == 200, answer.json
    found = {each["kind"]: each for each in answer.json["items"]}
    assert len(found) == len(answer.json["items"])
    return found


def pairs(api, overlap):
    answer = api.get(f"/v1/overlaps/{overlap['id']}/pairs")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_a_use_by_the_other_agency_makes_one_installation(sign_in, session, quell):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    ours = add_system(session, BEDS, "Records", product_id=quell, product_version="7.1")
    theirs = add_system(session, CAMBS, "Shared records", product_id=quell, product_version="7.1")
    find_overlaps(session)
    session.commit()
    assert set(by_kind(beds)) == {"same_product"}
    record(beds, f"/v1/systems/{ours.id}/uses", agency=CAMBS)
    find_overlaps(session)
    session.commit()
    found = by_kind(beds)
    assert set(found) == {"same_product", "same_instance"}
    one = found["same_instance"]
    assert one["title"] == "Records / Shared records"
    assert 'Cambridgeshire Police is recorded as a user of "Records".' in one["evidence"]
    assert {each["system_id"] for each in one["members"]} == {str(ours.id), str(theirs.id)}
    assert by_kind(cambs) == found
    for overlap in found.values():
        assert [each["kind"] for each in pairs(beds, overlap)] == ["same_instance"]
    find_overlaps(session)
    assert by_kind(beds) == found


def test_a_description_makes_one_installation_for_agencies_that_can_read_it(
    sign_in, session, quell
):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    agree(agreement(beds, CAMBS, field_profile="summary"), beds, cambs)
    shared = {"product_id": quell, "disclosure": Disclosure.AGREEMENT}
    add_system(session, BEDS, "Records", **shared)
    add_system(session, CAMBS, "Files", description="Bedfordshire Police runs it for us.", **shared)
    find_overlaps(session)
    session.commit()
    assert set(by_kind(beds)) == set(by_kind(cambs)) == {"same_product"}
    grant(cambs, BEDS)
    evidence = by_kind(beds)["same_instance"]["evidence"]
    assert 'The description of "Files" names Bedfordshire Police.' in evidence
    assert set(by_kind(cambs)) == {"same_product"}


def test_a_shared_distinctive_name_makes_one_installation(sign_in, session, quell):
    for code in (BEDS, CAMBS):
        add_system(session, code, "Night kestrel", product_id=quell)
    for code in (BEDS, HERTS):
        add_system(session, code, "Duty records", product_id=quell)
    find_overlaps(session)
    found = by_kind(sign_in(BEDS, READS))
    assert set(found) == {"same_product", "same_instance"}
    assert found["same_product"]["member_count"] == 4
    one = found["same_instance"]
    assert one["agencies"] == [BEDS, CAMBS]
    assert 'Both are called "Night kestrel", which is not a product name.' in one["evidence"]


def test_different_versions_are_not_one_installation(sign_in, session, quell):
    api = sign_in(BEDS, READS)
    ours = add_system(session, BEDS, "Records", product_id=quell, product_version="7.1")
    theirs = add_system(session, CAMBS, "Shared records", product_id=quell, product_version="8.0")
    record(api, f"/v1/systems/{ours.id}/uses", agency=CAMBS)
    find_overlaps(session)
    session.commit()
    (overlap,) = by_kind(api).values()
    (pair,) = pairs(api, overlap)
    assert overlap["kind"] == pair["kind"] == "same_product"
    assert "The versions are 7.1 and 8.0." in pair["evidence"]
    SystemWriter(acting(session), theirs.agency_id).change(theirs, {"product_version": "7.1"})
    find_overlaps(session)
    assert set(by_kind(api)) == {"same_product", "same_instance"}
    (pair,) = pairs(api, overlap)
    assert pair["kind"] == "same_instance"
    assert "Both run version 7.1." in pair["evidence"]


def test_visible_different_versions_rule_out_one_installation(sign_in, session, quell):
    beds, cambs = sign_in(BEDS, READS), sign_in(CAMBS, READS)
    agree(agreement(beds, CAMBS, field_profile="summary"), beds, cambs)
    for code, version in ((BEDS, "7.1"), (CAMBS, "8.0")):
        fields = {"product_version": version, "disclosure": Disclosure.AGREEMENT}
        add_system(session, code, "Night kestrel", product_id=quell, **fields)
    find_overlaps(session)
    session.commit()
    assert set(by_kind(beds)) == set(by_kind(cambs)) == {"same_product", "same_instance"}
    grant(cambs, BEDS)
    assert set(by_kind(beds)) == {"same_product"}
    assert set(by_kind(cambs)) == {"same_product", "same_instance"}


def test_two_names_of_one_supplier_make_a_renamed_supplier(sign_in, session, duties):
    api = sign_in(BEDS, READS)
    now = {"product_id": duties, "supplier_name": "NEC"}
    then = {"product_name": "DMS", "supplier_name": "Northgate Public Services"}
    add_system(session, BEDS, "Duties", **now)
    add_system(session, CAMBS, "Roster", **then)
    find_overlaps(session)
    (overlap,) = by_kind(api).values()
    assert (overlap["kind"], overlap["title"]) == ("renamed_supplier", "Duty Management System")
    assert overlap["product_id"] == str(duties)
    (pair,) = pairs(api, overlap)
    assert pair["kind"] == "renamed_supplier"
    assert ONE_COMPANY in pair["evidence"]
    listed = api.get("/v1/overlaps?kind=renamed_supplier").json["items"]
    assert [each["id"] for each in listed] == [overlap["id"]]
    assert api.get("/v1/overlaps?kind=same_product").json["items"] == []


def test_an_agency_that_sees_one_supplier_name_sees_one_product(sign_in, session, duties):
    add_system(session, BEDS, "Duties", product_id=duties, supplier_name="NEC")
    add_system(session, CAMBS, "Roster", product_id=duties, supplier_name="NEC")
    find_overlaps(session)
    beds, herts = sign_in(BEDS, READS), sign_in(HERTS, READS)
    before = beds.get("/v1/overlaps").data
    add_system(
        session,
        HERTS,
        "Shifts",
        product_name="DMS",
        supplier_name="Northgate Public Services",
        disclosure=Disclosure.OWNER_ONLY,
    )
    find_overlaps(session)
    assert beds.get("/v1/overlaps").data == before
    assert beds.get("/v1/overlaps?kind=renamed_supplier").json["items"] == []
    (mine,) = by_kind(beds).values()
    (owners,) = by_kind(herts).values()
    assert (mine["kind"], owners["kind"]) == ("same_product", "renamed_supplier")
    assert mine["id"] == owners["id"]
    assert [each["kind"] for each in pairs(beds, mine)] == ["same_product"]
    kinds = sorted(each["kind"] for each in pairs(herts, owners))
    assert kinds == ["renamed_supplier", "renamed_supplier", "same_product"]


def test_a_supplier_alias_is_another_name_without_a_year(sign_in, session, duties):
    api = sign_in(BEDS, READS)
    add_system(session, BEDS, "Duties", product_id=duties, supplier_name="NEC")
    add_system(session, CAMBS, "Roster", product_id=duties, supplier_name=COMPANY)
    find_overlaps(session)
    (pair,) = pairs(api, by_kind(api)["renamed_supplier"])
    sentence = f'Their suppliers, recorded as "NEC" and "{COMPANY}", are one company: {COMPANY}.'
    assert sentence in pair["evidence"]


def test_a_legal_form_does_not_make_another_supplier_name(sign_in, session, duties):
    api = sign_in(BEDS, READS)
    add_system(session, BEDS, "Duties", product_id=duties, supplier_name=COMPANY)
    add_system(session, CAMBS, "Roster", product_id=duties, supplier_name=f"{COMPANY} Limited")
    find_overlaps(session)
    assert set(by_kind(api)) == {"same_product"}


def test_a_run_counts_overlaps_by_visible_kind(sign_in, session, run_jobs, duties):
    add_system(session, BEDS, "Duties", product_id=duties, supplier_name="NEC")
    former = {"product_id": duties, "supplier_name": "Northgate Public Services"}
    add_system(session, CAMBS, "Roster", **former)
    add_rosters(session, BEDS, CAMBS)
    api = sign_in(BEDS, READS)
    job = api.post("/v1/overlaps/runs").json["id"]
    run_jobs()
    result = api.get(f"/v1/jobs/{job}").json["result"]
    assert result == {"overlaps": 2, "by_kind": {"renamed_supplier": 1, "same_function": 1}}
