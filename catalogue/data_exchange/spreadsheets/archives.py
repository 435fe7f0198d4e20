"""The check of ZIP files, which unpacks each part piece by piece.

The declared sizes of a ZIP file cannot be trusted. Parts can overlap, and a part can continue after
its declared end. So every part is unpacked here first and counted, and no piece is kept.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalogue.data_exchange.problems import TableProblem

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
ENCRYPTED_FILE = "The file is protected by a password. Save the file without a password."

Edit = Callable[[str, bytes], tuple[str, bytes]]
"""Returns the new name and content of a part."""

_PIECE = 262_144
_SMALL = 1_048_576


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The largest size of an unpacked spreadsheet. A real one of 100,000 rows is far smaller."""

    bytes_unpacked: int = 200 * 1024 * 1024
    ratio: int = 200
    entries: int = 2_000


def entries(data: bytes, limits: ArchiveLimits) -> list[zipfile.ZipInfo]:
    """Return the parts of the archive, after a check of the sizes that it declares."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, OverflowError, NotImplementedError):
        raise damaged("it is not a complete ZIP archive") from None
    if len(parts) > limits.entries:
        raise _unsafe(f"it has {len(parts):,} parts")
    if any(entry.flag_bits & 0x1 for entry in parts):
        raise TableProblem("encrypted", ENCRYPTED_FILE)
    declared = sum(entry.file_size for entry in parts)
    if declared > limits.bytes_unpacked:
        raise _unsafe(f"it declares a size of {declared / 2**20:,.0f} MiB")
    return parts


class Budget:
    """A count of the bytes unpacked so far, with limits on it and on its ratio to the file size."""

    def __init__(self, archive_size: int, limits: ArchiveLimits) -> None:
        self.limits = limits
        self.archive_size = max(archive_size, 1)
        self.unpacked = 0

    def spend(self, count: int) -> None:
        self.unpacked += count
        if self.unpacked > self.limits.bytes_unpacked:
            raise _unsafe(f"it unpacks to more than {self.limits.bytes_unpacked >> 20} MiB")
        if self.unpacked > _SMALL and self.unpacked > self.archive_size * self.limits.ratio:
            raise _unsafe(f"it unpacks to more than {self.limits.ratio} times its size")


def pieces(data: bytes, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    """Yield the real content of a part in pieces, whatever size it declares."""
    start = entry.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise damaged(f"its part {entry.filename!r} has no header")
    name_length, extra_length = _LOCAL_HEADER.unpack(header)[-2:]
    start += _LOCAL_HEADER.size + name_length + extra_length
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        budget.spend(len(packed))
        yield packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(packed, entry.filename, budget)
    else:
        raise damaged(f"its part {entry.filename!r} uses an unsupported compression method")


def rebuilt(data: bytes, parts: dict[str, zipfile.ZipInfo], budget: Budget, edit: Edit) -> bytes:
    """Return the archive with some parts renamed or edited, and none of them compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, entry in parts.items():
            new_name, content = edit(name, b"".join(pieces(data, entry, budget)))
            archive.writestr(zipfile.ZipInfo(new_name), content)
    return target.getvalue()


def _inflated(packed: bytes, name: str, budget: Budget) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    waiting = packed
    while not inflater.eof:
        try:
            piece = inflater.decompress(waiting, _PIECE)
        except zlib.error:
            raise damaged(f"its part {name!r} cannot be unpacked") from None
        waiting = inflater.unconsumed_tail
        budget.spend(len(piece))
        if piece:
            yield piece
        elif not waiting:
            raise damaged(f"its part {name!r} is cut short")


def damaged(why: str) -> TableProblem:
    """Return the problem of a file that is not a complete spreadsheet."""
    return TableProblem(
        "damaged", f"The spreadsheet is damaged: {why}. Open and save the file, and send it again."
    )


def _unsafe(why: str) -> TableProblem:
    return TableProblem(
        "unsafe_archive", f"The file is too large to unpack safely: {why}. Save the table as CSV."
    )
