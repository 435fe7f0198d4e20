"""Files that commands write. The name decides the format, and no file stays half written."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from catalogue.core.tables.formats import TableFormat


def table_format_of(file: Path) -> TableFormat:
    """Return the format that the ending of a file's name stands for. Raises UsageError."""
    ending = file.suffix.lower().removeprefix(".")
    if ending not in TableFormat._value2member_map_:
        endings = ", ".join(f".{table_format.value}" for table_format in TableFormat)
        raise click.UsageError(
            f"The name {file.name!r} does not show the format. Use one of the endings {endings}."
        )
    return TableFormat(ending)


@contextmanager
def written_whole(file: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file, which replaces the file of this name if the block succeeds."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as target:
        partial = Path(target.name)
        try:
            yield target
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            partial.unlink()
            raise
    partial.replace(file)
