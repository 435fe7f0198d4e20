"""Permissions version: a counter that moves whenever anyone's access grows or shrinks.

Each worker caches verified tokens and the sharing of agencies, with the version at which it looked
them up. These changes move the counter in the same transaction: revoking a token or client,
rotating or withdrawing a key, and changing an agreement or grant. Each request reads the counter.
When the counter has moved, a worker looks everything up again. The ADR on tokens has the
measurements.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.models import PermissionsVersion
from catalogue.core.upsert import insert

VERSION_QUERY = "SELECT value FROM revocation_epoch"


def read_permissions_version(connection: sa.Connection) -> int:
    """Read the counter, which is 0 before its first move.

    Every request reads it, so this uses the driver directly. With SQLAlchemy the read would take
    several times as long.
    """
    try:
        cursor = connection.connection.cursor()
        cursor.execute(VERSION_QUERY)
        row = cursor.fetchone()
        cursor.close()
    except Exception:  # noqa: BLE001 - repeated at once by code that knows these exceptions
        # SQLAlchemy then notices that the connection is gone.
        row = connection.exec_driver_sql(VERSION_QUERY).first()
    return int(row[0]) if row else 0


def bump_permissions_version(session: Session) -> None:
    """Make every worker look permissions up again after this transaction is committed.

    The row stays locked until then, so two such transactions run one after the other.
    """
    statement = insert(session, PermissionsVersion).values(id=1, value=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[PermissionsVersion.id], set_={"value": PermissionsVersion.value + 1}
        )
    )
