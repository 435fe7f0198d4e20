"""The agencies of the reference data: complete, consistent and with official codes."""

import csv
import re
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

COLUMNS = [
    "code",
    "name",
    "kind",
    "nation",
    "identifiers",
    "governed_by",
    "valid_from",
    "valid_to",
    "predecessors",
    "successors",
    "certainty",
    "notes",
]
KINDS = {"police", "fire", "ambulance", "pcc", "pfcc", "mayor", "shared_service", "other"}

# ONS numbers England's police force areas without a gap. Fire authorities that merged leave gaps.
POLICE_GSS = (
    {f"E230000{n:02}" for n in range(1, 40)} | {f"W1500000{n}" for n in range(1, 5)} | {"S23000009"}
)
MERGED_FIRE_GSS = {"E31000012", "E31000017", "E31000021", "E31000038"}
FIRE_GSS = ({f"E310000{n:02}" for n in range(1, 49)} - MERGED_FIRE_GSS) | {
    f"W2500000{n}" for n in range(1, 4)
}
AMBULANCE_ODS = {"RX6", "RX7", "RX8", "RX9", "RYA", "RYC", "RYD", "RYE", "RYF", "RRU"}

MERGERS = {
    "scotland-police": (8, date(2013, 4, 1)),
    "scotland-fire": (8, date(2013, 4, 1)),
    "northern-ireland-police": (1, date(2001, 11, 4)),
    "civil-nuclear-police": (1, date(2005, 4, 1)),
    "devon-and-somerset-fire": (2, date(2007, 4, 1)),
    "dorset-and-wiltshire-fire": (2, date(2016, 4, 1)),
    "hampshire-and-isle-of-wight-fire": (2, date(2021, 4, 1)),
}


def read_rows(name):
    path = files("catalogue") / "agencies" / "reference" / name
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def split_list(text):
    return [part for part in text.split(";") if part]


@pytest.fixture(scope="module")
def services():
    return read_rows("agencies.csv")


@pytest.fixture(scope="module")
def agencies(services):
    return services + read_rows("governors.csv")


@pytest.fixture(scope="module")
def by_code(agencies):
    return {row["code"]: row for row in agencies}


def list_identifiers(rows, scheme):
    return [
        identifier.partition(":")[2]
        for row in rows
        for identifier in split_list(row["identifiers"])
        if identifier.partition(":")[0] == scheme
    ]


def select_current(rows, kind):
    return [row for row in rows if row["kind"] == kind and not row["valid_to"]]


def test_codes_are_unique_slugs(agencies, by_code):
    assert len(by_code) == len(agencies)
    for code in by_code:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code), code


def test_codes_end_with_the_kind(agencies):
    for row in agencies:
        if row["kind"] != "other":
            assert row["code"].endswith("-" + row["kind"]), row["code"]


def test_every_row_is_filled_in(agencies):
    for row in agencies:
        assert None not in {*row, *row.values()}, row
        assert row["name"] == row["name"].strip() != ""
        assert row["kind"] in KINDS
        assert row["certainty"] in {"sourced", "general_knowledge"}
        assert row["nation"] in {
            "England",
            "Wales",
            "Scotland",
            "Northern Ireland",
            "Great Britain",
            "United Kingdom",
        }


def test_names_of_current_agencies_are_unique(agencies):
    names = Counter(row["name"] for row in agencies)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_police_force_is_listed(services):
    forces = select_current(services, "police")
    assert len(forces) == 48
    codes = list_identifiers(forces, "GSS")
    assert Counter(codes) == Counter(POLICE_GSS)
    assert len(POLICE_GSS) == 44
    without_area = {row["code"] for row in forces if "GSS:" not in row["identifiers"]}
    assert without_area == {
        "northern-ireland-police",
        "british-transport-police",
        "civil-nuclear-police",
        "ministry-of-defence-police",
    }


def test_every_fire_service_is_listed(services):
    fire_services = select_current(services, "fire")
    assert len(fire_services) == 49
    assert Counter(list_identifiers(fire_services, "GSS")) == Counter(FIRE_GSS)
    assert len(FIRE_GSS) == 47
    without_code = {row["code"] for row in fire_services if "GSS:" not in row["identifiers"]}
    assert without_code == {"scotland-fire", "northern-ireland-fire"}


