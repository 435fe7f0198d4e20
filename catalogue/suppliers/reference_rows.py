"""The suppliers and products that come with the product, read from its files."""

from datetime import date
from typing import Any

from catalogue.core.reference_data import read_rows


def supplier_rows() -> list[dict[str, Any]]:
    """The fields of each supplier, as its record has them."""
    return [
        {
            "name": row["name"],
            "aliases": _listed(row["aliases"]),
            "former_names": [
                {"name": name, "until": int(year)} for name, year in _pairs(row["former_names"])
            ],
            "identifiers": [
                {"scheme": scheme, "id": identity}
                for scheme, identity in _pairs(row["identifiers"])
            ],
        }
        for row in read_rows("catalogue.suppliers", "suppliers.csv")
    ]


def product_rows() -> list[tuple[str, dict[str, Any]]]:
    """The name of each product's supplier, and the fields of the product as its record has them."""
    return [
        (
            row["supplier"],
            {
                "name": row["name"],
                "aliases": _listed(row["aliases"]),
                "end_of_support": (
                    date.fromisoformat(row["end_of_support"]) if row["end_of_support"] else None
                ),
            },
        )
        for row in read_rows("catalogue.suppliers", "products.csv")
    ]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    parted = (each.partition(":") for each in _listed(text))
    return [(first, second) for first, _, second in parted]
