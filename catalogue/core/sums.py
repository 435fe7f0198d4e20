"""Sums that state how many of their parts are unknown or withheld.

A sum that leaves out parts looks like a smaller sum, and a sum that leaves out all of them looks
like zero. So every sum of money, people or records carries the number of parts that are missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalogue.core.money import amount_if_known


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of the known parts, with the number of parts that are unknown or withheld."""

    known: Decimal | int = 0
    """The sum of the known parts."""
    parts: int = 0
    """The number of known parts."""
    unknown: int = 0
    """The number of parts that nobody recorded."""
    withheld: int = 0
    """The number of parts that the reader cannot see, and that can belong to the sum."""

    @classmethod
    def of(cls, values: Iterable[Decimal | int | None], *, withheld: int = 0) -> "Sum":
        """Add up values. None is an unknown value."""
        listed = list(values)
        known = [value for value in listed if value is not None]
        return cls(sum(known), len(known), len(listed) - len(known), withheld)

    @property
    def value(self) -> Decimal | int | None:
        """The sum of the known parts. None if there are parts, but none is known."""
        return None if not self.parts and (self.unknown or self.withheld) else self.known

    @property
    def complete(self) -> bool:
        """True if no part is unknown or withheld."""
        return not self.unknown and not self.withheld

    def missing(self, *, unknown: int = 0, withheld: int = 0) -> "Sum":
        """Return the same sum with further missing parts."""
        return Sum(self.known, self.parts, self.unknown + unknown, self.withheld + withheld)

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.known + other.known,
            self.parts + other.parts,
            self.unknown + other.unknown,
            self.withheld + other.withheld,
        )

    def __sub__(self, other: "Sum") -> "Sum":
        """Subtract another sum. The value of the difference is None if either value is None."""
        compared = self.value is not None and other.value is not None
        return Sum(
            self.known - other.known,
            self.parts + other.parts if compared else 0,
            self.unknown + other.unknown,
            self.withheld + other.withheld,
        )

    def in_pounds(self) -> dict[str, Any]:
        """Return the sum as `MoneySumSchema`: the value is text such as "1250.00"."""
        value = self.value
        return {
            "value": amount_if_known(None if value is None else Decimal(value)),
            "unknown": self.unknown,
            "withheld": self.withheld,
        }

    def in_numbers(self) -> dict[str, Any]:
        """Return the sum as `NumberSumSchema`: the value is an integer."""
        value = self.value
        return {
            "value": None if value is None else int(value),
            "unknown": self.unknown,
            "withheld": self.withheld,
        }
