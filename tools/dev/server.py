"""What the three database servers have in common."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from . import processes
from .errors import DevError

LOG_MAX_BYTES = 1_000_000


class DatabaseServer:
    """One private server under `folder`: data/, log, port, and `ready` once data/ is whole.

    A start that was killed half way leaves no `ready` behind; the next one makes the data anew.
    """

    name = ""
    # Who runs it when we are root; None: root itself.
    account: str | None = None
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, password: str, durable: bool = True) -> None:
        self.folder = folder
        self.password = password
        self.durable = durable
        self.data = folder / "data"
        self.log = folder / "log"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    # What each kind says about itself.

    def install_command(self) -> Sequence[str] | None:
        """Fills data/; None when the server does that itself."""
        return None

    def command(self) -> Sequence[str]:
        """The server in the foreground."""
        raise NotImplementedError

    def data_arguments(self) -> Sequence[str]:
        """The arguments that only a process over this data/ has."""
        raise NotImplementedError

    def leftovers(self) -> list[int]:
        """Processes of this data/ that nobody holds any more."""
        return processes.running_with(self.data_arguments())

    def ping(self) -> None:
        """Connect and ask something; raises while it does not answer.

        A DevError ends the wait: no patience will help.
        """
        raise NotImplementedError

    def wrong_password(self) -> DevError:
        return DevError(f"{self.name}'s data has another password; ./dev reset removes it")

    def after_ready(self) -> None:
        """What is made once the server answers, and at every start."""

    def url(self, database: str = "aizy") -> str:
        """For clients."""
        raise NotImplementedError

    def create_database(self, name: str) -> None:
        raise NotImplementedError

    def drop_database(self, name: str) -> None:
        raise NotImplementedError

    # What all can do.

    def start(self, timeout_s: float = 60) -> None:
        """Make the data when there is none, start, wait until it answers."""
        self.launch()
        self.wait_ready(timeout_s)

    def launch(self) -> None:
        """Like start, without the wait."""
        if self.running:
            return
        self._end_leftovers()
        self._prepare()
        self.port = self._choose_port()
        self.process = self._spawn(self.command())

    def wait_ready(self, timeout_s: float = 60) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            if not self.running:
                raise DevError(f"{self.name} ended while starting:\n{processes.tail(self.log)}")
            try:
                self.ping()
                break
            except DevError:
                raise
            except Exception as error:  # each driver has its own
                if time.monotonic() >= deadline:
                    raise DevError(
                        f"{self.name} does not answer after {timeout_s:.0f} s ({error}):\n"
                        f"{processes.tail(self.log)}"
                    ) from error
            time.sleep(0.05)
        self.after_ready()

    def stop(self, timeout_s: float = 30) -> None:
        """An orderly end; also of a paused one."""
        if self.process is not None:
            self.resume()
            processes.stop(self.process, self.stop_signal, timeout_s)
            self.process = None

    def kill(self) -> None:
        """kill -9, to see what survives."""
        if self.process is not None:
            self._signal_all(signal.SIGKILL)
            self.process.wait()
            self.process = None
            self._end_leftovers()

    def pause(self) -> None:
        """The server hangs: connections stay open, nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _signal_all(self, number: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        for pid in (self.process.pid, *processes.children_of(self.process.pid)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def _prepare(self) -> None:
        mode = 0o711 if os.geteuid() == 0 else 0o700
        self.folder.mkdir(mode=mode, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_MAX_BYTES:
            self.log.unlink()
        ready = self.folder / "ready"
        if ready.exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self.log.touch(mode=0o600)
        if self._account():
            shutil.chown(self.data, self._account(), self._account())
        command = self.install_command()
        if command is not None:
            self._install(command)
        ready.touch()

    def _install(self, command: Sequence[str]) -> None:
        process = self._spawn(command)
        try:
            status = process.wait(300)
        finally:
            processes.stop(process, signal.SIGKILL)
        if status != 0:
            raise DevError(f"making {self.name}'s data failed:\n{processes.tail(self.log)}")

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return processes.spawn(
            command,
            self.log,
            account=self._account(),
            cwd=self.data,
            # Data that is thrown away needs no orderly end.
            death_signal=self.stop_signal if self.durable else signal.SIGKILL,
        )

    def _account(self) -> str | None:
        return self.account if os.geteuid() == 0 else None

    def _choose_port(self) -> int:
        """The port of last time; another one at the first start of this object if it is taken."""
        file = self.folder / "port"
        if self.port:
            if processes.port_is_free(self.port):
                return self.port
            raise DevError(f"port {self.port} of {self.name} was taken by somebody else")
        if file.exists() and file.read_text().isdigit():
            port = int(file.read_text())
            if processes.port_is_free(port):
                return port
        port = processes.free_port()
        file.write_text(str(port))
        return port

    def _end_leftovers(self) -> None:
        """Ours from a start that was killed: they are ending already, or are made to."""

        def ended() -> bool:
            return not self.leftovers()

        if processes.wait_until(ended, 15):
            return
        for pid in self.leftovers():
            os.kill(pid, signal.SIGKILL)
        if not processes.wait_until(ended, 15):
            raise DevError(f"a {self.name} of an earlier start does not end: see {self.folder}")
