"""./dev run --watch: builds and restarts the server when a source changes."""

import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from . import processes
from .errors import DevError
from .locations import REPOSITORY
from .progress import say

# What the program is made of.
FOLDERS = ("base", "server", "stores", "sinks", "migrations")
FILES = ("CMakeLists.txt", "CMakePresets.json")
ENDINGS = (".c", ".h", ".def", ".sql", ".json")
LISTEN_TIMEOUT_S = 60
# Longer than the server's own limit for what is under way.
STOP_TIMEOUT_S = 30


class Sources:
    """The files below some folders, by their times."""

    def __init__(self, root: Path = REPOSITORY, folders: Sequence[str] = FOLDERS) -> None:
        self.root = root
        self.folders = folders
        self.built = self._times()
        self.seen = self.built

    def changed(self) -> list[str]:
        """What has changed since the last time this told of a change, once it stays as it is:
        whoever saves many files is waited for."""
        before, self.seen = self.seen, self._times()
        if self.seen == self.built or self.seen != before:
            return []
        differing = set(self.seen.items()) ^ set(self.built.items())
        self.built = self.seen
        return sorted({str(path.relative_to(self.root)) for path, _ in differing})

    def _times(self) -> dict[Path, int]:
        files = [self.root / name for name in FILES]
        for folder in self.folders:
            files += (path for path in (self.root / folder).rglob("*") if path.suffix in ENDINGS)
        times = {}
        for path in files:
            try:
                times[path] = path.stat().st_mtime_ns
            except FileNotFoundError:
                # It went while we looked.
                continue
        return times


class Restarter:
    """A running server, and how the next one is made.

    build raises a DevError when it fails; start is told whether there is a server to take over
    from. Both servers write to the log.
    """

    def __init__(
        self,
        sources: Sources,
        build: Callable[[], None],
        start: Callable[[bool], subprocess.Popen[bytes]],
        server: subprocess.Popen[bytes],
        log: Path,
    ) -> None:
        self.sources = sources
        self.build = build
        self.start = start
        self.server = server
        self.log = log
        self.is_down = False

    def look(self) -> None:
        """To be called now and then: restarts when something has changed."""
        if self.server.poll() is not None and not self.is_down:
            self.is_down = True
            say(f"\naizy ended by itself (exit {self.server.returncode}):")
            say(f"{processes.tail(self.log)}\nIt starts again when a source changes.")
        names = self.sources.changed()
        if not names:
            return
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        say(f"\nChanged: {', '.join(names[:3])}{more}.")
        try:
            self.build()
            self._replace()
        except DevError as error:
            say(f"{error}\n{'Nothing runs.' if self.is_down else 'The old server goes on.'}")

    def _replace(self) -> None:
        """The old one ends when the new one listens, so that nobody is turned away."""
        successor = self.start(not self.is_down)
        mark = f'"pid": {successor.pid}'

        def listens_or_gone() -> bool:
            return successor.poll() is not None or self._listens(mark)

        processes.wait_until(listens_or_gone, LISTEN_TIMEOUT_S)
        if not self._listens(mark):
            processes.stop(successor)
            raise DevError(f"the new server does not listen:\n{processes.tail(self.log)}")
        old, self.server = self.server, successor
        self.is_down = False
        with processes.undisturbed():
            processes.stop(old, signal.SIGTERM, STOP_TIMEOUT_S)
        say("The new server serves.")

    def _listens(self, mark: str) -> bool:
        lines = self.log.read_text(errors="replace").splitlines()
        return any(mark in line and '"server.listening"' in line for line in lines)
