"""Enumerations whose values each state what they mean."""

from enum import StrEnum
from typing import Self


class Vocabulary(StrEnum):
    """Choices of a field. A member is written as its value and its meaning: `LIVE = "live", "…"`.

    The OpenAPI document lists the meanings, since a generated client shows little else.
    """

    _value_: str
    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """Keep the value as the string itself, so that a lookup by value still works.

        The meaning has a default, because the type checker reads a lookup as a call of this method.
        `tests/api/test_document.py` requires one for every value.
        """
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
