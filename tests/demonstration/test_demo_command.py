"""The command `catalogue demo`, from its start to the first requests."""

import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from catalogue.cli import main
from catalogue.demonstration import operations
from catalogue.demonstration.banner import ROLES
from catalogue.demonstration.operations import every_step
from tests.first_run import DATABASE, FirstRun, copy_database
from tests.programs import free_port, ran, serving
from tests.threads import PATIENCE_SECONDS

VISITED = "Visited"


def count_rows(place: Path) -> dict[str, int]:
    """Return the number of rows in each table."""
    with closing(sqlite3.connect(place / DATABASE)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
        }


def visit(place: Path) -> None:
    """Change a record, as a visitor could."""
    with closing(sqlite3.connect(place / DATABASE)) as connection:
        connection.execute(
            "UPDATE system SET name = ? WHERE id = (SELECT min(id) FROM system)", [VISITED]
        )
        connection.commit()


@pytest.fixture(scope="module")
def place(first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this process, as the first run left it. Another process would write its files."""
    own = tmp_path_factory.mktemp("a visitor's own place")
    access = own / "var" / "demo-access"
    shutil.copytree(first_run.untouched.with_name("first-access"), access)
    copy_database(first_run.untouched, own / DATABASE)
    return own


@pytest.fixture(scope="module")
def first(first_run: FirstRun) -> str:
    """The output of the first run."""
    return first_run.output


@pytest.fixture(scope="module")
def kept(place: Path, first: str) -> dict[str, int]:
    """Row counts after the first run and a change by a visitor."""
    assert first
    visit(place)
    return count_rows(place)


@pytest.fixture(scope="module")
def second(place: Path, kept: dict[str, int]) -> Iterator[str]:
    """The output of the second run, which serves while the tests run."""
    assert kept
    port = free_port()
    with serving("demo", port=port, cwd=place) as output:
        yield output.read_text()


def parse_curls(output: str) -> list[list[str]]:
    return [shlex.split(line) for line in output.splitlines() if line.startswith("curl ")]


def send_curl(curl: list[str]) -> httpx.Response:
    """Send the request that curl would send."""
    program, option, header, url = curl
    assert (program, option, header[0]) == ("curl", "-H", "@")
    name, _, value = Path(header[1:]).read_text().strip().partition(": ")
    return httpx.get(url, headers={name: value}, timeout=PATIENCE_SECONDS)


def test_demo_prints_addresses_and_first_requests(first: str) -> None:
    assert "open http://127.0.0.1:8123/ in a browser" in first
    assert "http://127.0.0.1:8123/docs/" in first
    assert "illustrative" in first
    assert "made up" in first
    assert len(parse_curls(first)) == 7
    for _, _, _, url in parse_curls(first):
        assert url.startswith("http://127.0.0.1:8123/v1/")


def test_demo_prints_a_client_for_each_role(first: str) -> None:
    for role in ROLES:
        assert re.search(
            rf"  {re.escape(role.name)}\n    client_id \S+  client_secret \S+\n", first
        )


def test_access_files_are_readable_by_their_owner_only(place: Path, first: str) -> None:
    assert first
    folder = place / "var" / "demo-access"
    assert folder.stat().st_mode & 0o077 == 0
    files = list(folder.iterdir())
    assert len(files) >= len(ROLES)
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []


def test_demo_loads_systems_overlaps_and_programme(first: str, kept: dict[str, int]) -> None:
    assert "Loading" in first
    assert kept["system"] > 100
    assert kept["agency"] > 100
    assert kept["overlap"] >= 8
    assert kept["programme"] >= 1


def test_second_run_keeps_the_data(place: Path, kept: dict[str, int], second: str) -> None:
    assert "Loading" not in second
    # The server's worker has a row while it runs.
    assert count_rows(place) | {"job_worker": 0} == kept | {"job_worker": 0}
    manager, *_ = [curl for curl in parse_curls(second) if "/v1/systems" in curl[3]]
    listed = re.sub(r"\?.*", "?fields=name&limit=200", manager[3])
    items = send_curl([*manager[:3], listed]).json()["items"]
    assert VISITED in [item["name"] for item in items]


def test_printed_curl_commands_work(second: str) -> None:
    paths = []
    for curl in parse_curls(second):
        response = send_curl(curl)
        assert response.status_code == 200, response.text
        assert response.json()["items"], curl[3]
        paths.append(httpx.URL(curl[3]).path)
    assert paths == [
        "/v1/systems",
        "/v1/overlaps",
        "/v1/reports/notice-dates",
        "/v1/migrations",
        "/v1/systems",
        "/v1/systems",
        "/v1/changes",
    ]


def test_overlaps_across_agencies_are_listed(second: str) -> None:
    [overlaps] = [curl for curl in parse_curls(second) if "/v1/overlaps" in curl[3]]
    page = send_curl(overlaps).json()
    assert page["page"]["total"] >= 8


def test_one_product_is_found_under_several_names(second: str) -> None:
    systems, *_ = [curl for curl in parse_curls(second) if "/v1/systems" in curl[3]]
    items = send_curl(systems).json()["items"]
    assert len({item["agency"] for item in items}) > 1
    assert len({item["product_name"] for item in items}) > 1


def test_printed_clients_get_tokens(second: str) -> None:
    address = re.search(r"http://127\.0\.0\.1:\d+", second)
    assert address
    named = re.findall(r"client_id (\S+)  client_secret (\S+)", second)
    assert len(named) == len(ROLES)
    for client in named:
        response = httpx.post(
            f"{address[0]}/oauth/token",
            auth=client,
            data={"grant_type": "client_credentials"},
            timeout=PATIENCE_SECONDS,
        )
        assert response.status_code == 200, response.text
        assert response.json()["access_token"]


def test_visitors_sign_in_as_a_role_without_a_password(second: str) -> None:
    address = re.search(r"http://127\.0\.0\.1:\d+", second)
    assert address
    answer = httpx.post(
        f"{address[0]}/sign-in/demonstration",
        data={"role": "manager", "next": "/systems"},
        timeout=PATIENCE_SECONDS,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/systems")
    assert answer.headers["Set-Cookie"].startswith(f"__Host-session-{httpx.URL(address[0]).port}=")


def test_taken_port_is_named_in_the_error(place: Path, second: str) -> None:
    port = str(httpx.URL(parse_curls(second)[0][3]).port)
    done = ran("demo", "--port", port, cwd=place)
    assert done.returncode == 1
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def interrupt(monkeypatch: pytest.MonkeyPatch, name: str, *, after: int = 0) -> None:
    """Run the command, and interrupt a function that it calls, after a number of calls."""
    function, calls = getattr(operations, name), iter(range(after))

    def interrupted(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return function(*arguments)

    with monkeypatch.context() as broken:
        broken.setattr(operations, name, interrupted)
        assert CliRunner().invoke(main, ["demo", "--no-serve"]).exit_code == 1


@pytest.fixture
def new_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, in which nothing is loaded."""
    monkeypatch.chdir(tmp_path)
    # Restored after the test, because the command sets them.
    monkeypatch.setenv("CATALOGUE_DATABASE_URL", "")
    monkeypatch.setenv("CATALOGUE_PUBLIC_URL", "")
    return tmp_path


def assert_holds_nothing(place: Path) -> None:
    left = count_rows(place)
    left.pop("alembic_version")
    by_migrations = {
        "history_head",
        "release_requirement",
        "revocation_epoch",
        "sharing_settlement",
    }
    assert {name for name, number in left.items() if number} <= by_migrations


def test_interrupted_load_of_rows_leaves_nothing(
    new_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, "load_rows")
    assert_holds_nothing(new_place)


def test_interrupted_first_load_leaves_nothing_and_interrupted_steps_are_continued(
    new_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, "set_scene")
    assert_holds_nothing(new_place)
    interrupt(monkeypatch, "apply_step", after=3)
    assert count_rows(new_place)["change_set"] == 4
    again = CliRunner().invoke(main, ["demo", "--no-serve"])
    assert again.exit_code == 0, again.output
    assert "Loading" in again.output
    left = count_rows(new_place)
    assert left["system"] > 100
    third = CliRunner().invoke(main, ["demo", "--no-serve"])
    assert "Loading" not in third.output
    assert count_rows(new_place) == left
    # The clients of the roles are one more change set after the first load and the steps.
    assert left["change_set"] == 1 + len(every_step()) + 1
