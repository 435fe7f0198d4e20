"""Search terms for similar systems, with the rarity of words in public names."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.records import Reference, RegisteredProduct
from catalogue.rationalisation.matching.terms import Weights
from catalogue.rationalisation.similar.terms import (
    LONGEST,
    MOST_NAMES,
    MOST_WORDS,
    SHORTEST,
    SearchTerms,
    search_terms_of,
)
from tests.factories import build_record

MAKER, PRODUCT = UUID(int=1), RegisteredProduct(UUID(int=2), "Origin", UUID(int=1))
REFERENCE = Reference(
    products={PRODUCT.id: PRODUCT},
    products_by_name={"origin": [PRODUCT], "crown duties": [PRODUCT]},
    suppliers={MAKER: "Totalmobile"},
    suppliers_by_name={"totalmobile": [MAKER], "crown": [MAKER]},
    capabilities={"E04": "Duty management"},
)
WEIGHTS = Weights.from_texts(
    (name, name) for name in ("Duty management", "Duty", "Fleet management")
)


def wanted(name: str, *aliases: str, product_name: str | None = None, **codes: str) -> SearchTerms:
    record = build_record(
        0,
        name,
        product_name=product_name,
        capabilities=tuple(codes.values()),
        aliases=aliases,
    )
    return search_terms_of(record, REFERENCE, WEIGHTS)


def test_search_terms_include_every_name_of_the_product() -> None:
    found = wanted("Duty roster", "DR", product_name="Crown Duties 7.1", leaf="E04", branch="E")
    assert found.product_id == PRODUCT.id
    assert found.capabilities == ("E04",)
    assert found.names == ("duty roster", "crown duties", "origin")


def test_search_words_start_with_the_rarest() -> None:
    assert wanted("Duty management of Zephyrine").words == ("zephyrine", "management", "duty")


def test_a_system_named_after_its_supplier_is_searched_by_every_supplier_name() -> None:
    assert wanted("Crown").names == ("crown", "totalmobile")


def test_a_meaningless_name_has_no_search_terms() -> None:
    assert wanted("-%_").is_empty
    assert wanted("HR").is_empty


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=50), st.text(max_size=200))
def test_search_terms_are_limited_in_number_and_length(
    name: str, aliases: list[str], product: str
) -> None:
    found = wanted(name, *aliases, product_name=product)
    assert len(found.names) <= MOST_NAMES
    assert len(found.words) <= MOST_WORDS
    assert all(SHORTEST <= len(each) <= LONGEST for each in (*found.names, *found.words))
