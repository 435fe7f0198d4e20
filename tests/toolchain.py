"""The JavaScript tools for tests: node itself comes from PyPI, the rest from .ci/node.

subprocess.run(javascript("openapi-typescript", document, "-o", types), check=True)
subprocess.run(javascript("tsc", "--noEmit", "--strict", types), check=True)
"""

import subprocess
import sys
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
