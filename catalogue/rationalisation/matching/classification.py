"""What two systems have in common, how surely, and why: in sentences that a person can check.

What is found of a pair follows from its two records and from reference data that everybody may
read. So it says nothing of any third record, which a reader may not be allowed to see.
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
"""The kinds by which two systems are one product, at the least."""

REGISTERED = 0.9
"""How sure the register makes it that two systems are one product, when names say little."""
NAMED_ALIKE = 0.8
SAME_MAKER = 0.6
SHARES_FUNCTION = 0.5
SAME_SPELLING = 75.0
"""From which likeness of letters, of 100, two suppliers' names are one name with a slip in it."""
WRITTEN_ALIKE = 0.5
"""How alike two names' own words must be written that are not the same."""


@dataclass(frozen=True, slots=True)
class Match:
    """What two systems have in common. The score tells how sure it is, from 0 to 1."""

    kind: OverlapKind
    score: float
    evidence: tuple[str, ...]


def compare(a: Record, b: Record, reference: Reference, weights: Weights) -> Match | None:
    """The closest relation of two systems, or None: the order of the two does not matter.

    One installation recorded twice is closer than one product, that closer than one product under
    two suppliers' names, and that closer than one function.
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
    """How surely two systems are one product, why, and whether under two suppliers' names."""
    first, second = reference.product_of(a), reference.product_of(b)
    if first and second:
        if first.id != second.id:
            # Two entries of the register are two products, however alike they are called.
            return None
        return _registered(a, b, first, reference, similarity(a, b, weights))
    return _unregistered(a, b, reference, weights)


def _registered(
    a: Record, b: Record, product: RegisteredProduct, reference: Reference, alike: Similarity
) -> tuple[float, list[str], bool]:
    maker = reference.suppliers.get(product.supplier_id, "its supplier")
    evidence = [f"Both are the registered product {product.name} of {maker}."]
    named = sorted({fold(each.product_name or each.name): each for each in (a, b)}.items())
    if len(named) == 2:
        one, other = (each.product_name or each.name for _, each in named)
        evidence.append(f'"{one}" and "{other}" are names of it.')
    names = [reference.maker_of(each, product.supplier_id) for each in (a, b)]
    renamed = None not in names and names[0] != names[1]
    if renamed:
        evidence.append(
            _one_company(
                [
                    each.supplier_name or name or ""
                    for each, name in zip((a, b), names, strict=True)
                ],
                maker,
                reference,
            )
        )
    # Of many systems with one product, the likeliest pairs come first.
    return REGISTERED + (1 - REGISTERED) * alike.score, evidence, renamed


def _one_company(names: list[str], maker: str, reference: Reference) -> str:
    one, other = sorted(names, key=fold)
    years = [year for name in names if (year := reference.year_given_up(name)) is not None]
    since = f", since {max(years)}" if years else ""
    return f'Their suppliers, written "{one}" and "{other}", are one company: {maker}{since}.'


def _unregistered(
    a: Record, b: Record, reference: Reference, weights: Weights
) -> tuple[float, list[str], bool] | None:
    from rapidfuzz import fuzz

    suppliers = [reference.supplier_of(each.supplier_name) for each in (a, b)]
    if None not in suppliers and suppliers[0] != suppliers[1]:
        # Two known companies may each sell something of the same name.
        return None
    products = [plain_name(each.product_name or "") for each in (a, b)]
    written = [company_name(each.supplier_name or "") for each in (a, b)]
    renamed = all(written) and fuzz.ratio(*written) < SAME_SPELLING
    alike = similarity(a, b, weights)
    if products[0] == products[1] and names_a_product(products[0]):
        score, evidence = NAMED_ALIKE, [f'Both run a product called "{a.product_name}".']
        score = max(score, alike.score)
    elif called := _one_maker(a, b, reference, alike):
        return called
    elif alike.score >= THRESHOLD and _are_named_alike(a, b, reference, weights, alike):
        score, evidence = alike.score, _said_of(alike)
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
        evidence.append(f'Yet their suppliers are written "{one}" and "{other}".')
    elif all(written):
        evidence.append(f'Both name the supplier "{a.supplier_name}".')
    return score, evidence, renamed


def _are_named_alike(
    a: Record, b: Record, reference: Reference, weights: Weights, alike: Similarity
) -> bool:
    """Whether two names share more than what systems of one function, or one agency, are called.

    Systems that have functions, and none in common, are not called one product by their names.
    """
    if a.capabilities and b.capabilities and not set(a.capabilities) & set(b.capabilities):
        return False
    if alike.shares_code or _specific_words_of(a, reference) & _specific_words_of(
        b, reference
    ) & set(alike.shared_terms):
        return True
    # Then by a word that one of the two mistypes, or writes as two.
    return any(
        weights.names.cosine(one, other) >= WRITTEN_ALIKE
        for one in _own_parts(a, reference)
        for other in _own_parts(b, reference)
    )


