"""Configures and builds a preset."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .locations import BUILD, REPOSITORY
from .progress import run_step


def build(preset: str, target: str = "all") -> Path:
    """Build a target of the preset; returns the program's path."""
    jobs = str(os.cpu_count() or 2)
    command = ["cmake", "--build", "--preset", preset, "--parallel", jobs, "--target", target]
    with _configured(preset) as folder:
        run_step(f"build {preset}", command, cwd=REPOSITORY)
    return folder / "aizy"


def configure(preset: str) -> Path:
    """Only what says how each file is compiled; returns the folder with compile_commands.json."""
    with _configured(preset) as folder:
        return folder


@contextmanager
def _configured(preset: str) -> Iterator[Path]:
    """One build of a preset at a time."""
    folder = BUILD / preset
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "dev.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _must_configure(folder):
            # --fresh: a configuration that was killed half way leaves a cache behind.
            command = ["cmake", "--preset", preset, "--fresh"]
            run_step(f"configure {preset}", command, cwd=REPOSITORY)
        yield folder


def _must_configure(folder: Path) -> bool:
    # CMake itself watches its lists, not the presets. build.ninja is the last thing it writes.
    rules = folder / "build.ninja"
    presets = REPOSITORY / "CMakePresets.json"
    return not rules.exists() or rules.stat().st_mtime < presets.stat().st_mtime
