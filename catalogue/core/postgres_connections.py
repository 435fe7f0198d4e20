"""PostgreSQL connections: the settings of each, directly or through a pooler.

A direct connection gets its settings when it starts, which costs no round trip. PgBouncer in
transaction mode refuses or ignores them, and gives each transaction any connection to the server:

- The time zone is set once, because PgBouncer keeps that setting for each client.
- A transaction that writes sets its lock timeout itself.
- No statement is prepared, because the next transaction can run on a connection that lacks it.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

LOCK_TIMEOUT = "5s"
"""The time that a request waits for the lock of another, as on SQLite.

A waiting request occupies one of few threads, so the API returns 503 after this time.
"""
_USUAL = {
    "timezone": "UTC",
    "lock_timeout": LOCK_TIMEOUT,
    # PostgreSQL expects more work than there is, because it cannot know that the row rules leave
    # few rows. To compile a large statement then takes longer than to run it.
    "jit": "off",
}
_READING = {"default_transaction_read_only": "on"}
_REFUSED = "unsupported startup parameter"
"""PgBouncer's refusal of a connection with settings."""


class PostgresConnections:
    """The way to one server, which all engines of a database share.

    `pooler` is the setting CATALOGUE_DATABASE_POOLER.
    """

    def __init__(self, pooler: str) -> None:
        self.through_pooler = pooler == "transaction"
        self._known = pooler != "detect"

    def open_for(self, engine: sa.Engine, *, read_only: bool = False) -> None:
        """Let this engine open its connections here."""
        settings = _USUAL | (_READING if read_only else {})
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())

        @event.listens_for(engine, "do_connect")
        def _connect(dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Any:
            return self._connect(dialect.loaded_dbapi, arguments, named, options)

        if not read_only:

            @event.listens_for(engine, "begin")
            def _begin(connection: sa.Connection) -> None:
                if self.through_pooler:
                    connection.exec_driver_sql(
                        f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL jit = off"
                    )

    def _connect(self, driver: Any, arguments: Any, named: dict[str, Any], options: str) -> Any:
        named = {"application_name": "catalogue", "client_encoding": "utf8"} | named
        if not self.through_pooler:
            direct = self._connect_directly(driver, arguments, named, options)
            if direct is not None:
                return direct
        connection = driver.connect(*arguments, **named, prepare_threshold=None)
        connection.execute("SET timezone TO 'UTC'")
        connection.commit()
        return connection

    def _connect_directly(
        self, driver: Any, arguments: Any, named: dict[str, Any], options: str
    ) -> Any:
        """Connect with all settings. Return None if there is a pooler between."""
        # Options of the URL come from the operator, and go before those of the product.
        options = f"{named.get('options', '')} {options}".strip()
        try:
            connection = driver.connect(*arguments, **named | {"options": options})
        except driver.OperationalError as error:
            if self._known or _REFUSED not in str(error):
                raise
            self.through_pooler = self._known = True
            return None
        if not self._known:
            # PgBouncer can be configured to ignore settings instead of refusing them.
            in_force = connection.execute("SELECT current_setting('lock_timeout')").fetchone()
            connection.rollback()
            self.through_pooler, self._known = in_force[0] != LOCK_TIMEOUT, True
            if self.through_pooler:
                connection.close()
                return None
        return connection
