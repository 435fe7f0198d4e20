"""The banner that `catalogue demo` prints: the address, roles and requests to try."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shlex import quote

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access import roles
from catalogue.access.models import OAuthClient
from catalogue.access.operations import create_client, find_client, issue_token, rotate_secret
from catalogue.core.actor import Scope
from catalogue.core.context import Context

TOKENS_LAST = timedelta(hours=12)
"""The lifetime of tokens: longer than in production, so that a visitor can take breaks."""


@dataclass(frozen=True)
class Role:
    """A role that a visitor can take, with a client of its own."""

    key: str
    name: str
    agency: str | None
    scopes: tuple[Scope, ...]


MANAGER = Role(
    "manager",
    "IT manager of Bedfordshire Police",
    "bedfordshire-police",
    roles.ROLES["it-manager"].scopes,
)
BOARD = Role(
    "board",
    "Programme board at Cambridgeshire Constabulary",
    "cambridgeshire-police",
    roles.ROLES["programme-board"].scopes,
)
FINANCE = Role(
    "finance",
    "Finance officer of Cambridgeshire Constabulary",
    "cambridgeshire-police",
    roles.ROLES["finance"].scopes,
)
FIRE = Role(
    "fire",
    "IT manager of Hertfordshire Fire and Rescue Service",
    "hertfordshire-fire",
    roles.ROLES["it-manager"].scopes,
)
INTEGRATION = Role(
    "integration",
    "Integration client of the shared services centre",
    "bch-shared-services",
    roles.ROLES["integration"].scopes,
)
ADMINISTRATOR = Role(
    "administrator",
    "Administrator of the shared reference data",
    None,
    roles.ROLES["administrator"].scopes,
)
ROLES = (MANAGER, BOARD, FINANCE, FIRE, INTEGRATION, ADMINISTRATOR)


def make_banner(context: Context, folder: Path) -> str:
    """Create a client for each role if it is missing, and return the banner.

    The database stores only hashes of secrets. So a file in `folder` keeps the secrets, and a file
    for each role keeps a header with a token. Only the user who runs the demonstration can read
    these files.
    """
    session, address = context.session, context.settings.public_url
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clients = _clients(session, folder / "clients.json")
    headers = {role: _header(context, role, clients[role.key], folder) for role in ROLES}
    lines = [
        "",
        f"The shared IT service catalogue: open {address}/ in a browser and choose a role.",
        f"The API: {address}/v1  (documentation: {address}/docs/)",
        "",
        "Systems with the tag `illustrative` are made up. Systems with the tag `published` come from",
        "public sources, which their descriptions name. Their other details are illustrative.",
        "",
        "Roles and their clients:",
    ]
    for role in ROLES:
        client = clients[role.key]
        lines += [
            f"  {role.name}",
            f"    client_id {client['client_id']}  client_secret {client['client_secret']}",
        ]
    lines += ["", "Requests to try. Copy each line into a terminal:", ""]
    for description, (role, path) in EXAMPLES.items():
        lines += [f"# {description}", f"curl -H {quote(f'@{headers[role]}')} '{address}{path}'", ""]
    lines += [
        "To request your own token:",
        f"  curl -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {address}/oauth/token",
        "",
        "Press Ctrl-C to stop. The data stays. `make demo-reset` deletes the data and starts again.",
        "",
    ]
    return "\n".join(lines)


EXAMPLES = {
    "Which agencies run iTrent, under any of its names?": (
        MANAGER,
        "/v1/systems?q=itrent&fields=name,agency,product_name,supplier_name,lifecycle",
    ),
    "Which systems overlap between agencies, largest groups first?": (
        MANAGER,
        "/v1/overlaps?sort=-member_count&total=true&limit=10",
    ),
    "Which contracts need notice, too late or soon, and which are for systems that will retire?": (
        MANAGER,
        "/v1/reports/notice-dates?fields=title,agency,last_notice_date,term_status,window,retiring",
    ),
    "Which migrations to the shared services centre are late, and why?": (
        BOARD,
        "/v1/migrations?late=true&fields=system_name,agency,days_late,blocked,rag_narrative",
    ),
    "Which systems does a cost centre pay for, by a field that your force added?": (
        MANAGER,
        "/v1/systems?attributes.cost_centre=4711&fields=name,attributes",
    ),
    "What does a partner's record look like? Fields that are not shared are listed in `withheld`.": (
        FIRE,
        "/v1/systems?agency=hertfordshire-police&q=clue",
    ),
    "Which access grants were made and revoked, from the change feed?": (
        BOARD,
        "/v1/changes?resource=access_grant",
    ),
}


def _clients(session: Session, file: Path) -> dict[str, dict[str, str]]:
    stored: dict[str, dict[str, str]] = orjson.loads(file.read_bytes()) if file.exists() else {}
    for role in ROLES:
        known = session.scalar(sa.select(OAuthClient).where(OAuthClient.name == role.name))
        if known is None:
            client, secret = create_client(
                session, name=role.name, agency_code=role.agency, scopes=list(role.scopes)
            )
        elif stored.get(role.key, {}).get("client_id") != known.client_id:
            client, secret = known, rotate_secret(session, client_id=known.client_id)
        else:
            continue
        stored[role.key] = {"client_id": client.client_id, "client_secret": secret}
    _write(file, orjson.dumps(stored, option=orjson.OPT_INDENT_2))
    return stored


def _header(context: Context, role: Role, client: dict[str, str], folder: Path) -> Path:
    known = find_client(context.session, client["client_id"])
    token = issue_token(
        context.session, client=known, settings=context.settings, lifetime=TOKENS_LAST
    )
    file = folder / f"{role.key}.header"
    _write(file, f"Authorization: Bearer {token}\n".encode())
    return file


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
