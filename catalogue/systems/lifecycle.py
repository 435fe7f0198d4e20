"""The lifecycle of a system: its states and the changes between them."""

from catalogue.systems.vocabulary import Lifecycle

_L = Lifecycle

TRANSITIONS: dict[Lifecycle, frozenset[Lifecycle]] = {
    _L.PLANNED: frozenset({_L.IN_PROCUREMENT, _L.CANCELLED}),
    _L.IN_PROCUREMENT: frozenset({_L.IMPLEMENTING, _L.CANCELLED}),
    _L.IMPLEMENTING: frozenset({_L.LIVE, _L.CANCELLED}),
    _L.LIVE: frozenset({_L.SUNSETTING}),
    _L.SUNSETTING: frozenset({_L.LIVE, _L.READ_ONLY_ARCHIVE}),
    _L.READ_ONLY_ARCHIVE: frozenset({_L.DECOMMISSIONED}),
    _L.DECOMMISSIONED: frozenset(),
    _L.CANCELLED: frozenset(),
}
"""Each lifecycle, with the lifecycles that can follow it directly.

A system that was live is archived before it is decommissioned.
"""

IN_USE = frozenset({_L.LIVE, _L.SUNSETTING, _L.READ_ONLY_ARCHIVE})
"""Lifecycles in which people work with a system, if only to look records up."""


def can_follow(before: Lifecycle, after: Lifecycle) -> bool:
    """Return whether one lifecycle can follow another directly."""
    return after in TRANSITIONS[before]


def can_be_reached(before: Lifecycle, after: Lifecycle) -> bool:
    """Return whether one lifecycle can follow another, directly or through others.

    A spreadsheet that is imported once a year shows only the present lifecycle, so the import
    accepts a change that skips lifecycles.
    """
    reached: set[Lifecycle] = set()
    pending = [before]
    while pending:
        for following in TRANSITIONS[pending.pop()] - reached:
            reached.add(following)
            pending.append(following)
    return after in reached
