"""Comparison of names with those of the register and of the agency's own systems."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.text import fold
from catalogue.suppliers.models import Product, Supplier
from catalogue.systems.models import System

MOST_COMPARISONS = 20_000_000
_ALIKE = 85
_ALIKE_WORD = 75
_SHORTEST = 5
_LEGAL_FORMS = frozenset(
    {"ltd", "limited", "plc", "llp", "inc", "incorporated", "corp", "corporation", "co", "gmbh"}
)
_FILLERS = frozenset(
    {"the", "system", "systems", "application", "app", "software", "service", "solution",
     "platform", "tool", "and", "of", "for"}
)  # fmt: skip
_DIVIDED = re.compile(r"\s*[;|]\s*|\s+/\s+")
_PERHAPS_DIVIDED = re.compile(r"\s*[;|\n,/]\s*")


def _words(name: str, without: frozenset[str]) -> tuple[str, ...]:
    words = tuple(re.findall(r"[^\W_]+", fold(name)))
    return tuple(word for word in words if word not in without) or words


def _without_legal_form(name: str) -> str:
    return " ".join(_words(name, _LEGAL_FORMS))


@dataclass
class RegisterNames:
    """The names of the suppliers, or of the products, that the register knows."""

    names: dict[str, str]
    """Each known name, including aliases and former names, by its folded form."""
    found: dict[str, str | None] = field(default_factory=dict)
    compared: int = 0
    """The number of comparisons of two names, which a file of many new names would multiply."""

    @classmethod
    def of_suppliers(cls, session: Session) -> "RegisterNames":
        columns = (Supplier.name, Supplier.aliases, Supplier.former_names)
        rows = session.execute(sa.select(*columns)).all()
        former = ((name, [*aliases, *(f["name"] for f in names)]) for name, aliases, names in rows)
        return cls(_by_folded_name(former))

    @classmethod
    def of_products(cls, session: Session) -> "RegisterNames":
        rows: Any = session.execute(sa.select(Product.name, Product.aliases)).all()
        return cls(_by_folded_name(rows))

    @cached_property
    def _without_legal_form(self) -> dict[str, str]:
        return {_without_legal_form(name): shown for name, shown in self.names.items()}

    @cached_property
    def _by_length(self) -> defaultdict[int, list[str]]:
        """The names without their legal form, by their numbers of words."""
        names: defaultdict[int, list[str]] = defaultdict(list)
        for name in self._without_legal_form:
            names[len(name.split())].append(name)
        return names

    @property
    def is_spent(self) -> bool:
        """Whether further names are not compared, because a file had too many new ones."""
        return self.compared >= MOST_COMPARISONS

    def add(self, name: str) -> None:
        """Add a name that the register has gained."""
        self.names[fold(name)] = name
        form = _without_legal_form(name)
        if form not in self._without_legal_form:
            self._by_length[len(form.split())].append(form)
            self._without_legal_form[form] = name
        self.found.clear()

    def remove(self, name: str) -> None:
        """Remove a name that was added, because its record was taken back."""
        del self.names[fold(name)]
        if self._without_legal_form.get(form := _without_legal_form(name)) == name:
            self._by_length[len(form.split())].remove(form)
            del self._without_legal_form[form]
        self.found.clear()

    def knows(self, name: str) -> bool:
        """Return whether the register has the name, with or without “Ltd” and the like."""
        return self.known_name(name) is not None

    def known_name(self, name: str) -> str | None:
        """Return the known name that equals a name, with or without “Ltd” and the like, or None."""
        exact = self.names.get(fold(name))
        return exact or self._without_legal_form.get(_without_legal_form(name))

    def suggest(self, name: str) -> str | None:
        """Return the known name with nearly the spelling of an unknown name, or None."""
        if name not in self.found:
            self.found[name] = self._nearest(name)
        return self.found[name]

    def _nearest(self, name: str) -> str | None:
        from rapidfuzz import fuzz, process

        if len(name) < _SHORTEST or self.is_spent or self.knows(name):
            return None
        key = _without_legal_form(name)
        # Only names of as many words can have alike words.
        candidates = self._by_length[len(key.split())]
        self.compared += len(candidates)
        near = process.extract(key, candidates, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        alike = (known for known, *_ in near if _have_alike_words(known, key))
        found = next(alike, None)
        return self._without_legal_form[found] if found else None

    def divide(self, text: str) -> list[str]:
        """Return the names in a cell with several suppliers, or an empty list for a single name."""
        if not _PERHAPS_DIVIDED.search(text) or self.knows(text):
            return []
        parts = [part for part in _DIVIDED.split(text) if part]
        if len(parts) > 1:
            return parts
        # A comma can be part of a name, so it divides only names that the register knows.
        parts = [part for part in _PERHAPS_DIVIDED.split(text) if part]
        return parts if len(parts) > 1 and all(map(self.knows, parts)) else []


def _by_folded_name(rows: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    names: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, known_as in rows:
        names[fold(name)] = name
        others |= {fold(other): other for other in known_as}
    return others | names


def _have_alike_words(known: str, name: str) -> bool:
    """Return whether two names have nearly the same words in order.

    Words with digits must be equal.
    """
    from rapidfuzz import fuzz

    pairs = list(zip_longest(known.split(), name.split(), fillvalue=""))
    return all(
        a == b or (a.isalpha() and b.isalpha() and fuzz.ratio(a, b) >= _ALIKE_WORD)
        for a, b in pairs
    )


class OwnNames:
    """The names of the agency's systems before the import, to compare new names with."""

    def __init__(self, systems: Iterable[System]) -> None:
        self.systems = {system.id: system.name for system in systems}
        self._by_form: defaultdict[tuple[str, ...], list[UUID]] = defaultdict(list)
        for system in systems:
            for name in (system.name, *system.aliases):
                words = _words(name, _FILLERS)
                self._by_form[words].append(system.id)
                for form in _with_one_letter_less(words):
                    self._by_form[form].append(system.id)

    def find_like(self, name: str) -> UUID | None:
        """Return a system whose name has the same words except for one letter, or None."""
        words = _words(name, _FILLERS)
        for form in (words, *_with_one_letter_less(words)):
            if found := self._by_form.get(form):
                return found[0]
        return None


def _with_one_letter_less(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words with each letter of each long word left out once.

    Two names share such a form if a letter was left out, added, replaced or moved by one place.
    """
    for place, word in enumerate(words):
        if len(word) < _SHORTEST or not word.isalpha():
            continue
        for at in range(len(word)):
            yield (*words[:place], f"{word[:at]}*{word[at + 1 :]}", *words[place + 1 :])
            yield (*words[:place], f"{word[:at]}{word[at + 1 :]}", *words[place + 1 :])
