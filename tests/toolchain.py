"""The JavaScript tools for tests: node itself comes from PyPI, the rest from .ci/node.

subprocess.run(javascript("openapi-typescript", document, "-o", types), check=True)
subprocess.run(javascript("tsc", "--noEmit", "--strict", types), check=True)
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUNNER = Path(__file__).resolve().parent.parent / ".ci" / "node" / "run.py"


def javascript(tool: str, *arguments: str | Path) -> list[str]:
    """Return the command line that runs `spectral`, `openapi-typescript`, `tsc`, `node` or `npm`."""
    return [sys.executable, str(RUNNER), tool, *map(str, arguments)]


def installed_file(path: str) -> Path:
    """Return a file of a JavaScript package, such as `axe-core/axe.min.js`."""
    # Any tool of the folder, because all are installed together.
    subprocess.run(javascript("esbuild", "--version"), check=True, stdout=subprocess.DEVNULL)
    return RUNNER.parent / "node_modules" / path


@contextmanager
def running_provider(*arguments: str) -> Iterator[str]:
    """Run npm's `oidc-provider` with the arguments of its script, and yield its issuer."""
    # A tool's start installs what the lock file names. A script of node does not.
    subprocess.run(javascript("tsc", "--version"), check=True, capture_output=True)
    command = javascript("node", RUNNER.with_name("oidc-provider.mjs"), *arguments)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        issuer = process.stdout.readline().strip()
        assert issuer, process.stderr.read()
        yield issuer
        process.stdin.close()
