"""Enumerations of custom fields, and the limits of their declarations."""

from catalogue.core.vocabulary import Vocabulary

KEY = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
LONGEST_KEY = 50
LONGEST_CHOICE = 100
MOST_CHOICES = 100
MOST_FIELDS = 50
"""The most custom fields that an agency can declare for a kind of record."""
LONGEST_TEXT = 2_000


class CustomFieldRecord(Vocabulary):
    """The kind of record that has the custom field."""

    SYSTEM = "system", "A system, in `attributes`."


class CustomFieldType(Vocabulary):
    """The values that a custom field accepts."""

    TEXT = "text", "Text of at most 2,000 characters."
    INTEGER = "integer", "A whole number, such as 12."
    DECIMAL = (
        "decimal",
        'A number with at most two decimal places, as text: "1250.00". JSON numbers lose pennies.',
    )
    DATE = "date", "A day, as text: `2026-04-01`."
    BOOLEAN = "boolean", "True or false, for yes or no."
    CHOICE = "choice", "One of the texts in `choices`."
