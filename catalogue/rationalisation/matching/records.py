"""What matching looks at: plain records of systems, and the reference data that everybody may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import UUID

import orjson

from catalogue.core.text import fold
from catalogue.rationalisation.matching.names import plain_name
from catalogue.systems.vocabulary import Lifecycle


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

    def digest(self) -> str:
        """A digest of what matching looks at; another one means that the record has changed."""
        looked_at = [
            self.name,
            str(self.product_id),
            self.product_name,
            self.supplier_name,
            sorted(self.capabilities),
        ]
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
    capabilities: Mapping[str, str] = field(default_factory=dict)

    def supplier_of(self, name: str | None) -> UUID | None:
        """The one registered supplier that a name means."""
        found = self.suppliers_by_name.get(fold(name), []) if name else []
        return found[0] if len(found) == 1 else None

    def product_of(self, record: Record) -> RegisteredProduct | None:
        """The registered product of a system: the one it names, or that its product's name means.

        A supplier that is named must be the product's own, when the register knows it.
        """
        if record.product_id is not None:
            return self.products.get(record.product_id)
        if not record.product_name:
            return None
        supplier = self.supplier_of(record.supplier_name)
        for name in (fold(record.product_name), plain_name(record.product_name)):
            found = self.products_by_name.get(name, [])
            if supplier is not None:
                found = [product for product in found if product.supplier_id == supplier]
            if len(found) == 1:
                return found[0]
        return None