def test_every_english_ambulance_trust_is_listed(services):
    assert Counter(list_identifiers(select_current(services, "ambulance"), "ODS")) == Counter(
        AMBULANCE_ODS
    )


def test_each_identifier_belongs_to_one_agency(agencies):
    every = [identifier for row in agencies for identifier in split_list(row["identifiers"])]
    assert [i for i, count in Counter(every).items() if count > 1] == []
    for identifier in every:
        assert re.fullmatch(r"[A-Za-z-]+:[A-Za-z0-9-]+", identifier), identifier
    assert set(MERGED_FIRE_GSS) <= set(list_identifiers(agencies, "GSS"))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("bedfordshire-police", "Bedfordshire Police"),
        ("cambridgeshire-police", "Cambridgeshire Constabulary"),
        ("hertfordshire-police", "Hertfordshire Constabulary"),
        ("bedfordshire-fire", "Bedfordshire Fire and Rescue Service"),
        ("hereford-and-worcester-fire", "Hereford & Worcester Fire and Rescue Service"),
        ("royal-berkshire-fire", "Royal Berkshire Fire and Rescue Service"),
        ("london-fire", "London Fire Brigade"),
        ("cleveland-fire", "Cleveland Fire Brigade"),
        ("west-midlands-fire", "West Midlands Fire Service"),
        ("scotland-fire", "Scottish Fire and Rescue Service"),
    ],
)
def test_services_have_their_proper_names(by_code, code, name):
    assert by_code[code]["name"] == name


def test_governors_exist_and_are_current(services, by_code):
    for row in services:
        if not row["governed_by"]:
            continue
        governor = by_code[row["governed_by"]]
        assert governor["kind"] in {"pcc", "pfcc", "mayor", "other"}, row["code"]
        assert row["valid_to"] or not governor["valid_to"], row["code"]


def test_every_current_force_has_a_governor(services):
    assert [
        row["code"] for row in select_current(services, "police") if not row["governed_by"]
    ] == []


def test_number_of_commissioners_matches_published_figures(agencies):
    kinds = Counter(row["kind"] for row in agencies if not row["valid_to"])
    assert (kinds["pcc"], kinds["pfcc"], kinds["mayor"]) == (33, 4, 5)


def test_police_and_fire_share_a_governor_where_the_law_joined_them(by_code):
    for area in ("cumbria", "essex", "northamptonshire", "staffordshire"):
        assert by_code[f"{area}-police"]["governed_by"] == f"{area}-pfcc"
        assert by_code[f"{area}-fire"]["governed_by"] == f"{area}-pfcc"
    for police, fire in (
        ("metropolitan-police", "london-fire"),
        ("greater-manchester-police", "greater-manchester-fire"),
        ("north-yorkshire-police", "north-yorkshire-fire"),
    ):
        assert by_code[police]["governed_by"] == by_code[fire]["governed_by"]


def test_predecessors_and_successors_match(agencies, by_code):
    for row in agencies:
        for code in split_list(row["predecessors"]):
            assert row["code"] in split_list(by_code[code]["successors"]), (row["code"], code)
        for code in split_list(row["successors"]):
            assert row["code"] in split_list(by_code[code]["predecessors"]), (row["code"], code)


def test_dates_are_in_order(agencies, by_code):
    for row in agencies:
        starts = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
        ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        assert not (starts and ends) or starts < ends, row["code"]
        assert bool(ends) == bool(row["successors"]), row["code"]
        for code in split_list(row["predecessors"]):
            last_day = date.fromisoformat(by_code[code]["valid_to"])
            if starts:
                assert (starts - last_day).days == 1, (row["code"], code)


@pytest.mark.parametrize("code", MERGERS)
def test_mergers_are_recorded(by_code, code):
    number, first_day = MERGERS[code]
    row = by_code[code]
    assert len(split_list(row["predecessors"])) == number
    assert date.fromisoformat(row["valid_from"]) == first_day
    for former in split_list(row["predecessors"]):
        assert by_code[former]["kind"] == row["kind"]


def test_agencies_hold_no_contact_details(agencies):
    for row in agencies:
        assert "@" not in " ".join(row.values()), row["code"]
