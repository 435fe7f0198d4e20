"""The characters that text can have, folding for searches and comparisons, and dates in prose."""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from hashlib import sha256

WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""The white space that `\\s` matches in ECMA-262, which JSON Schema's patterns follow.

Python's own white space differs in some control characters and the byte order mark.
"""

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
CONTROL_CHARACTER = re.compile(f"[{_CONTROL}]")
"""Control characters except tabs and line ends.

People cannot read them, and some of them break calendars, XML and terminals.
"""
NO_CONTROL = rf"^[^{_CONTROL}]*$"
NOT_BLANK = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
_CONTROL_OR_LINE_END = r"\x00-\x1f\x7f-\x9f"
ONE_LINE = rf"^[^{_CONTROL_OR_LINE_END}]*$"
ONE_FILLED_LINE = (
    rf"^[^{_CONTROL_OR_LINE_END}]*[^\s{_CONTROL_OR_LINE_END}][^{_CONTROL_OR_LINE_END}]*$"
)

LONGEST_KEY = 400
"""The greatest length of a folded name, which is the length of its `core.types.Key` column."""


def on_one_line(text: str) -> str:
    """Replace each control character with a space, including tabs and line ends."""
    return re.sub(f"[{_CONTROL_OR_LINE_END}]", " ", text)


def format_date(day: date) -> str:
    """Return a date in prose, such as 1 April 2026."""
    return f"{day.day} {day:%B %Y}"


def fold(text: str) -> str:
    """Fold text to lower case without accents and with single spaces.

    'Café  RMS' becomes 'cafe rms'.
    """
    return _folded(text) if len(text) > _LONGEST_CACHED else _folded_once(text)


def _folded(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    # Decomposing a character can produce a capital, as with the sign for "TEL".
    return " ".join(_bare(_bare(text).casefold()).split())


_LONGEST_CACHED = 100
_folded_once = lru_cache(maxsize=5_000)(_folded)
"""Names are folded several times each, for keys, searches and comparisons."""


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Accents are dropped, and so are invisible characters such as the zero-width space.
    return "".join(
        c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def name_key(name: str) -> str:
    """Make the key that stands for a name in comparisons: the folded name.

    One character can fold to 18 letters. A key that would be too long is cut, and ends in a digest
    that keeps it unique.
    """
    folded = fold(name)
    if len(folded) <= LONGEST_KEY:
        return folded
    digest = sha256(folded.encode()).hexdigest()[:32]
    return f"{folded[: LONGEST_KEY - len(digest)]}{digest}"


def search_text(*parts: str | list[str] | None) -> str:
    """Make the text that a search reads, with each part folded and on a separate line.

    A phrase then never matches across two parts.
    """
    texts: list[str] = []
    for part in parts:
        texts += [part] if isinstance(part, str) else (part or [])
    return "\n".join(filter(None, map(fold, texts)))


def with_article(noun: str) -> str:
    """Return a noun for a sentence, such as "an access grant" or "a use"."""
    begins_as_you = noun == "use" or noun.startswith("user")
    return f"{'an' if noun[0] in 'aeiou' and not begins_as_you else 'a'} {noun}"
