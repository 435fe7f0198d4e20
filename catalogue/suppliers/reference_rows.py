"""The suppliers and products of the reference data, read from CSV files."""

from datetime import date
from typing import Any

from catalogue.core.reference_data import read_rows


def supplier_rows() -> list[dict[str, Any]]:
    """Return the fields of each supplier's record."""
    return [
        {
            "name": row["name"],
            "aliases": _split_list(row["aliases"]),
            "former_names": [
                {"name": name, "until": int(year)}
                for name, year in _split_pairs(row["former_names"])
            ],
            "identifiers": [
                {"scheme": scheme, "id": identity}
                for scheme, identity in _split_pairs(row["identifiers"])
            ],
        }
        for row in read_rows("catalogue.suppliers", "suppliers.csv")
    ]


def product_rows() -> list[tuple[str, dict[str, Any]]]:
    """Return each product as the name of its supplier and the fields of the product."""
    return [
        (
            row["supplier"],
            {
                "name": row["name"],
                "aliases": _split_list(row["aliases"]),
                "end_of_support": (
                    date.fromisoformat(row["end_of_support"]) if row["end_of_support"] else None
                ),
            },
        )
        for row in read_rows("catalogue.suppliers", "products.csv")
    ]


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _split_pairs(text: str) -> list[tuple[str, str]]:
    pairs = (each.partition(":") for each in _split_list(text))
    return [(first, second) for first, _, second in pairs]
