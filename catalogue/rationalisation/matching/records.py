"""What matching looks at: plain records of systems, and the reference data that everybody may read."""

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
"""As many letters at least two words begin with that are one word with two endings."""
ENDINGS = frozenset(
    "al ally ation ations d e ed er ers es ies ing ings ion ions ment ments ning or ors r s st sts t y".split()  # noqa: SIM905
)
"""What two forms of one word may differ by."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is asked of a system. `capabilities` are codes.

    Aliases, description and version are empty where the reader may not see them.
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
    """Agencies that use the system, besides its own."""

    def digest(self) -> str:
        """A digest of what the summary of a record shows to matching.

        Another one means that the record has changed, for everybody who may see it.
        """
        return _digest(
            self.name,
            str(self.product_id),
            self.product_name,
            self.supplier_name,
            sorted(self.capabilities),
        )

    def full_digest(self) -> str:
        """A digest of all that matching looks at."""
        return _digest(
            self.digest(),
            self.aliases,
            self.description,
            self.version,
            sorted(map(str, self.used_by)),
        )

    def summary(self) -> "Record":
        """What is left of it for who sees the summary only."""
        return replace(self, aliases=(), description=None, version=None, used_by=frozenset())


def _digest(*looked_at: Any) -> str:
    return blake2b(orjson.dumps(looked_at), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class RegisteredProduct:
    """A product of the shared register."""

    id: UUID
    name: str
    supplier_id: UUID


@dataclass(frozen=True)
class Reference:
    """The shared reference data. Names are folded; capabilities are those that have none below."""

    products: Mapping[UUID, RegisteredProduct] = field(default_factory=dict)
    products_by_name: Mapping[str, list[RegisteredProduct]] = field(default_factory=dict)
    suppliers: Mapping[UUID, str] = field(default_factory=dict)
    suppliers_by_name: Mapping[str, list[UUID]] = field(default_factory=dict)
    renamed: Mapping[str, int] = field(default_factory=dict)
    """The years in which suppliers gave up names that they had."""
    capabilities: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[UUID, str] = field(default_factory=dict)

    _resolved: dict[tuple[str, str | None], RegisteredProduct | None] = field(
        default_factory=dict, repr=False, compare=False
    )
    _makers: dict[str, tuple[UUID | None, str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    specific_words: dict[str, frozenset[str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """By text, those that were asked for already."""
    _owned: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def common_words(self) -> Mapping[str, frozenset[str]]:
        """Words that name what systems are for, or whose they are, by how they begin."""
        said = (*self.capabilities.values(), *self.agencies.values(), *COMMON_WORDS, *NO_PRODUCTS)
        found: dict[str, set[str]] = defaultdict(set)
        for text in said:
            for word in plain_name(text).split():
                found[word[:STEM]].add(word)
        return {beginning: frozenset(words) for beginning, words in found.items()}

    def is_specific(self, word: str) -> bool:
        """Whether a word is more than one for a function, an agency or systems in general.

        "Roster" says no more than that a system serves "Duty management and rostering"; but
        "ServiceNow" is no ending of "service".
        """
        known = self._owned.get(word)
        if known is None:
            known = not (
                len(word) < 2 or word.isdigit() or is_ending(word) or self._is_common(word)
            )
            self._owned[word] = known
        return known

    def _is_common(self, word: str) -> bool:
        for common in self.common_words.get(word[:STEM], ()):
            alike = sum(
                1 for _ in takewhile(lambda two: two[0] == two[1], zip(word, common, strict=False))
            )
            if {word[alike:], common[alike:]} <= ENDINGS | {""}:
                return True
        return False

    def supplier_of(self, name: str | None) -> UUID | None:
        """The one registered supplier that a name means."""
        if not name:
            return None
        for written in (fold(name), plain_name(name)):
            found = self.suppliers_by_name.get(written, [])
            if len(found) == 1:
                return found[0]
        return None

    def product_of(self, record: Record) -> RegisteredProduct | None:
        """The registered product of a system: the one it names, or that its product's name means.

        Where no product is named, the system itself may be called like one. A supplier that is
        named must be the product's own, when the register knows it.
        """
        if record.product_id is not None:
            return self.products.get(record.product_id)
        asked = (record.product_name or record.name, record.supplier_name)
        if asked not in self._resolved:
            self._resolved[asked] = self._named_product(*asked)
        return self._resolved[asked]

    def _named_product(self, named: str, maker: str | None) -> RegisteredProduct | None:
        supplier = self.supplier_of(maker)
        if found := self._product(named, supplier):
            return found
        if supplier is not None:
            # Some leave the maker out of the name: "DMS" of Northgate is "Northgate DMS".
            for written in (maker, self.suppliers.get(supplier)):
                if found := self._product(f"{written} {named}", supplier):
                    return found
        said, rest = self.split_supplier(named)
        if rest and said is not None and supplier in {None, said}:
            return self._product(rest, said)
        return None

    def maker_of(self, record: Record, supplier: UUID) -> str | None:
        """The plain name that a record gives a product's supplier, perhaps before the product."""
        if record.supplier_name:
            known = self.supplier_of(record.supplier_name) == supplier
            return company_name(record.supplier_name) if known else None
        for named in (record.product_name, record.name):
            if named and self.split_supplier(named)[0] == supplier:
                plain = plain_name(named)
                return company_name(plain.removesuffix(self.split_supplier(named)[1]))
        return None

    def year_given_up(self, name: str) -> int | None:
        """The year in which a supplier gave up a name, or the longer one that it is short for."""
        short = company_name(name)
        years = [
            year
            for former, year in self.renamed.items()
            if former == short or former.startswith(f"{short} ")
        ]
        return max(years) if years else None

    def split_supplier(self, name: str) -> tuple[UUID | None, str]:
        """The supplier whose name a product's begins with, and what comes after it."""
        if name not in self._makers:
            self._makers[name] = self._maker_before(plain_name(name).split())
        return self._makers[name]

    def _maker_before(self, words: list[str]) -> tuple[UUID | None, str]:
        for length in range(min(len(words) - 1, self._longest_maker), 0, -1):
            supplier = self.supplier_of(" ".join(words[:length]))
            if supplier is not None:
                return supplier, " ".join(words[length:])
        return None, ""

    @cached_property
    def _longest_maker(self) -> int:
        return max((len(name.split()) for name in self.suppliers_by_name), default=0)

    def _product(self, name: str, supplier: UUID | None) -> RegisteredProduct | None:
        for written in (fold(name), plain_name(name)):
            found = self.products_by_name.get(written, [])
            if supplier is not None:
                found = [product for product in found if product.supplier_id == supplier]
            if len(found) == 1:
                return found[0]
        return None
