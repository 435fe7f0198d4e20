"""The capabilities of the reference data."""

import csv
import re
from importlib.resources import files

import pytest

TIERS = {"S": "strategic", "C": "core", "E": "enabling"}


@pytest.fixture(scope="module")
def capabilities():
    path = files("catalogue") / "capabilities" / "reference" / "capabilities.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        assert reader.fieldnames == ["code", "name", "parent", "tier", "description"]
        return list(reader)


def test_codes_and_names_are_unique(capabilities):
    assert len({row["code"] for row in capabilities}) == len(capabilities) == 48
    assert len({row["name"].casefold() for row in capabilities}) == len(capabilities)


def test_each_code_matches_its_parent_and_tier(capabilities):
    for row in capabilities:
        assert re.fullmatch(r"[SCE](\d\d)?", row["code"])
        assert row["tier"] == TIERS[row["code"][0]]
        assert row["parent"] == ("" if len(row["code"]) == 1 else row["code"][0])


def test_parents_come_before_their_children(capabilities):
    seen = set()
    for row in capabilities:
        assert row["parent"] == "" or row["parent"] in seen
        seen.add(row["code"])


def test_codes_run_without_gaps(capabilities):
    for root, last in (("S", 4), ("C", 21), ("E", 20)):
        codes = [row["code"] for row in capabilities if row["parent"] == root]
        assert codes == [f"{root}{n:02}" for n in range(1, last + 1)]


def test_descriptions_are_one_readable_sentence(capabilities):
    for row in capabilities:
        assert 20 < len(row["description"]) < 160, row["code"]
        assert row["description"].endswith("."), row["code"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("C02", "Command, control & dispatch"),
        ("C07", "Custody"),
        ("C13", "Fire protection (regulation)"),
        ("E01", "Finance"),
        ("E04", "Duty management & rostering"),
        ("E19", "Networks, hosting & radio"),
    ],
)
def test_codes_keep_their_meaning(capabilities, code, name):
    assert next(row for row in capabilities if row["code"] == code)["name"] == name
