"""What `catalogue demo` says when it starts: where it is, who one may be, and what to try."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shlex import quote

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.models import OAuthClient
from catalogue.access.operations import create_client, find_client, issue_token, rotate_secret
from catalogue.core.actor import Scope
from catalogue.core.context import Context

TOKENS_LAST = timedelta(hours=12)
"""Longer than in earnest: a visitor should not lose the thread."""

_READ = [
    Scope.AGENCIES_READ,
    Scope.SYSTEMS_READ,
    Scope.OVERLAPS_READ,
    Scope.DECISIONS_READ,
    Scope.PROGRAMMES_READ,
    Scope.CONTRACTS_READ,
    Scope.COSTS_READ,
    Scope.RISKS_READ,
    Scope.SAVINGS_READ,
    Scope.AUDIT_READ,
]


@dataclass(frozen=True)
class Role:
    """Somebody whom a visitor may be."""

    key: str
    name: str
    agency: str | None
    scopes: tuple[Scope, ...]


MANAGER = Role(
    "manager",
    "IT manager of Bedfordshire Police",
    "bedfordshire-police",
    (
        *_READ,
        Scope.AGENCIES_WRITE,
        Scope.SYSTEMS_WRITE,
        Scope.CONTRACTS_WRITE,
        Scope.IMPORTS_WRITE,
        Scope.OVERLAPS_WRITE,
        Scope.DECISIONS_SIGN,
    ),
)
BOARD = Role(
    "board",
    "Programme board, at Cambridgeshire Constabulary",
    "cambridgeshire-police",
    (
        *_READ,
        Scope.AGENCIES_WRITE,
        Scope.OVERLAPS_WRITE,
        Scope.DECISIONS_PROPOSE,
        Scope.DECISIONS_SIGN,
        Scope.PROGRAMMES_WRITE,
        Scope.SAVINGS_WRITE,
    ),
)
FINANCE = Role(
    "finance",
    "Finance of Cambridgeshire Constabulary",
    "cambridgeshire-police",
    (*_READ, Scope.SAVINGS_VALIDATE),
)
FIRE = Role(
    "fire",
    "IT manager of Hertfordshire Fire and Rescue Service",
    "hertfordshire-fire",
    (
        *_READ,
        Scope.AGENCIES_WRITE,
        Scope.SYSTEMS_WRITE,
        Scope.CONTRACTS_WRITE,
        Scope.IMPORTS_WRITE,
        Scope.DECISIONS_SIGN,
    ),
)
INTEGRATION = Role(
    "integration",
    "Integration of the shared services centre",
    "bch-shared-services",
    (*_READ, Scope.SYSTEMS_WRITE, Scope.CONTRACTS_WRITE, Scope.IMPORTS_WRITE),
)
ADMINISTRATOR = Role(
    "administrator",
    "Administrator of the shared reference data",
    None,
    (
        Scope.ADMIN,
        Scope.AGENCIES_READ,
        Scope.AGENCIES_WRITE,
        Scope.SYSTEMS_READ,
        Scope.SYSTEMS_WRITE,
        Scope.AUDIT_READ,
    ),
)
ROLES = (MANAGER, BOARD, FINANCE, FIRE, INTEGRATION, ADMINISTRATOR)


def greeting(context: Context, folder: Path) -> str:
    """Make sure of a client for each role, and say how to begin.

    The database keeps only digests of secrets, so the secrets are kept in a file in `folder`, and
    beside it a header with a token for each role. Only the user may read them.
    """
    session, address = context.session, context.settings.public_url
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clients = _clients(session, folder / "clients.json")
    headers = {role: _header(context, role, clients[role.key], folder) for role in ROLES}
    lines = [
        "",
        f"The shared IT service catalogue: {address}  (documentation: {address}/docs/)",
        "",
        "Systems that are made up carry the tag `illustrative`. Those that are published carry",
        "`published`; their description names the source, and their details are illustrative too.",
        "",
        "A client for each role:",
    ]
    for role in ROLES:
        client = clients[role.key]
        lines += [
            f"  {role.name}",
            f"    client_id {client['client_id']}  client_secret {client['client_secret']}",
        ]
    lines += ["", "Some things to try, as they stand:", ""]
    for said, (role, path) in EXAMPLES.items():
        lines += [f"# {said}", f"curl -H {quote(f'@{headers[role]}')} '{address}{path}'", ""]
    lines += [
        "A token of one's own:",
        f"  curl -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {address}/oauth/token",
        "",
        "Ctrl-C ends; the data stays in place. `make demo-reset` starts over.",
        "",
    ]
    return "\n".join(lines)


EXAMPLES = {
    "one product under many names: who runs iTrent?": (
        MANAGER,
        "/v1/systems?q=itrent&fields=name,agency,product_name,supplier_name,lifecycle",
    ),
    "what overlaps across agencies, the largest groups first": (
        MANAGER,
        "/v1/overlaps?sort=-member_count&total=true&limit=10",
    ),
    "until when to give notice, and which contracts are for systems that are to go": (
        MANAGER,
        "/v1/reports/notice-dates?fields=title,agency,last_notice_date,days_left,retiring",
    ),
    "which moves to the shared services centre are late, and why": (
        BOARD,
        "/v1/migrations?late=true&fields=system_name,agency,days_late,blocked,rag_narrative",
    ),
    "a record of a partner's: what it does not share is null, and named in `withheld`": (
        FIRE,
        "/v1/systems?agency=hertfordshire-police&q=clue",
    ),
    "what was granted and revoked, from the feed of changes": (
        BOARD,
        "/v1/changes?resource=access_grant",
    ),
}


def _clients(session: Session, file: Path) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = orjson.loads(file.read_bytes()) if file.exists() else {}
    for role in ROLES:
        known = session.scalar(sa.select(OAuthClient).where(OAuthClient.name == role.name))
        if known is None:
            client, secret = create_client(
                session, name=role.name, agency_code=role.agency, scopes=list(role.scopes)
            )
        elif kept.get(role.key, {}).get("client_id") != known.client_id:
            client, secret = known, rotate_secret(session, client_id=known.client_id)
        else:
            continue
        kept[role.key] = {"client_id": client.client_id, "client_secret": secret}
    _write(file, orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    return kept


def _header(context: Context, role: Role, kept: dict[str, str], folder: Path) -> Path:
    client = find_client(context.session, kept["client_id"])
    token = issue_token(
        context.session, client=client, settings=context.settings, lifetime=TOKENS_LAST
    )
    file = folder / f"{role.key}.header"
    _write(file, f"Authorization: Bearer {token}\n".encode())
    return file


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
