"""Child processes that do not outlive us, whatever ends us."""

import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from .errors import DevError

PR_SET_PDEATHSIG = 1
# Below those that the kernel hands to outgoing connections.
PORTS = range(20000, 32000)
EMPTY_LOG = "    (the log is empty)"
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    argv: Sequence[str],
    log: Path | None,
    *,
    account: str | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process that gets death_signal when we die, with its output added to log
    (None: it shares ours).

    account names the user it runs as; only root may say one. Call it from the main thread: the
    kernel sends the death signal when the thread that started the process ends.
    The process has a session of its own, so that Ctrl-C reaches it through us and in our order.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("processes are started from the main thread")
    parent = os.getpid()

    # Runs after the change of user: that change would clear the death signal.
    def tie_to_parent() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    user = pwd.getpwnam(account) if account else None
    with open(log, "ab") if log else nullcontext() as output:
        try:
            return subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                env=None if environment is None else dict(environment),
                cwd=cwd,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                start_new_session=True,
                preexec_fn=tie_to_parent,
            )
        except OSError as error:
            raise DevError(f"{argv[0]} does not start: {error.strerror}") from error


def stop(
    process: subprocess.Popen[bytes],
    how: signal.Signals = signal.SIGTERM,
    timeout_s: float = 30,
) -> int:
    """Ask it to end, insist after timeout_s; returns its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.send_signal(how)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def wait_until(condition: Callable[[], bool], timeout_s: float, pause_s: float = 0.05) -> bool:
    """Whether the condition came true within timeout_s."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause_s)
    return True


def running_with(arguments: Sequence[str]) -> list[int]:
    """The processes whose command line contains these arguments, one after the other."""
    wanted = b"\0".join(argument.encode() for argument in arguments)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"\0" + wanted + b"\0" in command:
            found.append(int(entry.name))
    return found


def working_in(folder: Path, name: str) -> list[int]:
    """The processes of that program whose working directory is the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() == folder and _name_of(entry) == name:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _name_of(entry: Path) -> str:
    return (entry / "comm").read_text().strip()


def children_of(parent: int) -> list[int]:
    """The direct children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free loopback port of ports_of_process().

    So it is still free when a stopped server wants it back.
    """
    ports = ports_of_process()
    for _ in range(1000):
        port = random.choice(ports)
        if port_is_free(port):
            return port
    raise RuntimeError(f"no free port between {ports.start} and {ports.stop}")


def ports_of_process() -> range:
    """Each of the tests' processes that run side by side has its own: between the choice of a port
    and its use no other one takes it."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return PORTS[number :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals wait while what was started is brought down."""
    held = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in held}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def tail(log: Path, lines: int = 20) -> str:
    """The end of a log, indented, for a message."""
    try:
        text = log.read_bytes()[-16384:].decode(errors="replace")
    except OSError:
        return "    (no log)"
    end = text.splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in end) or EMPTY_LOG
