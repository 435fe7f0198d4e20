"""The generated Python client against a live server."""

import compileall
import pkgutil
from typing import Any

from tests.clients.conftest import PACKAGE, Generated, Served


def test_generator_prints_no_warnings(generated: Generated) -> None:
    assert "arning" not in generated.output, generated.output


def test_every_module_compiles_and_imports(generated: Generated) -> None:
    assert compileall.compile_dir(generated.folder, quiet=1)
    package = __import__(PACKAGE)
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}.")]
    assert len(names) > 100
    for name in names:
        __import__(name)


def test_generated_client_writes_reads_pages_and_parses_errors(
    generated: Generated, served: Served
) -> None:
    connect = generated.module("client").AuthenticatedClient
    with connect(base_url=served.address, token=served.token()) as api:
        exercise_client(generated, api)


def exercise_client(generated: Generated, api: Any) -> None:
    """Create, list, read and change; and be refused."""
    models = generated.module("models")
    create = generated.module("api.systems.create_system").sync_detailed
    read = generated.module("api.systems.get_system").sync_detailed
    update = generated.module("api.systems.update_system").sync_detailed

    made = [
        create(
            client=api,
            body=models.SystemCreate(name=name, lifecycle=models.Lifecycle.LIVE, user_count=10),
        )
        for name in ("Rostering", "Payroll", "Fleet")
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    assert all(isinstance(answer.parsed, models.SystemRecord) for answer in made)

    assert list_names_by_pages(generated, api) == ["Fleet", "Payroll", "Rostering"]

    # This generator repeats a parameter that takes several values, instead of joining them.
    narrowed = generated.module("api.systems.list_systems").sync(
        client=api,
        fields=[models.SystemField.NAME, models.SystemField.LIFECYCLE],
        lifecycle_in=[models.Lifecycle.LIVE, models.Lifecycle.PLANNED],
    )
    assert [item.to_dict().keys() for item in narrowed.items] == [{"id", "name", "lifecycle"}] * 3

    found = read(made[0].parsed.id, client=api)
    assert found.parsed.agency == "bedfordshire-police"
    etag = found.headers["etag"]
    patch = models.SystemPatch(user_count=11)
    changed = update(made[0].parsed.id, client=api, body=patch, if_match=etag)
    assert (changed.status_code, changed.parsed.user_count) == (200, 11)

    stale = update(made[0].parsed.id, client=api, body=patch, if_match=etag)
    assert stale.status_code == 412
    assert isinstance(stale.parsed, models.Problem)
    assert stale.parsed.type_ == "urn:catalogue:problem:precondition-failed"
    assert stale.headers["content-type"] == "application/problem+json"


def list_names_by_pages(generated: Generated, api: Any) -> list[str]:
    """The names of all systems, two to a page, by following the cursor."""
    listing = generated.module("api.systems.list_systems").sync_detailed
    unset = generated.module("types").UNSET
    names: list[str] = []
    cursor = unset
    while True:
        page = listing(client=api, limit=2, cursor=cursor).parsed
        names += [item.name for item in page.items]
        if not page.page.has_more:
            return names
        cursor = page.page.next_cursor
