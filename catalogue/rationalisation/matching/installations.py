"""Search for records that may describe one installation, without comparing every pair."""

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
    """Yield each pair of records of different agencies that may be one installation, once.

    Both records are of one product. In addition, one of the records names the other's agency in its
    uses or description, or both have the same name. `has_own_name` must accept that name.
    `products` maps the id of a system to the key of its product.
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
        described = {agency_id for name, agency_id in names.items() if name in description}
        named = (described | record.used_by) - {record.agency_id}
        if named:
            mentioning.append((record, product, named))
    found: dict[tuple[UUID, UUID], tuple[Record, Record]] = {}
    for record, product, named in mentioning:
        for agency_id in named:
            for other in by_agency.get((agency_id, product), ()):
                _add(found, record, other)
    for namesakes in by_name.values():
        for one, other in combinations(namesakes, 2):
            _add(found, one, other)
    for pair in sorted(found):
        yield found[pair]


def _add(found: dict[tuple[UUID, UUID], tuple[Record, Record]], one: Record, other: Record) -> None:
    if one.agency_id == other.agency_id:
        return
    first, second = sorted((one, other), key=lambda each: each.system_id)
    found[first.system_id, second.system_id] = (first, second)
