"""Grouping of systems that share a product or a capability across agencies.

The functions are pure. Each record yields keys, and the systems with one key form a group. No two
records are compared, so the time grows in proportion to their number.

Each member has its own score and evidence. Both come from its record and from reference data that
everybody can read. They therefore reveal nothing about other members, which a reader might not see.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import (
    LONGEST_NAME,
    company_name,
    names_a_product,
    plain_name,
)
from catalogue.rationalisation.matching.records import Record, Reference, RegisteredProduct
from catalogue.rationalisation.vocabulary import OverlapKind
from catalogue.systems.vocabulary import Lifecycle

ENDED = frozenset({Lifecycle.DECOMMISSIONED, Lifecycle.CANCELLED})
"""Lifecycles of systems that have ended or will never start, and so overlap with nothing."""

RUNNING = frozenset({Lifecycle.LIVE, Lifecycle.SUNSETTING})
FEWEST_AGENCIES = 2
RESEMBLANCE = 80.0
"""The similarity, of 100, from which a system's name matches the name of a capability."""


@dataclass(frozen=True, slots=True)
class Member:
    """A system in a group, with a score in hundredths and the evidence in sentences."""

    system_id: UUID
    agency_id: UUID
    score: int
    evidence: tuple[str, ...]
    supplier_name: str | None = None
    """The plain name of the shared product's supplier, as this system's record gives it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Systems of two or more agencies that share a key, which identifies the group."""

    kind: OverlapKind
    key: str
    members: tuple[Member, ...]
    product_id: UUID | None = None
    capability: str | None = None
    name: str = ""
    """The plain name of an unregistered product. Empty for other groups."""


@dataclass(frozen=True, slots=True)
class _Key:
    kind: OverlapKind
    text: str
    product: RegisteredProduct | None = None
    capability: str | None = None
    name: str = ""


def find_groups(records: Iterable[Record], reference: Reference) -> list[Group]:
    """Find all groups, sorted by kind and key, with their members sorted by id."""
    keyed: dict[_Key, list[Record]] = defaultdict(list)
    for record in records:
        if record.lifecycle not in ENDED:
            for key in _keys(record, reference):
                keyed[key].append(record)
    return [
        _group(key, members, reference)
        for key, members in sorted(keyed.items(), key=lambda each: (each[0].kind, each[0].text))
        if len({record.agency_id for record in members}) >= FEWEST_AGENCIES
    ]


def _keys(record: Record, reference: Reference) -> Iterator[_Key]:
    product = reference.product_of(record)
    if product is not None:
        yield _Key(OverlapKind.SAME_PRODUCT, f"product:{product.id}", product=product)
    elif record.product_name:
        plain = plain_name(record.product_name)
        if names_a_product(plain):
            supplier = reference.supplier_of(record.supplier_name)
            # Two registered companies can each sell a product of the same name.
            text = f"name:{plain}" if supplier is None else f"name:{plain}@{supplier}"
            yield _Key(OverlapKind.SAME_PRODUCT, text, name=plain)
    for code in dict.fromkeys(record.capabilities):
        if code in reference.capabilities:
            yield _Key(OverlapKind.SAME_FUNCTION, f"capability:{code}", capability=code)


def product_key(record: Record, reference: Reference) -> str | None:
    """Return the key of the group of systems with the same product, or None."""
    keys = (key.text for key in _keys(record, reference) if key.kind is OverlapKind.SAME_PRODUCT)
    return next(keys, None)


def _group(key: _Key, records: list[Record], reference: Reference) -> Group:
    members = [
        Member(
            record.system_id,
            record.agency_id,
            *_assess(key, record, reference),
            supplier_name=_supplier_name(key, record, reference),
        )
        for record in sorted(records, key=lambda each: each.system_id)
    ]
    product_id = key.product.id if key.product else None
    return Group(key.kind, key.text, tuple(members), product_id, key.capability, key.name)


def _supplier_name(key: _Key, record: Record, reference: Reference) -> str | None:
    if key.product is not None:
        name = reference.recorded_supplier(record, key.product.supplier_id)
        return name and name[:LONGEST_NAME]
    return (
        None
        if key.capability or not record.supplier_name
        else company_name(record.supplier_name)[:LONGEST_NAME]
    )


def _assess(key: _Key, record: Record, reference: Reference) -> tuple[int, tuple[str, ...]]:
    if key.capability is not None:
        return _function(key.capability, record, reference)
    if key.product is not None:
        return _product(key.product, record, reference)
    return _unregistered(record, reference)


def _product(
    product: RegisteredProduct, record: Record, reference: Reference
) -> tuple[int, tuple[str, ...]]:
    company = reference.suppliers.get(product.supplier_id, "its supplier")
    score = 90
    if not record.product_name and record.product_id is None:
        score = 80
        evidence = [f'"{record.name}" is a name of the registered product {product.name}.']
    elif not record.product_name:
        evidence = [f"The record names the registered product {product.name} of {company}."]
    elif fold(record.product_name) == fold(product.name):
        evidence = [f"The product is {product.name} of {company}."]
    else:
        named = f'The product "{record.product_name}"'
        evidence = [f"{named} is the registered product {product.name} of {company}."]
    supplier = reference.supplier_of(record.supplier_name)
    if supplier == product.supplier_id:
        score += 10
        if fold(record.supplier_name or "") != fold(company):
            evidence.append(f'The supplier "{record.supplier_name}" is registered as {company}.')
    elif supplier is not None:
        score = 70
        other = reference.suppliers.get(supplier, "another company")
        evidence.append(f'However, the supplier "{record.supplier_name}" is registered as {other}.')
    return score, tuple(evidence)


def _unregistered(record: Record, reference: Reference) -> tuple[int, tuple[str, ...]]:
    evidence = [f'The product "{record.product_name}" is not in the register.']
    supplier = reference.supplier_of(record.supplier_name)
    if supplier is None:
        return 60, tuple(evidence)
    evidence.append(f"The supplier is registered as {reference.suppliers[supplier]}.")
    return 75, tuple(evidence)


def _function(code: str, record: Record, reference: Reference) -> tuple[int, tuple[str, ...]]:
    from rapidfuzz import fuzz

    capability = reference.capabilities[code]
    score, evidence = 50, [f"The system provides {capability} ({code})."]
    others = len(set(record.capabilities) - {code})
    if others == 0:
        score += 20
        evidence.append("The system provides no other capability.")
    elif others == 1:
        score += 10
        evidence.append("The system provides one other capability.")
    else:
        evidence.append(f"The system provides {others} other capabilities.")
    if fuzz.token_set_ratio(plain_name(record.name), plain_name(capability)) >= RESEMBLANCE:
        score += 20
        evidence.append(f'The name "{record.name}" matches the capability.')
    if record.lifecycle in RUNNING:
        score += 10
        evidence.append("The system is in use.")
    return score, tuple(evidence)
