"""Classification of a pair of systems: its kind of overlap, a score, and evidence in sentences.

The result depends on the two records and on reference data that everybody can read. The result
therefore reveals nothing about a third record, which a reader might not see.
"""

from dataclasses import dataclass

from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import company_name, names_a_product, plain_name
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.matching.similarity import (
    THRESHOLD,
    Similarity,
    names_of,
    similarity,
)
from catalogue.rationalisation.matching.terms import Weights, specific_words, words
from catalogue.rationalisation.vocabulary import OverlapKind

PRODUCT_KINDS = frozenset(
    {OverlapKind.SAME_INSTANCE, OverlapKind.SAME_PRODUCT, OverlapKind.RENAMED_SUPPLIER}
)
"""The kinds in which two systems run one product, or are one installation."""

REGISTERED = 0.9
"""The least score of two systems with one registered product, however their names differ."""
SAME_PRODUCT_NAME = 0.8
SAME_SUPPLIER_NAME = 0.6
SAME_CAPABILITY = 0.5
SAME_SPELLING = 75.0
"""The similarity in letters, of 100, from which two supplier names count as one misspelt name."""
LEAST_NAME_LIKENESS = 0.5
"""The least similarity in letters, from 0 to 1, of two names that share no specific word."""


@dataclass(frozen=True, slots=True)
class Match:
    """The kind of overlap of two systems. The score, from 0 to 1, rises with certainty."""

    kind: OverlapKind
    score: float
    evidence: tuple[str, ...]


def compare(a: Record, b: Record, reference: Reference, weights: Weights) -> Match | None:
    """Return the closest kind of overlap of two systems, in either order, or None.

    From the closest to the least close, the kinds are: one installation, one product, one product
    under two supplier names, and one function.
    """
    a, b = sorted((a, b), key=lambda each: each.system_id)
    product = _one_product(a, b, reference, weights)
    if product is None:
        return _one_function(a, b, reference)
    score, evidence, renamed = product
    shared = [*_versions(a, b), *_functions(a, b, reference)]
    installed = installation_evidence(a, b, reference)
    if installed:
        kind = OverlapKind.SAME_INSTANCE
        return Match(kind, max(score, REGISTERED), (*installed, *evidence, *shared))
    kind = OverlapKind.RENAMED_SUPPLIER if renamed else OverlapKind.SAME_PRODUCT
    return Match(kind, score, (*evidence, *shared))


def _one_product(
    a: Record, b: Record, reference: Reference, weights: Weights
) -> tuple[float, list[str], bool] | None:
    """Return the score, the evidence, and whether the suppliers' names differ.

    Return None if the two systems are not one product.
    """
    first, second = reference.product_of(a), reference.product_of(b)
    if first and second:
        if first.id != second.id:
            # Two entries of the register are two products, however similar their names are.
            return None
        return _registered(a, b, first, reference, similarity(a, b, weights))
    return _unregistered(a, b, reference, weights)


def _registered(
    a: Record, b: Record, product: RegisteredProduct, reference: Reference, alike: Similarity
) -> tuple[float, list[str], bool]:
    company = reference.suppliers.get(product.supplier_id, "its supplier")
    evidence = [f"Both are the registered product {product.name} of {company}."]
    named = sorted({fold(each.product_name or each.name): each for each in (a, b)}.items())
    if len(named) == 2:
        one, other = (each.product_name or each.name for _, each in named)
        evidence.append(f'"{one}" and "{other}" are names of this product.')
    names = [reference.recorded_supplier(each, product.supplier_id) for each in (a, b)]
    renamed = None not in names and names[0] != names[1]
    if renamed:
        evidence.append(
            _one_company(
                [
                    each.supplier_name or name or ""
                    for each, name in zip((a, b), names, strict=True)
                ],
                company,
                reference,
            )
        )
    # Similar names sort the likeliest pairs of a widely used product first.
    return REGISTERED + (1 - REGISTERED) * alike.score, evidence, renamed


def _one_company(names: list[str], company: str, reference: Reference) -> str:
    one, other = sorted(names, key=fold)
    years = [year for name in names if (year := reference.year_dropped(name)) is not None]
    since = f", since {max(years)}" if years else ""
    return f'Their suppliers, recorded as "{one}" and "{other}", are one company: {company}{since}.'


def _unregistered(
    a: Record, b: Record, reference: Reference, weights: Weights
) -> tuple[float, list[str], bool] | None:
    from rapidfuzz import fuzz

    suppliers = [reference.supplier_of(each.supplier_name) for each in (a, b)]
    if None not in suppliers and suppliers[0] != suppliers[1]:
        # Two registered companies can each sell a product of the same name.
        return None
    products = [plain_name(each.product_name or "") for each in (a, b)]
    written = [company_name(each.supplier_name or "") for each in (a, b)]
    renamed = all(written) and fuzz.ratio(*written) < SAME_SPELLING
    alike = similarity(a, b, weights)
    if products[0] == products[1] and names_a_product(products[0]):
        score, evidence = SAME_PRODUCT_NAME, [f'Both run a product called "{a.product_name}".']
        score = max(score, alike.score)
    elif supplier_match := _named_after_one_supplier(a, b, reference, alike):
        return supplier_match
    elif alike.score >= THRESHOLD and _share_specific_name(a, b, reference, weights, alike):
        score, evidence = alike.score, _shared_terms_evidence(alike)
    else:
        return None
    if renamed and suppliers[0] is not None and suppliers[0] == suppliers[1]:
        evidence.append(
            _one_company(
                [each.supplier_name or "" for each in (a, b)],
                reference.suppliers[suppliers[0]],
                reference,
            )
        )
    elif renamed:
        one, other = sorted((each.supplier_name or "" for each in (a, b)), key=fold)
        evidence.append(f'However, their suppliers are recorded as "{one}" and "{other}".')
    elif all(written):
        evidence.append(f'Both record the supplier "{a.supplier_name}".')
    return score, evidence, renamed


