"""The state machine of a system's life: which step may follow which."""

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
"""Each step and those that may follow it. What ran once is archived before it is gone."""

IN_USE = frozenset({_L.LIVE, _L.SUNSETTING, _L.READ_ONLY_ARCHIVE})
"""Steps in which somebody works with a system, if only to look things up."""


def can_follow(before: Lifecycle, after: Lifecycle) -> bool:
    """Whether one step may follow another directly."""
    return after in TRANSITIONS[before]


def can_be_reached(before: Lifecycle, after: Lifecycle) -> bool:
    """Whether one step may follow another, perhaps by steps between them that nobody recorded.

    A spreadsheet that is loaded once a year shows where a system stands, not how it got there.
    """
    reached: set[Lifecycle] = set()
    waiting = [before]
    while waiting:
        for step in TRANSITIONS[waiting.pop()] - reached:
            reached.add(step)
            waiting.append(step)
    return after in reached
