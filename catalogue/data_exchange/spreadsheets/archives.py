"""Is a ZIP file safe to unpack? Answered by unpacking it ourselves, a piece at a time.

The sizes a ZIP file declares are its author's claims: parts can overlap, and a part can go on
after its declared end. So every part is inflated here first, counted, and shown piece by piece to
whoever wants to look at it; nothing is kept.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.data_exchange.problems import TableProblem

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_PIECE = 262_144
_SMALL = 1_048_576


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much a spreadsheet may unpack to. A real one of 100,000 rows stays well below."""

    bytes_unpacked: int = 200 * 1024 * 1024
    ratio: int = 200
    entries: int = 2_000


def entries(data: bytes, limits: ArchiveLimits) -> list[zipfile.ZipInfo]:
    """The parts of the archive, checked by what it declares."""
    try:
        found = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, OverflowError, NotImplementedError):
        raise damaged("it is no complete ZIP archive") from None
    if len(found) > limits.entries:
        raise _unsafe(f"it has {len(found):,} parts")
    if any(entry.flag_bits & 0x1 for entry in found):
        raise TableProblem("encrypted", "The file is protected by a password. Save it without one.")
    declared = sum(entry.file_size for entry in found)
    if declared > limits.bytes_unpacked:
        raise _unsafe(f"it says it unpacks to {declared / 2**20:,.0f} MiB")
    return found


class Budget:
    """Counts what has been unpacked, and stops at the limit."""

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
    """The part's real content in pieces, whatever size it declares."""
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
        raise damaged(f"its part {entry.filename!r} is compressed in an unusual way")


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
    """The file claims to be a spreadsheet, and is not a whole one."""
    return TableProblem("damaged", f"The spreadsheet cannot be read: {why}.")


def _unsafe(why: str) -> TableProblem:
    return TableProblem(
        "unsafe_archive", f"The file is refused, as it is out of all proportion: {why}."
    )
