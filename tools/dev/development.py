"""The development databases, and aizy's own commands against them."""

import argparse
import fcntl
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .build import build
from .databases import VARIABLES, Databases
from .errors import DevError
from .locations import REPOSITORY, data_folder, dev_folder, media_folder
from .progress import step
from .settings import STORES, development_secrets, read_settings, write_private


def take_lock() -> TextIO | None:
    """Held while this checkout's databases are somebody's; None when they are another's."""
    lock = open(dev_folder() / "lock", "a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def holder() -> str:
    return (dev_folder() / "lock").read_text() or "unknown"


def databases_file() -> Path:
    """NAME=value lines of the running databases; there while they run."""
    return dev_folder() / "databases.env"


class Development:
    """Which databases this checkout works on: given by environment or .env, or private."""

    def __init__(self, mongo: str = "") -> None:
        self.settings = read_settings()
        self.given = [name for name in VARIABLES if name in self.settings]
        self.stores_are_ours = not any(name in self.given for name in STORES)
        password = development_secrets()["database_password"]
        self.databases = Databases(
            data_folder(),
            password=password,
            mongo=mongo,
            wanted=[name for name in VARIABLES if name not in self.given],
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        with step("databases"):
            self.databases.start()
        try:
            lines = [f"{name}={shlex.quote(url)}\n" for name, url in self.urls().items()]
            write_private(databases_file(), "".join(lines))
            yield
        finally:
            databases_file().unlink(missing_ok=True)
            self.databases.stop()

    def urls(self) -> dict[str, str]:
        given = {name: self.settings[name] for name in self.given}
        return given | self.databases.environment()

    def environment(self) -> dict[str, str]:
        return aizy_environment(self.urls())

    def folder(self) -> Path:
        """Of the document store: another kind of server has another one, and starts empty."""
        return self.databases.mongo.folder


def aizy_environment(urls: dict[str, str]) -> dict[str, str]:
    """What aizy is started with in development."""
    settings = read_settings()
    defaults = {
        "AIZY_ENV": "development",
        "JWT_SECRET": development_secrets()["jwt_secret"],
        "MEDIA_DIR": str(media_folder()),
    }
    missing = {name: value for name, value in defaults.items() if name not in settings}
    return dict(os.environ) | missing | urls


@contextmanager
def databases_in_use(mongo: str = "") -> Iterator[dict[str, str]]:
    """The environment for a command: of the databases that ./dev run has, or of our own start."""
    lock = take_lock()
    if lock is None:
        if not databases_file().exists():
            raise DevError(f"./dev run (process {holder()}) is still starting; try again")
        lines = shlex.split(databases_file().read_text())
        yield aizy_environment(dict(line.split("=", 1) for line in lines))
        return
    with lock:
        development = Development(mongo)
        with development.running():
            yield development.environment()


def aizy(arguments: argparse.Namespace) -> int:
    return _aizy(arguments.rest or ["--help"])


def migrate(arguments: argparse.Namespace) -> int:
    return _aizy(["migrate", *(arguments.rest or ["up"])])


def seed(arguments: argparse.Namespace) -> int:
    return _aizy(["seed", *arguments.rest])


def _aizy(arguments: Sequence[str]) -> int:
    """One of aizy's commands, on the terminal."""
    program = build("dev", "aizy")
    with databases_in_use() as environment:
        done = subprocess.run(
            [str(program), *arguments], env=environment, cwd=REPOSITORY, check=False
        )
    return done.returncode
