"""Search terms for systems that may be similar to a given system.

The functions use only a record and the reference data that everybody can read. The rarity of a word
must not depend on systems that a reader cannot see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import names_a_product, plain_name
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.matching.similarity import names_of
from catalogue.rationalisation.matching.terms import Weights, words

MOST_WORDS = 6
MOST_NAMES = 8
SHORTEST = 3
"""The fewest characters of a term. A shorter term occurs in too many words."""
LONGEST = 100
"""The most characters of a term. The beginning of a longer name is enough to distinguish it."""


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """The terms of a search. A candidate shares at least one of them."""

    product_id: UUID | None
    capabilities: tuple[str, ...]
    names: tuple[str, ...]
    """Folded names, each a phrase: those of the record, its product and its supplier."""
    words: tuple[str, ...]
    """Folded words of the record's names, the rarest first."""

    @property
    def is_empty(self) -> bool:
        """True if there are no terms to search by."""
        return not (self.product_id or self.capabilities or self.names or self.words)


def search_terms_of(record: Record, reference: Reference, weights: Weights) -> SearchTerms:
    """Return the terms that find systems similar to a record."""
    product = reference.product_of(record)
    leaves = tuple(code for code in record.capabilities if code in reference.capabilities)
    names = dict.fromkeys(name[:LONGEST] for name in _names(record, product, reference))
    long_enough = [name for name in names if len(name) >= SHORTEST]
    return SearchTerms(
        product.id if product else None,
        leaves,
        tuple(long_enough[:MOST_NAMES]),
        rarest_words(record, weights),
    )


def _names(
    record: Record, product: RegisteredProduct | None, reference: Reference
) -> Iterator[str]:
    written = [plain_name(name) for name in names_of(record)]
    yield from (name for name in written if names_a_product(name))
    if product is not None:
        yield fold(product.name)
        for name, products in reference.products_by_name.items():
            if product in products:
                yield name
    supplier = reference.supplier_of(record.name)
    if supplier is not None and not record.product_name:
        # A system named after its supplier alone can have any name of that supplier.
        for name, suppliers in reference.suppliers_by_name.items():
            if supplier in suppliers:
                yield plain_name(name)


def rarest_words(record: Record, weights: Weights) -> tuple[str, ...]:
    """Return the words of a record's names that are rarest in public names, the rarest first."""
    written = {word for name in names_of(record) for word in words(plain_name(name))}
    kept = [word[:LONGEST] for word in written if len(word) >= SHORTEST]
    rarest = sorted(kept, key=lambda word: (-weights.words.weight(word), -len(word), word))
    return tuple(rarest[:MOST_WORDS])
