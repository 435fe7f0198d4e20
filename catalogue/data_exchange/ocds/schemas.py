"""What is sent with OCDS releases that are to be loaded."""

from marshmallow import fields

from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.schemas import Choice, Text
from catalogue.data_exchange.schemas import FileForm, SentFile

_RELEASE = (
    '{"ocid": "ocds-b5fd17-1", "id": "1", "date": "2026-04-01T00:00:00Z", "tag": ["award"], '
    '"buyer": {"name": "Bedfordshire Police"}, "awards": [{"id": "1", "title": "Rostering", '
    '"suppliers": [{"name": "Acme"}], "value": {"amount": 1200.5, "currency": "GBP"}, '
    '"contractPeriod": {"startDate": "2026-04-01T00:00:00Z", "endDate": "2029-03-31T23:59:59Z"}}]}'
)


def _flag(said: str) -> fields.Boolean:
    return fields.Boolean(
        truthy={"true", "True"}, falsy={"false", "False"}, metadata={"description": said}
    )


class OcdsImportForm(FileForm):
    """OCDS releases, and how they are to be loaded."""

    file = SentFile(
        required=True,
        error_messages={"required": "Send the releases as `file`."},
        metadata={
            "type": "string",
            "format": "binary",
            "description": "JSON: a release or record package, an array, one release, or a "
            "release on each line.",
            "example": _RELEASE,
        },
    )
    mode = Choice(
        BulkMode, metadata={"description": "`atomic`: all rows or none; `partial`: the good ones."}
    )
    dry_run = _flag("Say what would happen, and change nothing.")
    buyer = Text(
        metadata={
            "description": "Only releases of the buyer of this name.",
            "example": "Bedfordshire Police",
        }
    )
    require_supplier = _flag("Refuse what names no supplier, such as a tender without an award.")
