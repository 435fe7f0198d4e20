"""Schema of the form that sends OCDS releases for an import of contracts."""

from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.schemas import Choice, Text
from catalogue.data_exchange.schemas import FileForm, SentFile, flag

_RELEASE = (
    '{"ocid": "ocds-b5fd17-1", "id": "1", "date": "2026-04-01T00:00:00Z", "tag": ["award"], '
    '"buyer": {"name": "Bedfordshire Police"}, "awards": [{"id": "1", "title": "Rostering", '
    '"suppliers": [{"name": "Acme"}], "value": {"amount": 1200.5, "currency": "GBP"}, '
    '"contractPeriod": {"startDate": "2026-04-01T00:00:00Z", "endDate": "2029-03-31T23:59:59Z"}}]}'
)


class OcdsImportForm(FileForm):
    """OCDS releases to import as contracts, with options."""

    file = SentFile(
        required=True,
        error_messages={
            "required": "The releases are missing. Send them in the form field `file`."
        },
        metadata={
            "type": "string",
            "format": "binary",
            "description": "JSON with a release package, a record package, an array of releases, "
            "one release, or one release on each line.",
            "example": _RELEASE,
        },
    )
    mode = Choice(
        BulkMode,
        metadata={
            "description": "Use `atomic` to import all contracts or none, and `partial` to import "
            "the valid ones. The default is `atomic`."
        },
    )
    dry_run = flag("Report the effect of the import without changing any record.")
    buyer = Text(
        metadata={
            "description": "Import only the releases of the buyer with this name.",
            "example": "Bedfordshire Police",
        }
    )
    require_supplier = flag(
        "Reject a contract without a supplier, such as a tender without an award."
    )
