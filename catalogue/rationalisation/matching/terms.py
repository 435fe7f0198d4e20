"""How telling the parts of a name are: words, runs of letters, codes and numbers."""

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
"""How many letters are looked at together: enough to be telling, few enough to survive a typo."""

_WORD = re.compile(r"[^\W_]+")
_CACHED = 20_000
_ROOM = 200_000
_ROOM_FOR_A_RUN = 5_000_000

Vector = Mapping[str, float]


@lru_cache(maxsize=_CACHED)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; what stands between letters and digits parts them."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=_CACHED)
def joined_words(text: str) -> tuple[str, ...]:
    """The words of a text, and each two that stand side by side: some write them as one."""
    parts = words(text)
    return (*parts, *(one + other for one, other in pairwise(parts)))


def specific_words(text: str, reference: Reference) -> frozenset[str]:
    """The words of a text, single or joined, that say more than a function, an agency or a system.

    "Duty management" has none: neither of its words is one, so the two joined are none.
    """
    known = reference.specific_words.get(text)
    if known is None:
        parts = words(text)
        found = {part for part in parts if reference.is_specific(part)}
        found |= {
            a + b
            for a, b in pairwise(parts)
            if reference.is_specific(a) or reference.is_specific(b)
        }
        known = reference.specific_words[text] = frozenset(found)
    return known


def spaced_runs(text: str) -> list[str]:
    """Runs of letters, with the borders of words among them."""
    return _runs(f" {' '.join(words(text))} ")


def joined_runs(text: str) -> list[str]:
    """Runs of letters, as if no word had borders: "NicheRMS" has those of "Niche RMS"."""
    return _runs("".join(words(text)))


def _runs(text: str) -> list[str]:
    return [text[i : i + RUN] for i in range(max(1, len(text) - RUN + 1))]


@lru_cache(maxsize=_CACHED)
def codes(text: str) -> frozenset[str]:
    """Words of letters and digits together, such as a model's: "HOLMES 2" has "holmes2"."""
    return frozenset(
        part
        for part in joined_words(text)
        if len(part) >= 4 and any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    )


@lru_cache(maxsize=_CACHED)
def numbers(text: str) -> frozenset[str]:
    """The whole numbers of a text, those of a version one by one."""
    return frozenset(part for part in words(text) if part.isdigit())


@dataclass(eq=False)
class Terms:
    """How often each part of one sort occurs in what weights were learnt from.

    A part that was never met is the most telling of all.
    """

    parts: Callable[[str], Iterable[str]]
    frequency: Counter[str] = field(default_factory=Counter)
    texts: int = 0
    room: int = _ROOM
    """How many weights of vectors are remembered: some 20 MB here, and 500 MB for a run."""
    _held: int = 0
    _vectors: dict[str, Vector] = field(default_factory=dict)

    def learn(self, text: str) -> None:
        """Count one more text."""
        self.texts += 1
        self.frequency.update(set(self.parts(text)))

    def weight(self, part: str) -> float:
        """The inverse document frequency, smoothed so that nothing weighs nothing."""
        return _rarity(self.texts, self.frequency.get(part, 0))

    def vector(self, text: str) -> Vector:
        """The weights of a text's parts, at length one."""
        known = self._vectors.get(text)
        if known is None:
            counted = Counter(self.parts(text))
            raw = {part: _repeated(n) * self.weight(part) for part, n in counted.items()}
            length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
            known = {part: value / length for part, value in raw.items()}
            self._held += len(known)
            if self._held > self.room:
                self._vectors.clear()
                self._held = len(known)
            self._vectors[text] = known
        return known

    def cosine(self, one: str, other: str) -> float:
        """How alike two texts are, from 0 to 1."""
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
    """How telling words and runs of letters are, learnt from names that need no labels."""

    MOST_COMMON = 0.05
    """In a larger share of names than this, a word tells nothing by itself."""
    FEWEST = 10

    def __init__(self) -> None:
        self.names = Terms(joined_runs)
        self.texts = Terms(spaced_runs)
        self.words = Terms(words)

    @classmethod
    def from_texts(cls, texts: Iterable[tuple[str, str]]) -> "Weights":
        """Weights from names, each with the whole of what is said of it."""
        weights = cls()
        for name, whole in texts:
            weights.names.learn(name)
            weights.texts.learn(whole)
            weights.words.learn(whole)
        return weights

    def with_run_cache(self) -> "Weights":
        """The same, with more room to remember vectors in, which is given back after the run."""
        roomy = Weights()
        for name in ("names", "texts", "words"):
            terms = replace(getattr(self, name), room=_ROOM_FOR_A_RUN, _held=0, _vectors={})
            setattr(roomy, name, terms)
        return roomy

    def highest_weight(self) -> float:
        """The weight of a word that was met once."""
        return math.log((1 + self.words.texts) / 2) + 1

    def is_distinctive(self, word: str) -> bool:
        """Whether two systems with this word may be worth comparing."""
        most = max(self.FEWEST, self.MOST_COMMON * self.words.texts)
        return self.words.frequency[word] <= most


def public_weights(reference: Reference) -> Weights:
    """Weights from what everybody may read: names of software, the register, the capabilities and
    the agencies.

    Weights that were learnt from systems would change with systems that a reader may not see.
    """
    names = {
        *reference.products_by_name,
        *(product.name for product in reference.products.values()),
        *reference.suppliers_by_name,
        *reference.capabilities.values(),
        *reference.agencies.values(),
    }
    return _learnt_from(tuple(sorted(names)))


@lru_cache(maxsize=2)
def _learnt_from(names: tuple[str, ...]) -> Weights:
    listed = files("catalogue.rationalisation").joinpath("reference", "software_names.txt")
    known = listed.read_text(encoding="utf-8").splitlines()
    return Weights.from_texts((name, name) for name in (*known, *names))
