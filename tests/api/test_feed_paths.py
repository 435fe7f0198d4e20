"""The ids that other registers give may hold what has a meaning in addresses."""

import pytest

from tests.api.surface import BY_NAME
from tests.api.world import OWNER, World

ODD_IDS = {
    "a/b": "a/b",
    "a//b": "a//b",
    "/a": "/a",
    "a/": "a/",
    "%2Fa%2F%2Fb": "/a//b",
    "a%3Fb=c": "a?b=c",
    "a%23b": "a#b",
    "100%25": "100%",
    "%C3%A9": "\u00e9",
    "a+b": "a+b",
    "a%20b": "a b",
    "..%2Fx": "../x",
    "a;b": "a;b",
}


@pytest.mark.parametrize("written", ODD_IDS)
def test_external_id_may_hold_what_has_a_meaning_in_addresses(written: str, world: World) -> None:
    body = world.request(BY_NAME["create_system"]).json
    body.pop("external_ids")
    url = f"/v1/agencies/{OWNER}/systems/cmdb/{written}"
    made = world.owner.put(url, json=body)
    assert made.status_code == 201, made.text
    assert made.json["external_ids"] == [{"source": "cmdb", "id": ODD_IDS[written]}]  # type: ignore[index]
    again = world.owner.put(url, json=body | {"user_count": 7})
    assert (again.status_code, again.json["user_count"]) == (200, 7)  # type: ignore[index]
