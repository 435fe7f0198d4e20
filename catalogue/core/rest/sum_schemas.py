"""The form of sums in responses: a value, and the number of parts that it leaves out.

`catalogue.core.sums` has the type. Money and numbers have a schema each with the same three fields,
because generated clients cannot handle a value that is either text or an integer.
"""

from catalogue.core.rest.schemas import Integer, MoneyField, Nested, ReadSchema

_VALUE = "The sum of the known parts. Null if there are parts, but none of them is known."


class _MissingPartsSchema(ReadSchema):
    unknown_parts = Integer(
        # Marshmallow gives `unknown` another meaning in Python.
        data_key="unknown",
        metadata={
            "description": "The number of parts that nobody recorded. They are not in `value`.",
            "example": 0,
        },
    )
    withheld = Integer(
        metadata={
            "description": "The number of parts that you cannot see, and that can belong to the "
            "sum. They are not in `value`.",
            "example": 0,
        }
    )


class MoneySumSchema(_MissingPartsSchema):
    """A sum of money. `value` is the whole sum only if `unknown` and `withheld` are 0."""

    value = MoneyField(
        allow_none=True,
        metadata={"description": _VALUE, "example": "1250.00"},
    )


class NumberSumSchema(_MissingPartsSchema):
    """A sum of people or records. `value` is the whole sum only if the other fields are 0."""

    value = Integer(
        allow_none=True,
        metadata={"description": _VALUE, "example": 420},
    )


def money_sum(description: str, *, null: bool = False) -> Nested:
    """Return the field for a sum of money."""
    return Nested(MoneySumSchema, allow_none=null, metadata={"description": description})


def number_sum(description: str) -> Nested:
    """Return the field for a sum of people or records."""
    return Nested(NumberSumSchema, metadata={"description": description})
