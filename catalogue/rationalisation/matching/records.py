"""Input of the matcher: records of systems, and the reference data that everybody can read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from itertools import takewhile
from typing import Any
from uuid import UUID

import orjson

from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import (
    COMMON_WORDS,
    NO_PRODUCTS,
    company_name,
    is_ending,
    plain_name,
)
from catalogue.systems.vocabulary import Lifecycle

STEM = 5
"""The least number of first letters that two forms of one word have in common."""
ENDINGS = frozenset(
    "al ally ation ations d e ed er ers es ies ing ings ion ions ment ments ning or ors r s st sts t y".split()  # noqa: SIM905
)
"""The endings in which two forms of one word can differ."""


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of a system that the matcher compares. `capabilities` are codes.

    Aliases, description, version and uses are empty if the reader cannot see them.
    """

    system_id: UUID
    agency_id: UUID
    name: str
    lifecycle: Lifecycle
    product_id: UUID | None = None
    product_name: str | None = None
    supplier_name: str | None = None
    capabilities: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    description: str | None = None
    version: str | None = None

    used_by: frozenset[UUID] = frozenset()
    """The other agencies that use the system."""

    def digest(self) -> str:
        """Return a digest of the compared fields that the summary of a record shows.

        A new digest means that the record has changed for everybody who can see it.
        """
        return _digest(
            self.name,
            str(self.product_id),
            self.product_name,
            self.supplier_name,
            sorted(self.capabilities),
        )

    def full_digest(self) -> str:
        """Return a digest of all compared fields."""
        return _digest(
            self.digest(),
            self.aliases,
            self.description,
            self.version,
            sorted(map(str, self.used_by)),
        )

    def summary(self) -> "Record":
        """Return the record as a reader of the summary alone sees it."""
        return replace(self, aliases=(), description=None, version=None, used_by=frozenset())


