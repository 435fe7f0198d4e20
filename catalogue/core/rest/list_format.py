"""The formats of a list: one page as JSON, or the whole list as a file for spreadsheet programs."""

from catalogue.core.tables.formats import MEDIA, TableFormat
from catalogue.core.vocabulary import Vocabulary

JSON = "application/json"


class ListFormat(Vocabulary):
    """The format in which a list is returned."""

    JSON = "json", "One page as JSON."
    CSV = TableFormat.CSV.value, "The whole list as comma-separated text in UTF-8."
    XLSX = TableFormat.XLSX.value, "The whole list as an Excel workbook."
    ODS = TableFormat.ODS.value, "The whole list as an OpenDocument spreadsheet."

    @property
    def table_format(self) -> TableFormat | None:
        """The format of the file, or None for a page of JSON."""
        return None if self is ListFormat.JSON else TableFormat(self.value)


LIST_MEDIA = (JSON, *MEDIA.values())
"""The media types of every list. JSON comes first, and wins if a client accepts any."""
