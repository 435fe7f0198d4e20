"""What makes a token bad before its time, and how every worker learns of it at once.

Verified tokens are remembered by each worker. Revoking a token or a client, or withdrawing a key,
moves one counter in the same transaction; each request reads it, and a worker that sees it moved
verifies everything anew. See the ADR on tokens for the figures behind this.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.models import RevocationEpoch, RevokedToken
from catalogue.access.tokens import LEEWAY
from catalogue.access.upsert import insert
from catalogue.core import clock

READ_EPOCH = "SELECT value FROM revocation_epoch"


def current_epoch(connection: sa.Connection) -> int:
    """The counter. Every request reads it, so it is asked of the driver: SQLAlchemy's own way
    takes several times as long as the store does. A failure is left to SQLAlchemy all the same,
    which then knows that the connection is gone.
    """
    try:
        cursor = connection.connection.cursor()
        cursor.execute(READ_EPOCH)
        row = cursor.fetchone()
        cursor.close()
    except Exception:  # noqa: BLE001 - asked again at once, by those who know these exceptions
        row = connection.exec_driver_sql(READ_EPOCH).first()
    return int(row[0]) if row else 0


def move_epoch(session: Session) -> None:
    """Make every worker verify its tokens anew, once this transaction is committed.

    The row stays locked until then, so two such transactions run one after the other.
    """
    statement = insert(session, RevocationEpoch).values(id=1, value=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[RevocationEpoch.id], set_={"value": RevocationEpoch.value + 1}
        )
    )


def revoke_token(session: Session, *, jti: str, expires_at: datetime) -> None:
    """Take a token back. Revoking one twice changes nothing."""
    now = clock.now()
    session.execute(sa.delete(RevokedToken).where(RevokedToken.expires_at < now - LEEWAY))
    session.execute(
        insert(session, RevokedToken)
        .values(jti=jti, expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=[RevokedToken.jti])
    )
    move_epoch(session)
