"""SecantusDB, the document server of a machine without mongod: found, or built into the cache."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import DevError
from .locations import cache_folder
from .progress import run_step, say

RUST_VERSION = "0.5.3-beta.196"
PYTHON_PROGRAM = "secantusd-py"
PYTHON_VERSION = "0.7.0b3"
# The oldest cargo that was seen to build it, whatever its manifest says.
CARGO_NEEDED = (1, 85)


def program() -> Path:
    """secantusd-rs: on PATH, in the cache, built; or else the Python one."""
    found = shutil.which("secantusd-rs")
    if found:
        return Path(found)
    root = cache_folder() / f"secantus-{RUST_VERSION}"
    built = root / "bin" / "secantusd-rs"
    if built.exists():
        return built
    cargo = _cargo()
    if cargo is None:
        return python_program()
    with _alone():
        if not built.exists() and not _build(cargo, root):
            return python_program()
    return built


def python_program() -> Path:
    """secantusd-py, in a venv in the cache."""
    venv = cache_folder() / f"secantus-py-{PYTHON_VERSION}"
    ready = venv / "ready"
    if not ready.exists():
        with _alone():
            if not ready.exists():
                _install(venv)
                ready.touch()
    return venv / "bin" / PYTHON_PROGRAM


def _install(venv: Path) -> None:
    # A venv is bound to its path, so it is made in place; a half-made one has no `ready`.
    shutil.rmtree(venv, ignore_errors=True)
    run_step("SecantusDB's venv", ["/usr/bin/python3", "-m", "venv", str(venv)])
    run_step(
        "SecantusDB from PyPI",
        [
            str(venv / "bin" / "pip"),
            "install",
            "--disable-pip-version-check",
            f"SecantusDB=={PYTHON_VERSION}",
        ],
    )


def _build(cargo: str, root: Path) -> bool:
    """False when this machine cannot; the Python one serves then."""
    say("  The MongoDB server is built once for this user (about 4 minutes on two cores).")
    target = cache_folder() / "secantus-build"
    command = [cargo, "install", "secantus-mdb", "--version", RUST_VERSION]
    options = ["--ignore-rust-version", "--root", str(root)]
    # What was compiled survives an interruption in the target folder.
    environment = os.environ | {"CARGO_TARGET_DIR": str(target)}
    try:
        run_step("building SecantusDB", [*command, *options], environment=environment)
    except DevError as error:
        say(f"{error}\n  Going on with the slower one from PyPI.")
        return False
    shutil.rmtree(target, ignore_errors=True)
    return True


def _cargo() -> str | None:
    at_home = Path.home() / ".cargo" / "bin" / "cargo"
    for candidate in (shutil.which("cargo"), str(at_home)):
        if candidate and Path(candidate).exists() and _version(candidate) >= CARGO_NEEDED:
            return candidate
    return None


def _version(cargo: str) -> tuple[int, int]:
    answer = subprocess.run([cargo, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"cargo (\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def _alone() -> Iterator[None]:
    """One checkout builds, the others wait."""
    with open(cache_folder() / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
