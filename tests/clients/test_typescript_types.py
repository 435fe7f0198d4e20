"""The generated TypeScript types, and a use of them that only right types allow."""

import subprocess
from pathlib import Path

from tests.clients.conftest import DOCUMENT
from tests.toolchain import javascript

USE = """
import type { components, operations, paths } from "./catalogue";

type System = components["schemas"]["SystemRecord"];
type Page = operations["list_systems"]["responses"]["200"]["content"]["application/json"];
type Problem = paths["/v1/systems"]["post"]["responses"]["422"]["content"]["application/problem+json"];

const lifecycle: System["lifecycle"] = "live";
export const nameOf = (system: System): string => system.name;
export const after = (page: Page): string | null => page.page.next_cursor;
export const first = (problem: Problem): string | undefined => problem.errors?.[0]?.pointer;
export const create: components["schemas"]["SystemCreate"] = { name: "Rostering", lifecycle };
"""

MISUSE = """
import type { components } from "./catalogue";

export const wrong: components["schemas"]["SystemCreate"] = { name: 3, lifecycle: "alive" };
"""


def compile_types(folder: Path, name: str, source: str) -> subprocess.CompletedProcess[str]:
    file = folder / name
    file.write_text(source)
    command = javascript("tsc", "--noEmit", "--strict", "--skipLibCheck", "false", file)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_typescript_types_compile_and_reject_misuse(tmp_path: Path) -> None:
    command = javascript("openapi-typescript", DOCUMENT, "-o", tmp_path / "catalogue.ts")
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    used = compile_types(tmp_path, "use.ts", USE)
    assert used.returncode == 0, used.stdout
    misused = compile_types(tmp_path, "misuse.ts", MISUSE)
    assert misused.returncode != 0
    assert "TS2322" in misused.stdout
