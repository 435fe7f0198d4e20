"""The decoding of text files by fixed rules, which never garble text silently.

The rules try a byte order mark first, and then UTF-16 without one (every second byte is zero). Next
come UTF-8, and Windows-1252, which British spreadsheet programs write. Mac Roman replaces it if it
gives words where Windows-1252 gives none, such as “CafŽ”. There is no statistical guess, because
the same file must always give the same text.
"""

import codecs
import re

from catalogue.data_exchange.problems import TableProblem

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "iso8859-1": "Latin-1",
    "iso8859-15": "Latin-9",
    "cp1250": "Windows-1250",
    "cp850": "DOS Latin-1",
    "cp437": "DOS US",
    "mac-roman": "Mac Roman",
}
"""The encodings that a client can name. Python knows more, and some of them do not encode text."""

_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's: longest first
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_MULTIBYTE_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_WORDS_SAMPLE = 1_048_576
_BROKEN = re.compile(
    r"[a-z][À-ÖØ-ÞŠŒŽŸ]|[À-ÖØ-ÞŠŒŽŸ][a-zß-öø-ÿ]*[À-ÖØ-ÞŠŒŽŸ][a-z]"  # a capital inside a word
    r"|\s[À-ÖØ-ÞŠŒŽŸ]\s|[ÒÓÔÕÐ]\W|\w[‘“]|[a-z][ŠŽ]"
    r"|[^\W\d_][^\w\s'’´.,;:!?()/“”‘–—…®™©°²³\"&+-]+(?:[^\W\d_]|$)"  # a sign inside a word
    r"|\ufffd|[\x80-\x9f]|[∂∑∏π∫Ωƒ≈∆◊√∞ˇ˘˙˚˛˝ıﬁﬂ‚„]"
)
_SAMPLE = 4096
_MOSTLY = 0.7
_HARDLY = 0.05
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a\x1b\x00")


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding. A given `encoding` replaces the rules."""
    if encoding:
        return _decode_strictly(data, known_encoding(encoding))
    for mark, name, codec in _MARKS:
        if data.startswith(mark):
            return _decode_strictly(data, name, codec=codec)
    if wide := _utf16_without_mark(data):
        return _decode_strictly(data, wide)
    _refuse_binary(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # Text in a one-byte encoding hardly ever holds a valid UTF-8 sequence. A file with one is
        # damaged UTF-8, and any other encoding would garble the rest.
        if _MULTIBYTE_UTF8.search(data):
            raise _broken(data, "utf-8", error) from None
    if _is_mac_roman(data):
        return data.decode("mac-roman"), "mac-roman"
    return _decode_strictly(data, "cp1252")


def _is_mac_roman(data: bytes) -> bool:
    """Return whether Mac Roman gives words and quotes, and Windows-1252 gives broken ones."""
    places = [match.span() for match in _HIGH_BYTES.finditer(data[:_WORDS_SAMPLE])]
    windows = mac = 0
    for start, end in places:
        around = data[max(start - 1, 0) : end + 1]
        windows += _fits(around.decode("cp1252", errors="replace"))
        mac += _fits(around.decode("mac-roman"))
    return mac > windows and mac >= len(places) * _MOSTLY


def _fits(text: str) -> bool:
    """Return whether letters and signs stand where British text has them."""
    return not _BROKEN.search(text)


def known_encoding(name: str) -> str:
    """Return this service's name for an encoding, which can be spelt in any way."""
    try:
        known = codecs.lookup(name).name.replace("_", "-")
    except (LookupError, ValueError):
        known = ""
    known = {"utf-8-sig": "utf-8", "ascii": "utf-8"}.get(known, known)
    if known not in ENCODINGS:
        raise TableProblem(
            "unknown_encoding",
            f"The encoding is unknown. Use one of {', '.join(ENCODINGS)}.",
            value=name,
        )
    return known


def _decode_strictly(data: bytes, name: str, *, codec: str | None = None) -> tuple[str, str]:
    if codec is None and name == "utf-8":
        codec = "utf-8-sig"
    try:
        return data.decode(codec or name).removeprefix("\ufeff"), name
    except UnicodeDecodeError as error:
        raise _broken(data, name, error) from None


def _broken(data: bytes, name: str, error: UnicodeDecodeError) -> TableProblem:
    # With a byte order mark, Python may count the offset after the mark.
    offset = error.start + len(data) - len(error.object)
    line = data.count(b"\n", 0, offset) + 1
    byte = data[offset : offset + 1].hex().upper() or "end of file"
    return TableProblem(
        "broken_encoding",
        f"The file is not valid {ENCODINGS[name]}: byte 0x{byte} at offset {offset}, line {line}. "
        "Save the file again as “CSV UTF-8”, or name its encoding.",
        row=line,
    )


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    pairs = len(sample) // 2
    if len(data) % 2 or not pairs:
        return None
    low, high = sample[0::2].count(0) / pairs, sample[1::2].count(0) / pairs
    if high > _MOSTLY and low < _HARDLY:
        return "utf-16-le"
    if low > _MOSTLY and high < _HARDLY:
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes) -> None:
    sample = data[:_SAMPLE]
    if sum(byte in _CONTROLS for byte in sample) > len(sample) * _HARDLY:
        raise TableProblem(
            "unknown_kind",
            "The file is neither text nor a known kind of spreadsheet. Send CSV, XLSX or ODS.",
        )
