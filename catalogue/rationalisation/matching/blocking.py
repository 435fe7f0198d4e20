"""Which records are worth comparing, without comparing each with each.

Whether two are follows from the two alone, as their score does: how many others have a word does
not matter. So nothing is felt of records that a reader may not see.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from math import ceil, inf
from uuid import UUID

from catalogue.rationalisation.matching.classification import WRITTEN_ALIKE
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.similarity import names_of
from catalogue.rationalisation.matching.terms import Weights, codes, joined_words, words

ENOUGH = 0.8
"""How telling the words together must be that two records share, in parts of the most telling.

One word that hardly another record has is enough, for it is in the names of the two at least.
"""
NEARLY_ALL = 0.9
"""How much of what the shorter of two names tells is enough as well: "Office" is all of a name."""
SHORTEST_WORD = 2
SHORTEST_MISTYPED = 6
"""From how many letters on a word is known again in which one is wrong, missing or too many."""
SHORTEST_BEGINNING = 4
LEAST_OF_CODE = 0.6
"""How much of a model's code may stand for the whole: "LRE30453" for "LRE30453ST"."""

WordsOf = Callable[[str], Iterable[str]]


def candidates(
    records: Iterable[Record],
    weights: Weights,
    *,
    words_of: WordsOf = joined_words,
    together: Callable[[Record], Hashable | None] = lambda _record: None,
) -> Iterator[tuple[Record, Record]]:
    """Pairs of records of different agencies, each pair once, whose names share telling words.

    `words_of` says which words of a name count. Records that are `together` for another reason
    are not paired with each other.
    """
    least = ENOUGH * weights.highest_weight()
    by_agency: dict[UUID, list[Record]] = defaultdict(list)
    for record in records:
        by_agency[record.agency_id].append(record)
    earlier: list[Record] = []
    kept: list[Hashable | None] = []
    needed: list[float] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    by_form: dict[str, list[int]] = defaultdict(list)
    for agency_id in sorted(by_agency):
        own = by_agency[agency_id]
        telling = [distinctive_words(record, weights, words_of) for record in own]
        forms = [_forms(record, weights, words_of) for record in own]
        keys = [together(record) for record in own]
        needs = [min(least, _nearly_all(record, weights, words_of)) for record in own]
        for number, record in enumerate(own):
            shared: dict[int, float] = defaultdict(float)
            for word, weight in telling[number].items():
                for place in by_word.get(word, ()):
                    shared[place] += weight
            near = {place for form in forms[number] for place in by_form.get(form, ())}
            for place in sorted({*shared, *near}):
                if keys[number] is not None and keys[number] == kept[place]:
                    continue
                if shared.get(place, 0.0) >= min(needs[number], needed[place]) or (
                    place in near and _are_written_alike(earlier[place], record, weights, words_of)
                ):
                    yield earlier[place], record
        # Only now: no record is held against others of its own agency.
        for place, found in enumerate(telling, start=len(earlier)):
            for word in found:
                by_word[word].append(place)
            for form in forms[place - len(earlier)]:
                by_form[form].append(place)
        earlier += own
        kept += keys
        needed += needs


def distinctive_words(
    record: Record, weights: Weights, words_of: WordsOf = joined_words
) -> dict[str, float]:
    """What may bring a record together with others, and how telling each is.

    That are words of its names, not of what else is said of it: two systems for one purpose are
    described alike, and names that have nothing in common are never taken for one product.
    """
    most = weights.highest_weight()
    found: dict[str, float] = {}
    for name in names_of(record):
        counted = frozenset(words_of(name))
        for word in counted:
            if len(word) >= SHORTEST_WORD and weights.is_distinctive(word):
                found[word] = weights.words.weight(word)
        for code in codes(name) & counted:
            for length in range(_least_length(code), len(code) + 1):
                # An asterisk, so that no word is meant.
                found[f"{code[:length]}*"] = most
    return found


def _nearly_all(record: Record, weights: Weights, words_of: WordsOf) -> float:
    """Nearly all that the least telling of a record's names tells by its words; or infinity."""
    told = []
    for name in names_of(record):
        own = frozenset(words_of(name)) & frozenset(words(name))
        telling = [w for w in own if len(w) >= SHORTEST_WORD and weights.is_distinctive(w)]
        if telling:
            told.append(NEARLY_ALL * sum(map(weights.words.weight, sorted(telling))))
    return min(told, default=inf)


def _forms(record: Record, weights: Weights, words_of: WordsOf) -> frozenset[str]:
    """How the longest rare word of each name may be written wrongly: with one letter less.

    Two words that differ in one letter have such a form in common, and so have two in which two
    letters are swapped. The first letter stays, since hardly anybody has it wrong. A common word
    has no forms, or each would meet its misspellings everywhere.
    """
    rare_enough = ENOUGH * weights.highest_weight()
    forms: set[str] = set()
    for name in names_of(record):
        own = frozenset(words_of(name)) & frozenset(words(name))
        rare = [w for w in own if w.isalpha() and weights.words.weight(w) >= rare_enough]
        longest = max(rare, key=lambda word: (len(word), word), default="")
        if len(longest) >= SHORTEST_MISTYPED:
            forms |= {longest[:at] + longest[at + 1 :] for at in range(1, len(longest))}
            forms.add(longest)
    return frozenset(forms)


def _are_written_alike(one: Record, other: Record, weights: Weights, words_of: WordsOf) -> bool:
    """Whether it is worth comparing two names that have no more in common than a mistyped word.

    What is asked here is what is asked of them then, once more, by all that is said of them.
    """
    return any(
        weights.names.cosine(x, y) >= WRITTEN_ALIKE
        for x in _own_parts(one, words_of)
        for y in _own_parts(other, words_of)
    )


def _own_parts(record: Record, words_of: WordsOf) -> list[str]:
    parts = []
    for name in names_of(record):
        counted = frozenset(words_of(name))
        parts.append(" ".join(word for word in words(name) if word in counted))
    return [part for part in parts if part]


def _least_length(code: str) -> int:
    return max(SHORTEST_BEGINNING, ceil(LEAST_OF_CODE * len(code)))
