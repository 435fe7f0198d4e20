"""Parts of names, such as words, letter runs, codes and numbers, and their weights."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from catalogue.core.text import fold
from catalogue.rationalisation.matching.records import Reference

RUN = 3
"""The number of letters in a run: enough to be distinctive, few enough to survive a typing error."""

_WORD = re.compile(r"[^\W_]+")
_CACHED = 20_000
_CACHE_SIZE = 200_000
_RUN_CACHE_SIZE = 5_000_000

Vector = Mapping[str, float]


@lru_cache(maxsize=_CACHED)
def words(text: str) -> tuple[str, ...]:
    """Split a string into folded words, at everything other than letters and digits."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=_CACHED)
def joined_words(text: str) -> tuple[str, ...]:
    """Return the words of a string, and each pair of neighbours written as one word."""
    parts = words(text)
    return (*parts, *(one + other for one, other in pairwise(parts)))


def specific_words(text: str, reference: Reference) -> frozenset[str]:
    """Return the words of a string, single or joined, that are specific in the reference data.

    "Duty management" has none. Neither word is specific, so the joined word is not either.
    """
    known = reference.specific_words.get(text)
    if known is None:
        parts = words(text)
        specific = {part for part in parts if reference.is_specific(part)}
        specific |= {
            a + b
            for a, b in pairwise(parts)
            if reference.is_specific(a) or reference.is_specific(b)
        }
        known = reference.specific_words[text] = frozenset(specific)
    return known


def spaced_runs(text: str) -> list[str]:
    """Return the letter runs of a string, including the spaces between words."""
    return _runs(f" {' '.join(words(text))} ")


def joined_runs(text: str) -> list[str]:
    """Return the letter runs of a string without spaces: "NicheRMS" has those of "Niche RMS"."""
    return _runs("".join(words(text)))


def _runs(text: str) -> list[str]:
    return [text[i : i + RUN] for i in range(max(1, len(text) - RUN + 1))]


@lru_cache(maxsize=_CACHED)
def codes(text: str) -> frozenset[str]:
    """Return words of letters and digits, such as a model's code: "HOLMES 2" has "holmes2"."""
    return frozenset(
        part
        for part in joined_words(text)
        if len(part) >= 4 and any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    )


@lru_cache(maxsize=_CACHED)
def numbers(text: str) -> frozenset[str]:
    """Return the whole numbers in a string. Version 9.2 has the numbers 9 and 2."""
    return frozenset(part for part in words(text) if part.isdigit())


@dataclass(eq=False)
class Terms:
    """The number of texts in which each part occurs, for one kind of part.

    A part that never occurred has the highest weight.
    """

    parts: Callable[[str], Iterable[str]]
    frequency: Counter[str] = field(default_factory=Counter)
    texts: int = 0
    cache_size: int = _CACHE_SIZE
    """The most weights in the cache of vectors: about 20 MB by default, and 500 MB for a run."""
    _held: int = 0
    _vectors: dict[str, Vector] = field(default_factory=dict)

    def learn(self, text: str) -> None:
        """Add a text to the counts."""
        self.texts += 1
        self.frequency.update(set(self.parts(text)))

    def weight(self, part: str) -> float:
        """Return the inverse document frequency, smoothed so that no part weighs 0."""
        return _rarity(self.texts, self.frequency.get(part, 0))

    def vector(self, text: str) -> Vector:
        """Return the weights of a text's parts, scaled to a vector of length 1."""
        known = self._vectors.get(text)
        if known is None:
            counted = Counter(self.parts(text))
            raw = {part: _repeated(n) * self.weight(part) for part, n in counted.items()}
            length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
            known = {part: value / length for part, value in raw.items()}
            self._held += len(known)
            if self._held > self.cache_size:
                self._vectors.clear()
                self._held = len(known)
            self._vectors[text] = known
        return known

    def cosine(self, one: str, other: str) -> float:
        """Return the similarity of two texts, from 0 to 1."""
        first, second = self.vector(one), self.vector(other)
        if len(first) > len(second):
            first, second = second, first
        return math.fsum(value * second[part] for part, value in first.items() if part in second)


@lru_cache(maxsize=_CACHED)
def _rarity(texts: int, frequency: int) -> float:
    return math.log((1 + texts) / (1 + frequency)) + 1


@lru_cache(maxsize=1000)
def _repeated(times: int) -> float:
    return 1 + math.log(times)


class Weights:
    """Weights of words and letter runs, computed from names without labels."""

    MOST_COMMON = 0.05
    """The share of names above which a word is too common to be distinctive."""
    ALWAYS_RARE = 10
    """The number of names up to which a word is distinctive, however few names there are."""

    def __init__(self) -> None:
        self.names = Terms(joined_runs)
        self.texts = Terms(spaced_runs)
        self.words = Terms(words)

    @classmethod
    def from_texts(cls, texts: Iterable[tuple[str, str]]) -> "Weights":
        """Compute weights from names, each with its full text."""
        weights = cls()
        for name, full_text in texts:
            weights.names.learn(name)
            weights.texts.learn(full_text)
            weights.words.learn(full_text)
        return weights

    def with_run_cache(self) -> "Weights":
        """Return a copy with a larger cache of vectors, which is freed after the run."""
        copied = Weights()
        for name in ("names", "texts", "words"):
            terms = replace(getattr(self, name), cache_size=_RUN_CACHE_SIZE, _held=0, _vectors={})
            setattr(copied, name, terms)
        return copied

    def highest_weight(self) -> float:
        """Return the weight of a word that occurred once."""
        return math.log((1 + self.words.texts) / 2) + 1

    def is_distinctive(self, word: str) -> bool:
        """Return whether a word is rare enough to make two systems worth comparing."""
        most = max(self.ALWAYS_RARE, self.MOST_COMMON * self.words.texts)
        return self.words.frequency[word] <= most


def public_weights(reference: Reference) -> Weights:
    """Compute weights from public names: software, the register, capabilities and agencies.

    Weights from recorded systems would change with systems that a reader cannot see.
    """
    names = {
        *reference.products_by_name,
        *(product.name for product in reference.products.values()),
        *reference.suppliers_by_name,
        *reference.capabilities.values(),
        *reference.agencies.values(),
    }
    return _weights_of(tuple(sorted(names)))


@lru_cache(maxsize=2)
def _weights_of(names: tuple[str, ...]) -> Weights:
    listed = files("catalogue.rationalisation").joinpath("reference", "software_names.txt")
    known = listed.read_text(encoding="utf-8").splitlines()
    return Weights.from_texts((name, name) for name in (*known, *names))
