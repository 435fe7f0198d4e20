"""Idempotency keys: a write that is sent twice runs once.

A change without a key would fail the second time, because its `If-Match` names the state before.
The client could not know whether its own change or that of another client made the difference.

The response is stored in the transaction that does the work. A crash before the commit loses both,
so the client can simply send the request again. Secrets are not stored: a repeat shows null.
"""

from collections.abc import Callable, Collection
from datetime import timedelta
from hashlib import blake2b

import orjson
import sqlalchemy as sa
from flask import Response, request
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.actor import Actor
from catalogue.core.context import Context
from catalogue.core.errors import BadRequest, Conflict, FieldError, Unprocessable
from catalogue.core.models import LONGEST_KEY, IdempotencyKey

KEPT_FOR = timedelta(hours=24)


def run_once(
    context: Context, run: Callable[[], Response], secrets: Collection[str] = ()
) -> Response:
    """Run the request, or return the response that is stored for this client and key.

    `secrets` are the fields of the response whose values are not stored.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return run()
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadRequest(
            "The header Idempotency-Key is invalid. Send another key.",
            errors=[
                FieldError(
                    "Idempotency-Key",
                    "invalid",
                    f"The Idempotency-Key must have from 1 to {LONGEST_KEY} printable ASCII "
                    "characters.",
                )
            ],
        )
    session = context.session
    caller = _caller(context.actor)
    _lock_key(session, caller, key)
    request_hash = _hash_of_request()
    stored = session.get(IdempotencyKey, (caller, key))
    if stored is not None and stored.created_at > clock.now() - KEPT_FOR:
        if stored.request_hash != request_hash:
            raise Unprocessable(
                "This Idempotency-Key was used for another request. Send another key.",
                errors=[
                    FieldError(
                        "Idempotency-Key",
                        "reused",
                        "This Idempotency-Key belongs to another request. Use a new key.",
                    )
                ],
            )
        return Response(
            stored.body, stored.status, stored.headers | {"Idempotent-Replayed": "true"}
        )
    response = run()
    body = _without_secrets(response.get_data(), secrets)
    names = {"caller": caller, "key": key, "request_hash": request_hash}
    _store(session, stored, response, body, **names)
    return response


def _caller(actor: Actor) -> str:
    # An external issuer can give one client to several agencies, which must not share responses.
    parts = (actor.client_id, actor.subject or "", str(actor.agency_id))
    return blake2b("\n".join(parts).encode(), digest_size=32).hexdigest()


def _lock_key(session: Session, caller: str, key: str) -> None:
    # SQLite has one writer at a time, so there the second request waits for the first.
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(
        blake2b(f"{caller}\n{key}".encode(), digest_size=8).digest(), signed=True
    )
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))):
        raise Conflict(
            "The request with this Idempotency-Key is still running. Try again in a second.",
            errors=[
                FieldError(
                    "Idempotency-Key",
                    "running",
                    "The first request with this Idempotency-Key is still running. Try again in a "
                    "second.",
                )
            ],
            headers={"Retry-After": "1"},
        )


def _hash_of_request() -> str:
    # If-Match is left out: a client that read the record again still repeats the same change.
    digest = blake2b(digest_size=32)
    digest.update(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":
        # The boundary differs each time that a client sends the same form, so it is left out.
        for name, value in sorted(request.form.items(multi=True)):
            digest.update(f"{name}={len(value)}:{value}\n".encode())
        for name, file in sorted(request.files.items(multi=True)):
            content = file.stream.read()
            file.stream.seek(0)
            digest.update(f"{name}:{file.filename}:{len(content)}\n".encode() + content)
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()


def _without_secrets(body: bytes, secrets: Collection[str]) -> bytes:
    return orjson.dumps(orjson.loads(body) | dict.fromkeys(secrets)) if secrets else body


def _store(
    session: Session,
    expired: IdempotencyKey | None,
    response: Response,
    body: bytes,
    **names: str,
) -> None:
    session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.created_at <= clock.now() - KEPT_FOR)
    )
    if expired is not None:
        session.expunge(expired)
    kept_headers = ("Content-Type", "ETag", "Location", "Cache-Control")
    headers = {name: response.headers[name] for name in kept_headers if name in response.headers}
    session.add(IdempotencyKey(**names, status=response.status_code, headers=headers, body=body))
