"""Blocking: the choice of records that are worth comparing, without comparing every pair.

The choice of a pair depends on its two records alone, as the score does. The number of other
records that share a word makes no difference. The choice therefore reveals nothing about records
that a reader cannot see.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from math import ceil, inf
from uuid import UUID

from catalogue.rationalisation.matching.classification import LEAST_NAME_LIKENESS
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.similarity import names_of
from catalogue.rationalisation.matching.terms import Weights, codes, joined_words, words

LEAST_SHARED_WEIGHT = 0.8
"""The least weight of two records' shared words together, as a fraction of the highest weight.

A single shared word is enough if it is rare.
"""
LEAST_SHARE_OF_NAME = 0.9
"""The fraction of a name's own weight that is enough instead, for a short name like "Office"."""
SHORTEST_WORD = 2
SHORTEST_MISTYPED = 6
"""The least number of letters of a word that is still recognised with one letter wrong."""
SHORTEST_BEGINNING = 4
LEAST_OF_CODE = 0.6
"""The least fraction of a model's code that can stand for it: "LRE30453" for "LRE30453ST"."""

WordsOf = Callable[[str], Iterable[str]]


def candidates(
    records: Iterable[Record],
    weights: Weights,
    *,
    words_of: WordsOf = joined_words,
    group_of: Callable[[Record], Hashable | None] = lambda _record: None,
) -> Iterator[tuple[Record, Record]]:
    """Yield each pair of records of different agencies that is worth comparing, once.

    The two records' names share distinctive words, or a word that one of them misspells. `words_of`
    returns the words of a name that count. Records for which `group_of` returns the same group are
    not paired with each other.
    """
    least = LEAST_SHARED_WEIGHT * weights.highest_weight()
    by_agency: dict[UUID, list[Record]] = defaultdict(list)
    for record in records:
        by_agency[record.agency_id].append(record)
    earlier: list[Record] = []
    earlier_groups: list[Hashable | None] = []
    earlier_needs: list[float] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    by_spelling: dict[str, list[int]] = defaultdict(list)
    for agency_id in sorted(by_agency):
        own = by_agency[agency_id]
        own_words = [distinctive_words(record, weights, words_of) for record in own]
        own_spellings = [_spellings(record, weights, words_of) for record in own]
        groups = [group_of(record) for record in own]
        needs = [min(least, _needed_of_name(record, weights, words_of)) for record in own]
        for number, record in enumerate(own):
            shared: dict[int, float] = defaultdict(float)
            for word, weight in own_words[number].items():
                for place in by_word.get(word, ()):
                    shared[place] += weight
            misspelt = {
                place for form in own_spellings[number] for place in by_spelling.get(form, ())
            }
            for place in sorted({*shared, *misspelt}):
                if groups[number] is not None and groups[number] == earlier_groups[place]:
                    continue
                if shared.get(place, 0.0) >= min(needs[number], earlier_needs[place]) or (
                    place in misspelt
                    and _are_spelt_alike(earlier[place], record, weights, words_of)
                ):
                    yield earlier[place], record
        # Indexed only now, so that no record is compared with others of its own agency.
        for place, weighted_words in enumerate(own_words, start=len(earlier)):
            for word in weighted_words:
                by_word[word].append(place)
            for form in own_spellings[place - len(earlier)]:
                by_spelling[form].append(place)
        earlier += own
        earlier_groups += groups
        earlier_needs += needs


def distinctive_words(
    record: Record, weights: Weights, words_of: WordsOf = joined_words
) -> dict[str, float]:
    """Return the words and beginnings of codes by which a record can be paired, with weights.

    Only the record's names count, because systems for one purpose have similar descriptions. Two
    records whose names have no word in common are never one product.
    """
    most = weights.highest_weight()
    weighted: dict[str, float] = {}
    for name in names_of(record):
        counted = frozenset(words_of(name))
        for word in counted:
            if len(word) >= SHORTEST_WORD and weights.is_distinctive(word):
                weighted[word] = weights.words.weight(word)
        for code in codes(name) & counted:
            for length in range(_least_length(code), len(code) + 1):
                # The asterisk distinguishes the beginning of a code from a word.
                weighted[f"{code[:length]}*"] = most
    return weighted


def _needed_of_name(record: Record, weights: Weights, words_of: WordsOf) -> float:
    """Return the least weight of shared words that makes a record worth comparing by its names.

    The result is nearly all of the weight of its lightest name. Without a distinctive name, the
    result is infinity.
    """
    needed = []
    for name in names_of(record):
        counted = frozenset(words_of(name)) & frozenset(words(name))
        distinctive = [
            word for word in counted if len(word) >= SHORTEST_WORD and weights.is_distinctive(word)
        ]
        if distinctive:
            weight = sum(map(weights.words.weight, sorted(distinctive)))
            needed.append(LEAST_SHARE_OF_NAME * weight)
    return min(needed, default=inf)


def _spellings(record: Record, weights: Weights, words_of: WordsOf) -> frozenset[str]:
    """Return the longest rare word of each name, and its forms with one letter left out.

    Two words that differ in one letter share such a form, and so do two with swapped letters. The
    first letter stays, because it is hardly ever wrong. A common word has no forms, because its
    misspellings would pair too many records.
    """
    rare_weight = LEAST_SHARED_WEIGHT * weights.highest_weight()
    forms: set[str] = set()
    for name in names_of(record):
        counted = frozenset(words_of(name)) & frozenset(words(name))
        rare = [w for w in counted if w.isalpha() and weights.words.weight(w) >= rare_weight]
        longest = max(rare, key=lambda word: (len(word), word), default="")
        if len(longest) >= SHORTEST_MISTYPED:
            forms |= {longest[:at] + longest[at + 1 :] for at in range(1, len(longest))}
            forms.add(longest)
    return frozenset(forms)


def _are_spelt_alike(a: Record, b: Record, weights: Weights, words_of: WordsOf) -> bool:
    """Return whether two records that share only a mistyped word are worth comparing.

    The comparison of the two records repeats this test.
    """
    return any(
        weights.names.cosine(x, y) >= LEAST_NAME_LIKENESS
        for x in _counted_parts(a, words_of)
        for y in _counted_parts(b, words_of)
    )


def _counted_parts(record: Record, words_of: WordsOf) -> list[str]:
    parts = []
    for name in names_of(record):
        counted = frozenset(words_of(name))
        parts.append(" ".join(word for word in words(name) if word in counted))
    return [part for part in parts if part]


def _least_length(code: str) -> int:
    return max(SHORTEST_BEGINNING, ceil(LEAST_OF_CODE * len(code)))
