"""JSON is stored as it was sent, or refused with the place: repeated keys, and lossy numbers."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.exact_json import LARGEST_WHOLE, find_faults
from tests.api_calls import answer, listed, refusals
from tests.factories import system
from tests.unsaved import CheckedClient

SENT = '"name": "Duty management", "lifecycle": "live"'


def post(api: CheckedClient, fields: str, path: str = "/v1/systems") -> set[tuple[str, str, str]]:
    response = api.post(path, data=f"{{{SENT}, {fields}}}", content_type="application/json")
    status = 400 if response.status_code == 400 else 422
    found = refusals(response, status)
    assert listed(api, "/v1/systems") == []
    return {(f"{status}", pointer, code) for pointer, code in found}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ('"disclosure": "owner_only", "disclosure": "all_agencies"', "/disclosure"),
        ('"tags": ["a"], "tags": ["a"]', "/tags"),
        ('"n\\u0061me": "Other"', "/name"),
        ('"attributes": {"a/b": 1, "c": 2, "a/b": 1}', "/attributes/a~1b"),
        ('"external_ids": [{"source": "x", "id": "1", "id": "2"}]', "/external_ids/0/id"),
        ('"nonsense": {"deep": [[{"": 1, "": 2}]]}', "/nonsense/deep/0/0/"),
    ],
)
def test_key_that_an_object_repeats_is_refused(
    api: CheckedClient, fields: str, pointer: str
) -> None:
    assert post(api, fields) == {("400", pointer, "repeated")}


@pytest.mark.parametrize(
    "number",
    [
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "9" * 5000,
        "1e-400",
        "-0.5E-400",
        "1e400",
        "0.1000000000000000055511151231257827",
        "3.14159265358979323846",
        "9007199254740993.0",
    ],
)
def test_number_that_would_change_is_refused(api: CheckedClient, number: str) -> None:
    fields = f'"attributes": {{"asset": {number}, "cost": 12.5}}'
    assert post(api, fields) == {("422", "/attributes/asset", "out_of_range")}


def test_lossy_numbers_are_reported_with_the_other_errors(api: CheckedClient) -> None:
    fields = f'"user_count": {10**30}, "attributes": {{"imei": {10**30}}}, "live_from": "soon"'
    assert post(api, fields) == {
        ("422", "/user_count", "out_of_range"),
        ("422", "/attributes/imei", "out_of_range"),
        ("422", "/live_from", "invalid"),
    }


def test_numbers_that_fit_are_kept_digit_by_digit(api: CheckedClient) -> None:
    numbers = {
        "unsigned": str(LARGEST_WHOLE),
        "signed": str(-(2**63)),
        "fraction": "0.1",
        "zero": "-0.0",
        "padded": "12.500",
        "power": "1.5e10",
        "small": "2.5e-300",
    }
    attributes = ", ".join(f'"{name}": {text}' for name, text in numbers.items())
    made = api.post(
        "/v1/systems",
        data=f'{{{SENT}, "attributes": {{{attributes}}}}}',
        content_type="application/json",
    )
    assert made.status_code == 201, made.text
    stored = json.loads(api.get(made.headers["Location"]).text, parse_float=Decimal)["attributes"]
    assert stored == {name: Decimal(text) for name, text in numbers.items()}


def test_merge_patch_and_list_of_records_are_read_as_strictly(api: CheckedClient) -> None:
    made = system(api, "Rostering")
    path = f"/v1/systems/{made['id']}"
    tag = {"If-Match": api.get(path).headers["ETag"]}
    patch = api.patch(
        path,
        data='{"disclosure": "owner_only", "disclosure": "all_agencies"}',
        content_type="application/merge-patch+json",
        headers=tag,
    )
    assert refusals(patch, 400) == {("/disclosure", "repeated")}
    items = f'{{"items": [{{{SENT}}}, {{{SENT}, "attributes": {{"a": 1e-999}}}}]}}'
    bulk = api.post("/v1/systems/bulk", data=items, content_type="application/json")
    assert ("/items/1/attributes/a", "out_of_range") in refusals(bulk)
    assert answer(api.get(path))["disclosure"] == made["disclosure"]
    assert listed(api, "/v1/systems") == ["Rostering"]


def test_deep_nesting_within_the_parser_limit_is_refused(api: CheckedClient) -> None:
    assert post(api, f'"x": {"[" * 1015}{"]" * 1015}') <= {
        ("400", "", "malformed_json"),
        ("422", "/x", "unknown_field"),
    }


values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3) | st.floats(allow_nan=False)
    | st.integers(-(2**63), LARGEST_WHOLE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)  # fmt: skip


@given(values)
def test_what_a_program_writes_has_no_fault(value: object) -> None:
    if "inf" not in repr(value):
        faults = find_faults(orjson.dumps(value).decode())
        assert faults.repeated == faults.inexact == []
