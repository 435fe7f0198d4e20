"""Differences in custom fields: hidden declarations, and hidden values of visible keys."""

from tests.noninterference.declarations import difference
from tests.noninterference.records import GLIMPSE, HIDDEN, OPEN, change, declare
from tests.noninterference.worlds import World


@difference("custom fields")
def additional_hidden_custom_fields(world: World) -> None:
    declare(world, "bureau", HIDDEN)
    declare(world, "cost_centre", HIDDEN, type="integer")
    declare(world, "cost_centre", OPEN, type="choice", choices=["2", "Zebra"])


@difference("custom fields")
def hidden_custom_fields_changed(world: World) -> None:
    url = f"/v1/custom-fields/{world.ids[f'{OPEN}: floor']}"
    world.send(OPEN, "PATCH", url, {"label": "Storey", "description": "Zebra."})
    url = f"/v1/custom-fields/{world.ids[f'{HIDDEN}: desk']}"
    world.send(HIDDEN, "PATCH", url, {"choices": ["Zebra", "Aardvark", "Quagga"]})


@difference("custom fields")
def hidden_values_of_custom_fields(world: World) -> None:
    change(world, "Kent roster", HIDDEN, attributes={"asset_tag": "Zebra", "desk": "Zebra"})
    change(world, "Open secret", OPEN, attributes={"asset_tag": "Aardvark", "cost_centre": "2"})


@difference("custom fields")
def withheld_values_of_custom_fields(world: World) -> None:
    attributes = {"asset_tag": "Aardvark", "cost_centre": "0"}
    change(world, "Glimpse roster", GLIMPSE, attributes=attributes)
