"""Which records of one product may be records of one installation, found without comparing all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from uuid import UUID

from catalogue.core.text import fold
from catalogue.rationalisation.matching.classification import has_own_name
from catalogue.rationalisation.matching.names import plain_name
from catalogue.rationalisation.matching.records import Record, Reference


def possible_installations(
    records: Iterable[Record], products: Mapping[UUID, str], reference: Reference
) -> Iterator[tuple[Record, Record]]:
    """Pairs of records of different agencies; each pair once. `products` are product keys by system.

    One names the other's agency, in its uses or its description, or both have one name.
    """
    by_agency: dict[tuple[UUID, str], list[Record]] = defaultdict(list)
    by_name: dict[tuple[str, str], list[Record]] = defaultdict(list)
    mentioning: list[tuple[Record, str, set[UUID]]] = []
    names = {fold(name): agency_id for agency_id, name in reference.agencies.items()}
    for record in records:
        product = products.get(record.system_id)
        if product is None:
            continue
        by_agency[record.agency_id, product].append(record)
        if has_own_name(record, reference):
            by_name[plain_name(record.name), product].append(record)
        description = fold(record.description or "")
        said = {agency_id for name, agency_id in names.items() if name in description}
        named = (said | record.used_by) - {record.agency_id}
        if named:
            mentioning.append((record, product, named))
    found: dict[tuple[UUID, UUID], tuple[Record, Record]] = {}
    for record, product, named in mentioning:
        for agency_id in named:
            for other in by_agency.get((agency_id, product), ()):
                _add(found, record, other)
    for alike in by_name.values():
        for one, other in combinations(alike, 2):
            _add(found, one, other)
    for pair in sorted(found):
        yield found[pair]


def _add(found: dict[tuple[UUID, UUID], tuple[Record, Record]], one: Record, other: Record) -> None:
    if one.agency_id == other.agency_id:
        return
    first, second = sorted((one, other), key=lambda each: each.system_id)
    found[first.system_id, second.system_id] = (first, second)
