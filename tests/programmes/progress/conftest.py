"""A programme that Cambridgeshire leads, as for the board's records."""

from tests.programmes.board.conftest import (  # noqa: F401 - fixtures
    add,
    api,
    ledger,
    move,
    patch,
    programme,
    today,
)
