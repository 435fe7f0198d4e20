"""Differences in deletions and mergers: of hidden systems, and from before access was gained."""

from tests.noninterference.declarations import difference
from tests.noninterference.records import (
    GLIMPSE,
    GRANTOR,
    HIDDEN,
    MATE,
    OPEN,
    contract,
    merge,
    migrate,
    programme,
    system,
)
from tests.noninterference.worlds import World


@difference("systems before any agreement")
def deletions_before_a_grant_and_an_agreement(world: World) -> None:
    for by in (GRANTOR, MATE, GLIMPSE):
        for disclosure in ("owner_only", "agreement"):
            identity = system(world, f"Gone {by} {disclosure}", by, disclosure=disclosure)
            world.send(by, "DELETE", f"/v1/systems/{identity}")


@difference("systems before any agreement")
def a_merger_before_an_agreement(world: World) -> None:
    system(world, "Mate twin", MATE, disclosure="agreement")
    merge(world, "Mate early", "Mate twin", MATE)


@difference("mergers")
def a_deletion_of_a_hidden_system_of_a_partner(world: World) -> None:
    identity = system(world, "Mate passing", MATE, disclosure="owner_only")
    world.send(MATE, "DELETE", f"/v1/systems/{identity}")


@difference("mergers")
def a_deletion_of_a_hidden_system(world: World) -> None:
    identity = system(world, "Passing", OPEN, disclosure="owner_only")
    world.send(OPEN, "DELETE", f"/v1/systems/{identity}")


@difference("mergers")
def hidden_records_that_name_an_own_system(world: World) -> None:
    passing = world.ids["Own passing"]
    contract(world, "KENT/7", HIDDEN, systems=[passing])
    programme(world, "Kent programme", HIDDEN)
    migrate(world, "Kent programme", "Kent roster", HIDDEN, target_system_id=passing)
