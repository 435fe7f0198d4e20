"""The demonstration after its first run, which all processes of a test run share."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.programs import ran
from tests.stores import Run

DATABASE = Path("var", "demo.db")
PORT = 8123


@dataclass(frozen=True)
class FirstRun:
    """The output and files of the first run.

    `untouched` is a copy that no test changes.
    """

    place: Path
    output: str
    untouched: Path

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of this run by role. Every run writes new ones."""
        kept = self.untouched.with_name("first-access").glob("*.header")
        return {file.stem: file.read_text().strip().partition(": ")[2] for file in kept}


def load_first_run(run: Run) -> FirstRun:
    """Load the demonstration, unless another process has, in a folder whose name needs quoting."""
    place = Path(run.directory, "a visitor's place")
    output, untouched = place / "first-output", place / "untouched.db"
    with run.lock("demonstration"):
        if not output.exists():
            place.mkdir()
            done = ran("demo", "--no-serve", "--port", str(PORT), cwd=place)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
            copy_database(place / DATABASE, untouched)
            shutil.copytree(place / "var" / "demo-access", place / "first-access")
            output.write_text(done.stdout)
    return FirstRun(place, output.read_text(), untouched)


def copy_database(database_file: Path, to: Path) -> Path:
    """Copy a database together with the content of its log."""
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copyfile(database_file, to))
