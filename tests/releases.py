"""Other releases of the product, as folders with code and migrations of their own."""

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tests.stores import ROOT

NO_HISTORY = "no history of git"
VERSIONS = "migrations/versions"
PARTS = ("catalogue", "migrations", "openapi")
MENDED = ("catalogue/core/models.py", "class ReleaseRequirement")
"""The file and the text without which a release refuses a newer database."""

ADDITIVE = '''
"""Add what a later release could add."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE system ADD COLUMN added_later VARCHAR(20)")
    op.execute("ALTER TABLE job ADD COLUMN added_later VARCHAR(20) DEFAULT 'new' NOT NULL")
    op.create_table("added_later", sa.Column("id", sa.Integer(), primary_key=True))
'''


@dataclass(frozen=True)
class Release:
    """A release in a folder."""

    folder: Path

    @property
    def command(self) -> Path:
        """The release's own `catalogue`, with the libraries of this environment."""
        path = self.folder / "run"
        if not path.exists():
            path.write_text(
                f"#!{sys.executable}\nimport sys\n\nsys.path.insert(0, {str(self.folder)!r})\n"
                "from catalogue.cli import main\n\nmain()\n"
            )
            path.chmod(0o755)
        return path


def next_release(folder: Path) -> Release:
    """Copy today's code, and add a migration."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)  # with the bytecode, which takes long to make
    before = newest_number(file.name for file in (folder / VERSIONS).iterdir())
    number = f"{int(before) + 1:04}"
    text = ADDITIVE.format(number=number, before=before).lstrip()
    (folder / VERSIONS / f"{number}_add_later.py").write_text(text)
    return Release(folder)


def release_of(commit: str, folder: Path) -> Release:
    """Write the code of a commit into a folder."""
    packed = _git("archive", commit, *PARTS)
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        # Python before 3.11.4 has no filters, and later releases warn if none is set.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)
    return Release(folder)


def newest_number(names: object) -> str:
    """Return the number of the newest migration among names of files."""
    files = [Path(str(name)).name for name in names]  # type: ignore[attr-defined]
    return max(name.partition("_")[0] for name in files if name[:1].isdigit())


def has_history() -> bool:
    """Return whether the commits before today's can be read."""
    try:
        _git("rev-parse", "HEAD^")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def commit_before_last_migration() -> str | None:
    """Return the newest commit with fewer migrations, if it can use a newer database.

    A merge can hold two migrations of one number until the next commit. It is never a release.
    """
    today = newest_number(file.name for file in (ROOT / VERSIONS).iterdir())
    changed = _git("log", "--first-parent", "--format=%H", "-n", "50", "--", VERSIONS)
    for commit in changed.decode().split():
        try:
            names = _git("ls-tree", "--name-only", f"{commit}^", f"{VERSIONS}/").decode().split()
            numbers = [Path(name).name.partition("_")[0] for name in names]
            one_chain = len(numbers) == len(set(numbers))
            if one_chain and names and newest_number(names) != today:
                path, text = MENDED
                can = text in _git("show", f"{commit}^:{path}").decode()
                return _git("rev-parse", f"{commit}^").decode().strip() if can else None
        except subprocess.CalledProcessError:
            return None
    return None


def _git(*arguments: str) -> bytes:
    # The folder can belong to another user, as it does in a container.
    command = ("git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments)
    return subprocess.run(command, capture_output=True, check=True).stdout