def _digest(*values: Any) -> str:
    return blake2b(orjson.dumps(values), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class RegisteredProduct:
    """A product in the shared register of products."""

    id: UUID
    name: str
    supplier_id: UUID


@dataclass(frozen=True)
class Reference:
    """The shared reference data. Names are folded, and capabilities are the lowest in the tree."""

    products: Mapping[UUID, RegisteredProduct] = field(default_factory=dict)
    products_by_name: Mapping[str, list[RegisteredProduct]] = field(default_factory=dict)
    suppliers: Mapping[UUID, str] = field(default_factory=dict)
    suppliers_by_name: Mapping[str, list[UUID]] = field(default_factory=dict)
    renamed: Mapping[str, int] = field(default_factory=dict)
    """The year in which a supplier dropped each of its former names."""
    capabilities: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[UUID, str] = field(default_factory=dict)

    _resolved: dict[tuple[str, str | None], RegisteredProduct | None] = field(
        default_factory=dict, repr=False, compare=False
    )
    _supplier_splits: dict[str, tuple[UUID | None, str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    specific_words: dict[str, frozenset[str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """A cache of the specific words in each string."""
    _specific: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def common_words(self) -> Mapping[str, frozenset[str]]:
        """Words for functions, agencies and systems in general, by their first letters."""
        texts = (*self.capabilities.values(), *self.agencies.values(), *COMMON_WORDS, *NO_PRODUCTS)
        by_beginning: dict[str, set[str]] = defaultdict(set)
        for text in texts:
            for word in plain_name(text).split():
                by_beginning[word[:STEM]].add(word)
        return {beginning: frozenset(words) for beginning, words in by_beginning.items()}

    def is_specific(self, word: str) -> bool:
        """Return whether a word names more than a function, an agency or a system in general.

        "Roster" is not specific, because it only names the function "Duty management and
        rostering". "ServiceNow" is specific, although it begins with "service".
        """
        known = self._specific.get(word)
        if known is None:
            known = not (
                len(word) < 2 or word.isdigit() or is_ending(word) or self._is_common(word)
            )
            self._specific[word] = known
        return known

    def _is_common(self, word: str) -> bool:
        for common in self.common_words.get(word[:STEM], ()):
            shared_letters = sum(
                1 for _ in takewhile(lambda two: two[0] == two[1], zip(word, common, strict=False))
            )
            if {word[shared_letters:], common[shared_letters:]} <= ENDINGS | {""}:
                return True
        return False

    def supplier_of(self, name: str | None) -> UUID | None:
        """Return the registered supplier with a name, or None if there is none or more than one."""
        if not name:
            return None
        for written in (fold(name), plain_name(name)):
            found = self.suppliers_by_name.get(written, [])
            if len(found) == 1:
                return found[0]
        return None

    def product_of(self, record: Record) -> RegisteredProduct | None:
        """Return the registered product of a system, by its id or by the product's name.

        A system without a product name can itself be named like a product. If the record names a
        registered supplier, only products of that supplier count.
        """
        if record.product_id is not None:
            return self.products.get(record.product_id)
        names = (record.product_name or record.name, record.supplier_name)
        if names not in self._resolved:
            self._resolved[names] = self._named_product(*names)
        return self._resolved[names]

    def _named_product(self, name: str, supplier_name: str | None) -> RegisteredProduct | None:
        supplier = self.supplier_of(supplier_name)
        if found := self._product(name, supplier):
            return found
        if supplier is not None:
            # Some agencies leave the supplier out: "DMS" of Northgate is "Northgate DMS".
            for written in (supplier_name, self.suppliers.get(supplier)):
                if found := self._product(f"{written} {name}", supplier):
                    return found
        prefix_supplier, rest = self.split_supplier(name)
        if rest and prefix_supplier is not None and supplier in {None, prefix_supplier}:
            return self._product(rest, prefix_supplier)
        return None

    def recorded_supplier(self, record: Record, supplier: UUID) -> str | None:
        """Return the plain name by which a record refers to a supplier, or None.

        Without a recorded supplier, the name can be the beginning of the product's name.
        """
        if record.supplier_name:
            known = self.supplier_of(record.supplier_name) == supplier
            return company_name(record.supplier_name) if known else None
        for name in (record.product_name, record.name):
            if name and self.split_supplier(name)[0] == supplier:
                plain = plain_name(name)
                return company_name(plain.removesuffix(self.split_supplier(name)[1]))
        return None

    def year_dropped(self, name: str) -> int | None:
        """Return the year in which a supplier last dropped this name or a longer form of it.

        Return None if no supplier has dropped it.
        """
        short = company_name(name)
        years = [
            year
            for former, year in self.renamed.items()
            if former == short or former.startswith(f"{short} ")
        ]
        return max(years) if years else None

    def split_supplier(self, name: str) -> tuple[UUID | None, str]:
        """Split a product's name into the supplier whose name it begins with, and the rest.

        Returns None and an empty string if the name begins with no supplier's name.
        """
        if name not in self._supplier_splits:
            self._supplier_splits[name] = self._split_words(plain_name(name).split())
        return self._supplier_splits[name]

    def _split_words(self, words: list[str]) -> tuple[UUID | None, str]:
        for length in range(min(len(words) - 1, self._longest_supplier_name), 0, -1):
            supplier = self.supplier_of(" ".join(words[:length]))
            if supplier is not None:
                return supplier, " ".join(words[length:])
        return None, ""

    @cached_property
    def _longest_supplier_name(self) -> int:
        return max((len(name.split()) for name in self.suppliers_by_name), default=0)

    def _product(self, name: str, supplier: UUID | None) -> RegisteredProduct | None:
        for written in (fold(name), plain_name(name)):
            found = self.products_by_name.get(written, [])
            if supplier is not None:
                found = [product for product in found if product.supplier_id == supplier]
            if len(found) == 1:
                return found[0]
        return None