def _share_specific_name(
    a: Record, b: Record, reference: Reference, weights: Weights, alike: Similarity
) -> bool:
    """Return whether two records' names share more than words for functions or agencies.

    Systems with capabilities, but none in common, never become one product by their names.
    """
    if a.capabilities and b.capabilities and not set(a.capabilities) & set(b.capabilities):
        return False
    if alike.shares_code or _specific_words_of(a, reference) & _specific_words_of(
        b, reference
    ) & set(alike.shared_terms):
        return True
    # One record can mistype the shared word, or write it as two words.
    return any(
        weights.names.cosine(one, other) >= LEAST_NAME_LIKENESS
        for one in _specific_parts(a, reference)
        for other in _specific_parts(b, reference)
    )


def _specific_parts(record: Record, reference: Reference) -> list[str]:
    """Return each name without its words for a function, an agency or a system."""
    parts = (" ".join(filter(reference.is_specific, words(name))) for name in names_of(record))
    return [part for part in parts if part]


def _specific_words_of(record: Record, reference: Reference) -> frozenset[str]:
    return frozenset().union(*(specific_words(name, reference) for name in names_of(record)))


def _named_after_one_supplier(
    a: Record, b: Record, reference: Reference, alike: Similarity
) -> tuple[float, list[str], bool] | None:
    """Match two systems whose names are only names of one supplier, or return None."""
    if a.product_name or b.product_name:
        return None
    suppliers = [reference.supplier_of(each.name) for each in (a, b)]
    if suppliers[0] is None or suppliers[0] != suppliers[1]:
        return None
    if a.capabilities and b.capabilities and not set(a.capabilities) & set(b.capabilities):
        return None
    names = [company_name(each.name) for each in (a, b)]
    company = reference.suppliers[suppliers[0]]
    evidence = ["Both are named after their supplier alone."]
    if names[0] != names[1]:
        evidence.append(_one_company([each.name for each in (a, b)], company, reference))
    return max(SAME_SUPPLIER_NAME, alike.score), evidence, names[0] != names[1]


def _shared_terms_evidence(alike: Similarity) -> list[str]:
    quoted = [f'"{term}"' for term in alike.shared_terms]
    if not quoted:
        return ["Their names are spelt almost the same."]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return [f"Both names contain {listed}."]


def installation_evidence(a: Record, b: Record, reference: Reference) -> list[str]:
    """Return the evidence that two records of one product are one installation, if any."""
    evidence = []
    for one, other in ((a, b), (b, a)):
        theirs = reference.agencies.get(other.agency_id)
        if other.agency_id in one.used_by:
            evidence.append(
                f'{theirs or "The other agency"} is recorded as a user of "{one.name}".'
            )
        elif theirs and fold(theirs) in fold(one.description or ""):
            evidence.append(f'The description of "{one.name}" names {theirs}.')
    if (
        not evidence
        and has_own_name(a, reference)
        and has_own_name(b, reference)
        and plain_name(a.name) == plain_name(b.name)
    ):
        evidence.append(f'Both are called "{a.name}", which is not a product name.')
    if a.version and b.version and fold(a.version) != fold(b.version):
        # One installation has one version. An agency moving to it can still run its own system.
        return []
    return sorted(evidence)


def has_own_name(record: Record, reference: Reference) -> bool:
    """Return whether a system's name is more than the name of its product or function.

    Two records of one product that share such a name describe one installation.
    """
    if not record.product_name and record.product_id is None:
        return False
    explained = set(plain_name(f"{record.product_name or ''} {record.supplier_name or ''}").split())
    product = reference.product_of(record)
    if product is not None:
        explained |= set(plain_name(product.name).split())
    if fold(record.name) in reference.products_by_name or reference.supplier_of(record.name):
        return False
    for code in record.capabilities:
        explained |= set(plain_name(reference.capabilities.get(code, "")).split())
    remaining = [
        word
        for word in plain_name(record.name).split()
        if word not in explained and reference.is_specific(word)
    ]
    return len(remaining) >= 2


def _one_function(a: Record, b: Record, reference: Reference) -> Match | None:
    shared = [code for code in _leaves(a, reference) if code in set(b.capabilities)]
    if not shared:
        return None
    every = set(_leaves(a, reference)) | set(_leaves(b, reference))
    score = SAME_CAPABILITY + (1 - SAME_CAPABILITY) * len(shared) / len(every) * 0.8
    return Match(OverlapKind.SAME_FUNCTION, score, tuple(_functions(a, b, reference)))


def _functions(a: Record, b: Record, reference: Reference) -> list[str]:
    shared = sorted(set(_leaves(a, reference)) & set(b.capabilities))
    return [f"Both provide {reference.capabilities[code]} ({code})." for code in shared]


def _leaves(record: Record, reference: Reference) -> list[str]:
    return [code for code in record.capabilities if code in reference.capabilities]


def _versions(a: Record, b: Record) -> list[str]:
    if not a.version or not b.version:
        return []
    if fold(a.version) == fold(b.version):
        return [f"Both run version {a.version}."]
    return [f"The versions are {_joined(a.version, b.version)}."]


def _joined(one: str, other: str) -> str:
    return " and ".join(sorted((one, other), key=fold))
