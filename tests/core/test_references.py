"""Every foreign key to a system, supplier or product is declared as a reference."""

import pytest

from catalogue.app import REFERENCES
from catalogue.core.database import Base
from catalogue.core.references import references_to
from catalogue.suppliers.models import Product, Supplier
from catalogue.systems.models import System


@pytest.mark.parametrize("model", [System, Supplier, Product])
def test_every_foreign_key_is_declared_once(model: type[Base]) -> None:
    assert REFERENCES
    foreign_keys = [
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == model.__tablename__
    ]
    declared = [column for reference in references_to(model) for column in reference.columns]
    assert sorted(declared) == sorted(foreign_keys), (
        "declare in a Reference how a deletion and a merger treat the column"
    )
