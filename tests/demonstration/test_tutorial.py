"""The tutorial works as written: every command runs, and prints what its page shows."""

import os
from pathlib import Path

import pytest

from tests.first_run import DATABASE, FirstRun, copy_database
from tests.programs import COMMAND, environment, free_port, serving
from tests.tutorial import (
    DOCS,
    START,
    Block,
    Mismatch,
    Output,
    Terminal,
    blocks_of,
    compare,
    pages,
)

PAGE = """
```sh
make demo
```

Text.

```sh
echo 1
```

```text
1
```
"""


def test_index_lists_every_page_of_the_tutorial() -> None:
    assert sorted(pages()) == sorted((DOCS / "tutorial").glob("*.md"))


def test_every_command_prints_what_its_page_shows(first_run: FirstRun, tmp_path: Path) -> None:
    blocks = [block for page in pages() for block in blocks_of(page.name, page.read_text())]
    start, *others = blocks
    assert start.commands.strip() == START
    (tmp_path / DATABASE).parent.mkdir()
    copy_database(first_run.untouched, tmp_path / DATABASE)
    port, path = free_port(), f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    with (
        serving("demo", port=port, cwd=tmp_path),
        Terminal(tmp_path, environment(PATH=path), port) as terminal,
    ):
        for block in others:
            terminal.run(block)


def test_blocks_have_their_place_and_the_output_that_follows() -> None:
    assert list(blocks_of("page.md", PAGE)) == [
        Block("page.md:3", "make demo\n", None),
        Block("page.md:9", "echo 1\n", "1\n"),
    ]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        pytest.param('{"a": 1}', '{"a": 1, "b": 2}', id="other-members"),
        pytest.param('{"a": …}', '{"a": 7}', id="any-value"),
        pytest.param('{"a": "b…"}', '{"a": "bcd"}', id="rest-of-a-string"),
        pytest.param("[1, …]", "[1, 2, 3]", id="rest-of-a-list"),
        pytest.param("{}\nHTTP 201", "{}", id="status"),
        pytest.param("{}\nHTTP 201\n[]", "{}[]\n", id="two-documents"),
        pytest.param("…\nlast: …", "first\nsecond\nlast: 3\n", id="lines"),
    ],
)
def test_output_that_the_page_shows_is_accepted(shown: str, printed: str) -> None:
    compare(shown, Output(printed, [201]))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        pytest.param('{"a": 1}', '{"a": 2}', id="value"),
        pytest.param('{"a": 1}', '{"a": true}', id="type"),
        pytest.param('{"a": 1}', '{"b": 1}', id="missing-member"),
        pytest.param('{"a": "b…"}', '{"a": "cb"}', id="string"),
        pytest.param("[1]", "[1, 2]", id="longer-list"),
        pytest.param("[1, 2, …]", "[1]", id="shorter-list"),
        pytest.param("{}", "{}{}", id="another-document"),
        pytest.param("{}", "no", id="no-document"),
        pytest.param("{}\nHTTP 200", "{}", id="status"),
        pytest.param("{}\nHTTP 201\nHTTP 201", "{}", id="another-status"),
        pytest.param("first", "first\nsecond\n", id="more-lines"),
        pytest.param("first\nsecond", "second\n", id="fewer-lines"),
    ],
)
def test_other_output_is_a_mismatch(shown: str, printed: str) -> None:
    with pytest.raises(Mismatch):
        compare(shown, Output(printed, [201]))


@pytest.mark.parametrize(
    ("commands", "shown", "fault"),
    [
        pytest.param("false", None, "a command failed", id="command"),
        pytest.param("false | cat", None, "a command failed", id="pipe"),
        pytest.param('echo "$unset"', None, "a command failed", id="variable"),
        pytest.param("echo HTTP 404 >&2", None, r"requests failed with \[404\]", id="request"),
        pytest.param("echo 1", "2", "'2' does not follow", id="output"),
    ],
)
def test_fault_in_a_page_names_its_place(
    commands: str, shown: str | None, fault: str, tmp_path: Path
) -> None:
    with (
        Terminal(tmp_path, environment(), 8000) as terminal,
        pytest.raises(Mismatch, match=rf"page\.md:7: {fault}"),
    ):
        terminal.run(Block("page.md:7", commands, shown))


def test_terminal_keeps_variables_and_hides_its_port(tmp_path: Path) -> None:
    with Terminal(tmp_path, environment(), 8123) as terminal:
        terminal.run(Block("page.md:1", "address=http://127.0.0.1:8000", None))
        terminal.run(Block("page.md:5", 'echo "$address"', "http://127.0.0.1:8000"))
        terminal.run(Block("page.md:9", "echo HTTP 404 >&2", "HTTP 404"))


def test_shortcut_explains_an_empty_list(tmp_path: Path) -> None:
    page = DOCS / "tutorial" / "first-steps.md"
    shortcuts = next(
        block for block in blocks_of(page.name, page.read_text()) if "first_id()" in block.commands
    )
    (tmp_path / "empty.json").write_text('{"items": []}')
    with Terminal(tmp_path, environment(), 8000) as terminal:
        terminal.run(shortcuts)
        with pytest.raises(Mismatch, match=r"Nothing found\."):
            terminal.run(Block("page.md:1", "first_id cat empty.json", None))
