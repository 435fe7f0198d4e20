"""Systems as a kind of record that a spreadsheet can fill."""

from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS, SYSTEM_SCHEMAS
from catalogue.data_exchange.kinds.system_rows import SystemRows
from catalogue.data_exchange.models import ImportKind
from catalogue.systems.models import System, SystemCapability, SystemExternalId

SYSTEMS = RecordKind(
    ImportKind.SYSTEMS,
    SYSTEM_FIELDS,
    SYSTEM_SCHEMAS,
    SystemRows,
    tables=(System, SystemCapability, SystemExternalId),
)
