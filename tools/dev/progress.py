"""Steps with their time, shown while they last."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import processes
from .errors import DevError
from .locations import log_folder

# Without a terminal a long step says so now and then, so that a log shows it is alive.
QUIET_S = 10
TITLE_WIDTH = 28


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """For what this program does itself: the title before, the time after."""
    begun = time.monotonic()
    print(f"  {title:<{TITLE_WIDTH}}", end="", flush=True)
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - begun:6.1f} s")


def run_step(
    title: str,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    failure: str = "",
) -> str:
    """Run a command to its end, showing time and its last line; returns its output.

    The output goes to .dev/log; when the command fails its end is in the error.
    """
    log = log_folder() / f"{title.replace(' ', '-').replace('/', '-')}.log"
    log.unlink(missing_ok=True)
    process = processes.spawn(argv, log, environment=environment, cwd=cwd)
    try:
        begun = time.monotonic()
        status = _watch(title, process, log)
    finally:
        with processes.undisturbed():
            _stop_group(process)
    if status != 0:
        raise DevError(
            f"{failure or title} failed ({' '.join(argv[:4])} ...: exit {status}); "
            f"the end of {log}:\n{processes.tail(log, 40)}"
        )
    say(f"\r  {title:<{TITLE_WIDTH}}{time.monotonic() - begun:6.1f} s{_rest_of_line()}")
    return log.read_text(errors="replace")


def _watch(title: str, process: subprocess.Popen[bytes], log: Path) -> int:
    begun = said = time.monotonic()
    terminal = sys.stdout.isatty()
    while True:
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        if terminal and now - begun > 1:
            line = f"\r  {title:<{TITLE_WIDTH}}{now - begun:6.1f} s  {_last_line(log)}"
            print(line[: _columns()] + "\033[K", end="", flush=True)
        elif now - said > QUIET_S:
            said = now
            say(f"  {title:<{TITLE_WIDTH}}{now - begun:6.0f} s so far: {_last_line(log)}")


def _stop_group(process: subprocess.Popen[bytes]) -> None:
    """Also what the command started: a build's compilers."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        processes.stop(process, timeout_s=10)


def _last_line(log: Path) -> str:
    line = processes.tail(log, 1)
    return "" if line == processes.EMPTY_LOG else line.strip()


def _columns() -> int:
    try:
        return os.get_terminal_size().columns - 1
    except OSError:
        return 100


def _rest_of_line() -> str:
    return "\033[K" if sys.stdout.isatty() else ""
