"""Repairs of text that other programs damaged, each with a notice.

Characters that nobody can see are removed. Words that were garbled by a wrong encoding stay as they
are, because the original words are only probable.
"""

import re

from catalogue.data_exchange.problems import TableProblem, quoted

DAMAGE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffd\ue000-\uf8ff]"
    "|[\xc2\xc3\xe2][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸžŽ]"
)
"""Characters that should not occur in text, and the beginnings of garbled UTF-8."""

_UNSEEN = re.compile(DAMAGE.pattern.partition("|")[0])
_C1 = range(0x80, 0xA0)
_REPLACEMENT = "\ufffd"


def repair(text: str) -> tuple[str, TableProblem] | None:
    """Return the text, repaired if possible, with a notice. Return None if it has no damage."""
    found = _UNSEEN.findall(text)
    if _REPLACEMENT in found or any("\ue000" <= each <= "\uf8ff" for each in found):
        return _UNSEEN.sub(_seen, text), TableProblem(
            "lost_characters",
            "Another program has replaced characters of the text. Correct the text.",
        )
    if found:
        return _UNSEEN.sub(_seen, text), TableProblem(
            "cleaned", "The text held invisible or control characters, which were removed."
        )
    if original := _ungarbled(text):
        return text, TableProblem(
            "garbled_text",
            f"The text was probably “{quoted(original)}” before a program garbled it. It is "
            "recorded as it is. Correct the text.",
        )
    return None


def _seen(match: re.Match[str]) -> str:
    character = match[0]
    if ord(character) in _C1:  # Windows-1252 that was decoded as Latin-1, such as an apostrophe
        return bytes([ord(character)]).decode("cp1252", errors="ignore")
    return character if character == _REPLACEMENT or "\ue000" <= character <= "\uf8ff" else ""


def _ungarbled(text: str) -> str | None:
    """Return the text that was encoded as UTF-8 and decoded as Windows-1252, or None."""
    data = bytearray()
    for character in text:
        try:
            data += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) not in _C1:
                return None
            data.append(ord(character))
    try:
        original = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return original if original != text else None
