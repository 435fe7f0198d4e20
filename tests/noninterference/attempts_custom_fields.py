"""Attempts to find what other agencies declared, by the keys and values that they use."""

from collections.abc import Mapping

from tests.noninterference.attempts import attempt
from tests.noninterference.examples import Examples

KEYS = ("bureau", "desk", "floor", "storey", "asset_tag", "cost_centre")


@attempt
def declare_fields_of_hidden_agencies(examples: Examples, ids: Mapping[str, str]) -> None:
    declared = set()
    for key in KEYS:
        body = {"record": "system", "key": key, "label": f"My {key}", "type": "text"}
        if examples.owner.post("/v1/custom-fields", json=body).ok:
            declared.add(key)
    assert declared == {"bureau", "desk", "floor", "storey"}
    for key in KEYS:
        examples.owner.get(f"/v1/systems?attributes.{key}__isnull=false&sort=-attributes.{key}")


@attempt
def write_values_that_hidden_declarations_refuse(
    examples: Examples, ids: Mapping[str, str]
) -> None:
    url = f"/v1/systems/{ids['Own pay']}"
    for key in KEYS:
        etag = examples.owner.get(url).headers["ETag"]
        body = {"attributes": {key: "Anything"}}
        assert examples.owner.patch(url, json=body, headers={"If-Match": etag}).ok


@attempt
def ask_for_keys_that_hidden_agencies_declared(examples: Examples, ids: Mapping[str, str]) -> None:
    for key in ("bureau", "bureaux", "desk", "floors", "cost_centr"):
        for parameter in (f"attributes.{key}=1", f"sort=attributes.{key}"):
            assert examples.owner.get(f"/v1/systems?{parameter}").status_code == 400
