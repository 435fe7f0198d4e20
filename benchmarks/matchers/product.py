"""The product's own matcher, as its evaluation runs it."""

from uuid import UUID, uuid5

from benchmarks.matchers.sets import Item, MatchingSet, Pair
from catalogue.rationalisation.matching.evaluation.results import Task, evaluate
from catalogue.rationalisation.matching.records import Record
from catalogue.systems.vocabulary import Lifecycle

LEFT, RIGHT = UUID(int=1), UUID(int=2)


def match(records: MatchingSet) -> list[Pair]:
    """Match two sides as the lists of two agencies, or only the listed pairs.

    The evaluation returns false and missed pairs, from which the found pairs follow.
    """
    sides = [
        tuple(_record(item, side, place) for place, item in enumerate(items))
        for side, items in ((LEFT, records.left), (RIGHT, records.right))
    ]
    result = evaluate(Task(sides[0], sides[1], records.truth, records.listed))
    missed = {(int(pair.left), int(pair.right)) for pair in result.missed_pairs}
    wrong = [(int(pair.left), int(pair.right)) for pair in result.false_pairs]
    return [*(records.truth - missed), *wrong]


def _record(item: Item, side: UUID, place: int) -> Record:
    identity = uuid5(side, str(place))
    return Record(identity, side, item.name, Lifecycle.LIVE, description=item.description or None)
