"""Recognition of columns by their values: words of a lifecycle or of another list of choices."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from catalogue.data_exchange.fields import RecordFields
from catalogue.data_exchange.synonyms import SYNONYMS, find_value, plain_words, words_for

_ENDED = frozenset({"sunsetting", "read_only_archive", "decommissioned", "cancelled"})
_SHARE_OF_LIFECYCLE = 1 / 3
_SHARE_OF_CHOICES = 1 / 2
_LONGEST_WORD = 60


def holds_lifecycles(fields: RecordFields, values: Sequence[Any]) -> bool:
    """Return whether some values of a column are words of a lifecycle.

    A single word for the end of a system is enough, because the system would otherwise become live.
    Words that another field shares do not count alone.
    """
    texts = [value for value in values if isinstance(value, str) and len(value) <= _LONGEST_WORD]
    shared = _shared_words(fields)
    found = {text: value for text in texts if (value := find_value("lifecycle", text))}
    own = [text for text in found if plain_words(text) not in shared]
    if not own:
        return False
    return any(found[text] in _ENDED for text in own) or (
        len(found) >= len(values) * _SHARE_OF_LIFECYCLE
    )


def field_of_words(
    fields: RecordFields, values: Sequence[Any], filled: Collection[str]
) -> str | None:
    """Return the field whose choices match at least half of a column's values, or None."""
    texts = [value for value in values if isinstance(value, str) and len(value) <= _LONGEST_WORD]
    for name in SYNONYMS:
        if name in filled or name not in fields.by_name:
            continue
        found = [text for text in texts if find_value(name, text)]
        own = [text for text in found if len(plain_words(text)) > 1 and not _is_answer(text)]
        if own and len(found) >= len(values) * _SHARE_OF_CHOICES:
            return name
    return None


def _is_answer(text: str) -> bool:
    return plain_words(text) in {"yes", "no", "true", "false"}


@lru_cache(maxsize=20)
def _shared_words(fields: RecordFields) -> frozenset[str]:
    lifecycle = words_for("lifecycle")
    names = [name for name in SYNONYMS if name in fields.by_name and name != "lifecycle"]
    others = {word for name in names for word in words_for(name)}
    return frozenset(others & set(lifecycle))
