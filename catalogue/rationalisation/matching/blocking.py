"""Which records are worth comparing, without comparing each with each.

Whether two are follows from the two alone, as their score does: how many others have a word does
not matter. So nothing is felt of records that a reader may not see.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from uuid import UUID

from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.similarity import names_of, text_of
from catalogue.rationalisation.matching.terms import Weights, joined_words

ENOUGH = 1.0
"""How telling the words together must be that two records share, in parts of the most telling."""
SHORTEST_WORD = 2


def candidates(
    records: Iterable[Record],
    weights: Weights,
    *,
    together: Callable[[Record], Hashable | None] = lambda _record: None,
) -> Iterator[tuple[Record, Record]]:
    """Pairs of records of different agencies, each pair once, that share telling words.

    Records that are `together` for another reason are not paired with each other.
    """
    least = ENOUGH * weights.most_telling()
    by_agency: dict[UUID, list[Record]] = defaultdict(list)
    for record in records:
        by_agency[record.agency_id].append(record)
    earlier: list[Record] = []
    kept: list[Hashable | None] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    for agency_id in sorted(by_agency):
        own = by_agency[agency_id]
        telling = [telling_words(record, weights) for record in own]
        keys = [together(record) for record in own]
        for record, found, key in zip(own, telling, keys, strict=True):
            shared: dict[int, float] = defaultdict(float)
            for word, weight in found.items():
                for place in by_word.get(word, ()):
                    shared[place] += weight
            for place, weight in shared.items():
                if weight >= least and (key is None or key != kept[place]):
                    yield earlier[place], record
        # Only now: no record is held against others of its own agency.
        for place, found in enumerate(telling, start=len(earlier)):
            for word in found:
                by_word[word].append(place)
        earlier += own
        kept += keys


def telling_words(record: Record, weights: Weights) -> dict[str, float]:
    """The words that may bring a record together with others, and how telling each is."""
    found: dict[str, float] = {}
    for text in (*names_of(record), text_of(record)):
        for word in joined_words(text):
            if len(word) >= SHORTEST_WORD and weights.is_telling(word):
                found[word] = weights.words.weight(word)
    return found