def _own_parts(record: Record, reference: Reference) -> list[str]:
    """What is left of each name without the words for a function, an agency or a system."""
    parts = (" ".join(filter(reference.is_specific, words(name))) for name in names_of(record))
    return [part for part in parts if part]


def _specific_words_of(record: Record, reference: Reference) -> frozenset[str]:
    return frozenset().union(*(specific_words(name, reference) for name in names_of(record)))


def _one_maker(
    a: Record, b: Record, reference: Reference, alike: Similarity
) -> tuple[float, list[str], bool] | None:
    """Systems that are called by nothing but their supplier, by two names of one company."""
    if a.product_name or b.product_name:
        return None
    makers = [reference.supplier_of(each.name) for each in (a, b)]
    if makers[0] is None or makers[0] != makers[1]:
        return None
    if a.capabilities and b.capabilities and not set(a.capabilities) & set(b.capabilities):
        return None
    names = [company_name(each.name) for each in (a, b)]
    maker = reference.suppliers[makers[0]]
    said = ["Both are called by their supplier alone."]
    if names[0] != names[1]:
        said.append(_one_company([each.name for each in (a, b)], maker, reference))
    return max(SAME_MAKER, alike.score), said, names[0] != names[1]


def _said_of(alike: Similarity) -> list[str]:
    quoted = [f'"{term}"' for term in alike.shared_terms]
    if not quoted:
        return ["Their names are written nearly alike."]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return [f"Both names contain {listed}."]


def installation_evidence(a: Record, b: Record, reference: Reference) -> list[str]:
    """Why two records of one product are of one installation; nothing, if they need not be."""
    said = []
    for one, other in ((a, b), (b, a)):
        theirs = reference.agencies.get(other.agency_id)
        if other.agency_id in one.used_by:
            said.append(f'{theirs or "The other agency"} is recorded as a user of "{one.name}".')
        elif theirs and fold(theirs) in fold(one.description or ""):
            said.append(f'The description of "{one.name}" names {theirs}.')
    if (
        not said
        and has_own_name(a, reference)
        and has_own_name(b, reference)
        and plain_name(a.name) == plain_name(b.name)
    ):
        said.append(f'Both are called "{a.name}", which is no product\'s name.')
    if a.version and b.version and fold(a.version) != fold(b.version):
        # One installation has one version; who moves to a shared one may still run its own.
        return []
    return sorted(said)


def has_own_name(record: Record, reference: Reference) -> bool:
    """Whether a system has a name of its own, rather than its product's or its function's.

    Such a name is written by people who mean one installation.
    """
    if not record.product_name and record.product_id is None:
        return False
    said = set(plain_name(f"{record.product_name or ''} {record.supplier_name or ''}").split())
    product = reference.product_of(record)
    if product is not None:
        said |= set(plain_name(product.name).split())
    if fold(record.name) in reference.products_by_name or reference.supplier_of(record.name):
        return False
    for code in record.capabilities:
        said |= set(plain_name(reference.capabilities.get(code, "")).split())
    own = [
        word
        for word in plain_name(record.name).split()
        if word not in said and reference.is_specific(word)
    ]
    return len(own) >= 2


def _one_function(a: Record, b: Record, reference: Reference) -> Match | None:
    shared = [code for code in _leaves(a, reference) if code in set(b.capabilities)]
    if not shared:
        return None
    every = set(_leaves(a, reference)) | set(_leaves(b, reference))
    score = SHARES_FUNCTION + (1 - SHARES_FUNCTION) * len(shared) / len(every) * 0.8
    return Match(OverlapKind.SAME_FUNCTION, score, tuple(_functions(a, b, reference)))


def _functions(a: Record, b: Record, reference: Reference) -> list[str]:
    shared = sorted(set(_leaves(a, reference)) & set(b.capabilities))
    return [f"Both serve {reference.capabilities[code]} ({code})." for code in shared]


def _leaves(record: Record, reference: Reference) -> list[str]:
    return [code for code in record.capabilities if code in reference.capabilities]


def _versions(a: Record, b: Record) -> list[str]:
    if not a.version or not b.version:
        return []
    if fold(a.version) == fold(b.version):
        return [f"Both run version {a.version}."]
    return [f"They run versions {_listed(a.version, b.version)}."]


def _listed(one: str, other: str) -> str:
    return " and ".join(sorted((one, other), key=fold))
