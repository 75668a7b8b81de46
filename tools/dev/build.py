"""Configures and builds a preset."""

import fcntl
import os
from pathlib import Path

from .locations import BUILD, REPOSITORY
from .progress import run_step


def build(preset: str) -> Path:
    """Build everything of the preset; returns the program's path."""
    folder = BUILD / preset
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "dev.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _must_configure(folder):
            # --fresh: a configuration that was killed half way leaves a cache behind.
            run_step(f"configure {preset}", ["cmake", "--preset", preset, "--fresh"], cwd=REPOSITORY)
        run_step(
            f"build {preset}",
            ["cmake", "--build", "--preset", preset, "--parallel", str(os.cpu_count() or 2)],
            cwd=REPOSITORY,
        )
    return folder / "aizy"


def _must_configure(folder: Path) -> bool:
    # CMake itself watches its lists, not the presets. build.ninja is the last thing it writes.
    rules = folder / "build.ninja"
    presets = REPOSITORY / "CMakePresets.json"
    return not rules.exists() or rules.stat().st_mtime < presets.stat().st_mtime
