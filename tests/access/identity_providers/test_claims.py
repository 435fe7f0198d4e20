"""Paths of claims, with nested names and names that hold dots."""

import re

import pytest

from catalogue.access.identity_providers.claims import (
    PATH,
    find_claim,
    keep_claims,
    split_path,
    words,
)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("agency", ["agency"]),
        ("realm_access.roles", ["realm_access", "roles"]),
        (r"resource_access.it\.catalogue.roles", ["resource_access", "it.catalogue", "roles"]),
        ("https://police.example/agency", ["https://police.example/agency"]),
        (r"https://police\.example/org.code", ["https://police.example/org", "code"]),
        (r"a\\b.c", [r"a\b", "c"]),
    ],
)
def test_path_is_split_at_dots(path: str, names: list[str]) -> None:
    assert re.fullmatch(PATH, path)
    assert split_path(path) == names
    claims: dict[str, object] = {names[-1]: "value"}
    for name in reversed(names[:-1]):
        claims = {name: claims}
    assert find_claim(claims, path) == "value"


@pytest.mark.parametrize("path", ["", ".", "a.", "a..b", ".a", "a b", "a\\", "a\\n"])
def test_malformed_path_does_not_match(path: str) -> None:
    assert not re.fullmatch(PATH, path)


def test_missing_claim_is_none() -> None:
    assert find_claim({"a": ["b"]}, "a.b") is None
    assert find_claim({}, "a.b.c") is None


def test_words_come_from_texts_and_lists_of_texts() -> None:
    claims = {"scp": "a b", "roles": ["c d", 7, None], "none": 1}
    assert list(words(claims, ["scp", "roles", "none", "absent"])) == ["a b", "a", "b", "c d"]


def test_kept_claims_name_what_the_claims_name_and_stay_present() -> None:
    claims = {
        "scp": "a b",
        "roles": ["c", 7, "d\x00"],
        "nul": "\x00",
        "number": 7,
        "realm": {"roles": ["e"], "other": ["f"]},
        "null": None,
        "email": "jo.smith@beds.police.uk",
    }
    paths = ["realm", "scp", "roles", "realm.roles", "nul", "number", "null", "absent.roles"]
    kept = keep_claims(claims, paths)
    assert kept == {
        "realm": {"roles": ["e"]},
        "scp": "a b",
        "roles": ["c"],
        "nul": [],
        "number": [],
    }
    assert keep_claims(claims, reversed(paths)) == kept
    assert list(words(kept, paths)) == ["a b", "a", "b", "c", "e"]
