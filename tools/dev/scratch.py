"""A folder for one test run's data, gone afterwards, whatever ends the run."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import processes
from .locations import SHARED_FOLDER

PREFIX = "aizy-test-"
# A folder this young may not have its lock yet.
GRACE_S = 60


@contextmanager
def scratch_folder(within: Path | None = None) -> Iterator[Path]:
    """Open to the servers' users, and locked: a later run removes those that nobody holds.

    within: the folder of a run that this one is a part of; it goes with that one at the latest.
    """
    base = SHARED_FOLDER if os.geteuid() == 0 else Path(tempfile.gettempdir())
    _remove_abandoned(within or base)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within or base))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            with processes.undisturbed():
                shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(base: Path) -> None:
    for folder in base.glob(f"{PREFIX}*"):
        try:
            status = folder.lstat()
            if status.st_uid != os.geteuid() or time.time() - status.st_mtime < GRACE_S:
                continue
            with open(folder / "lock", "a", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            # Somebody's, or just gone.
            continue
