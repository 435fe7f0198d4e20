"""Every kind of record that a spreadsheet can fill."""

from catalogue.data_exchange.kinds.contracts import CONTRACTS
from catalogue.data_exchange.kinds.costs import COSTS
from catalogue.data_exchange.kinds.interfaces import INTERFACES
from catalogue.data_exchange.kinds.products import PRODUCTS
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.suppliers import SUPPLIERS
from catalogue.data_exchange.kinds.systems import SYSTEMS
from catalogue.data_exchange.kinds.uses import USES
from catalogue.data_exchange.models import ImportKind

KINDS: dict[ImportKind, RecordKind] = {
    each.kind: each for each in (SYSTEMS, CONTRACTS, COSTS, INTERFACES, USES, SUPPLIERS, PRODUCTS)
}
