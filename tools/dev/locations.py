"""Where things are: the repository, what ./dev keeps, the user's cache."""

import hashlib
import os
from pathlib import Path

from .errors import DevError

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"
# Open to every user of the machine, unlike the home of root.
SHARED_FOLDER = Path("/var/tmp")


def dev_folder() -> Path:
    """.dev/: secrets, logs, and the databases unless they have to live elsewhere."""
    folder = REPOSITORY / ".dev"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def media_folder() -> Path:
    """Where the images are that are uploaded in development; made by aizy."""
    return dev_folder() / "media"


def log_folder() -> Path:
    folder = dev_folder() / "log"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def cache_folder() -> Path:
    """What was built or downloaded once for every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "aizy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def open_to_everyone(folder: Path) -> bool:
    """Whether other users may pass through the folder and all above it."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def data_folder() -> Path:
    """The development databases' folder.

    As root the servers run as users of their own; where those cannot reach the repository the
    data lives below /var/tmp, under a name made from the repository's path, which is written to
    .dev/data-folder.
    """
    if os.geteuid() != 0:
        return _made(dev_folder() / "data", 0o700)
    if open_to_everyone(REPOSITORY):
        # .dev itself stays closed because of the secrets in it; only the way through is open.
        os.chmod(dev_folder(), 0o711)
        return _made(dev_folder() / "data", 0o711)
    name = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:12]
    folder = _made(SHARED_FOLDER / f"aizy-dev-{name}", 0o711)
    (dev_folder() / "data-folder").write_text(f"{folder}\n")
    return folder


def _made(folder: Path, mode: int) -> Path:
    folder.mkdir(mode=mode, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid():
        raise DevError(f"{folder} belongs to somebody else; remove it and start again")
    os.chmod(folder, mode)
    return folder
