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
_INVISIBLE = (
    r"\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0"
)
"""The usual characters that show nothing by themselves, such as a zero-width space or an accent.

`has_visible` knows the rest, which are too many for the patterns of the API document.
"""
NO_CONTROL = rf"^[^{_CONTROL}]*$"
NOT_BLANK = rf"^[^{_CONTROL}]*[^\s{_CONTROL}{_INVISIBLE}][^{_CONTROL}]*$"
_CONTROL_OR_LINE_END = r"\x00-\x1f\x7f-\x9f"
ONE_LINE = rf"^[^{_CONTROL_OR_LINE_END}]*$"
ONE_FILLED_LINE = (
    rf"^[^{_CONTROL_OR_LINE_END}]*[^\s{_CONTROL_OR_LINE_END}{_INVISIBLE}]"
    rf"[^{_CONTROL_OR_LINE_END}]*$"
)

LONGEST_KEY = 400
"""The greatest length of a folded name, which is the length of its `core.types.Key` column."""


_BLANK = re.compile(f"[\\s{_INVISIBLE}]")


def has_visible(text: str) -> bool:
    """Return whether people can see any character of the text. A combining accent needs a letter."""
    return any(
        not (
            _BLANK.match(character)
            or unicodedata.combining(character)
            or unicodedata.category(character) in {"Cc", "Cf", "Mn", "Me", "Zs"}
        )
        for character in text
    )


def composed(text: str) -> str:
    """Return text in Unicode normalisation form C.

    A letter and its accent can be one character or two. In this form both are the same text.
    """
    return unicodedata.normalize("NFC", text)


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


PLAIN_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
"""Letters that are no accented letters, and that people look for under others."""

_TO_PLAIN = str.maketrans(PLAIN_LETTERS)


def fold_for_search(text: str) -> str:
    """Fold text further than `fold`, as people search and sort: 'Łódź' becomes 'lodz'.

    Names that differ in such a letter remain different names.
    """
    return fold(text).translate(_TO_PLAIN)


def name_key(name: str) -> str:
    """Make the key that stands for a name in comparisons: the folded name.

    One character can fold to 18 letters. A key that would be too long is cut, and ends in a digest
    that keeps it unique.
    """
    # Signs such as a lone acute accent fold to nothing, and stand for themselves.
    folded = fold(name) or name.casefold()
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
    return "\n".join(filter(None, map(fold_for_search, texts)))


def like_pattern(folded: str) -> str:
    """Make the pattern of SQL's LIKE for a text anywhere within another. A backslash escapes."""
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def pattern_within(text: str, *, longest: int) -> str:
    """Make the pattern of LIKE for a text within a name that is folded for searches.

    Raises ValueError with the expected form in words.
    """
    folded = fold_for_search(text)
    if CONTROL_CHARACTER.search(text) or len(text) > longest or not has_visible(folded):
        raise ValueError(f"text of at most {longest} characters, with a letter, digit or sign")
    return like_pattern(folded)


def with_article(noun: str) -> str:
    """Return a noun for a sentence, such as "an access grant" or "a use"."""
    begins_as_you = noun == "use" or noun.startswith("user")
    return f"{'an' if noun[0] in 'aeiou' and not begins_as_you else 'a'} {noun}"
