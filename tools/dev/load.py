"""wrk against one address, and what a server spends meanwhile."""

import json
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from . import processes
from .errors import DevError
from .locations import REPOSITORY

REPORT = REPOSITORY / "bench" / "report.lua"
TIMEOUT_S = 10


class Load(NamedTuple):
    """What wrk sends: one request again and again, or with bodies one after the other."""

    url: str
    method: str
    headers: Mapping[str, str]
    bodies: Sequence[str]
    connections: int
    script: Path = REPORT

    def command(self, seconds: float) -> list[str]:
        return [
            *("wrk", "-s", str(self.script), "--timeout", f"{TIMEOUT_S}s"),
            *("-t", "2", "-c", str(self.connections), "-d", f"{seconds:.0f}s"),
            *(word for name, value in self.headers.items() for word in ("-H", f"{name}: {value}")),
            *(self.url, "--", self.method, *self.bodies),
        ]


class Figures(NamedTuple):
    """Of one run. errors: answers of 400 and above, and whatever went wrong with sockets."""

    answers: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


class Wrk:
    """wrk, from its start until `figures` has waited for its end."""

    def __init__(self, load: Load, seconds: float, log: Path) -> None:
        self.log = log
        self.log.unlink(missing_ok=True)
        self.timeout_s = seconds + 3 * TIMEOUT_S
        self.process = processes.spawn(load.command(seconds), log)

    def figures(self) -> Figures:
        try:
            status = self.process.wait(self.timeout_s)
        except subprocess.TimeoutExpired as error:
            raise DevError(f"wrk does not end:\n{processes.tail(self.log)}") from error
        finally:
            processes.stop(self.process, signal.SIGKILL)
        lines = self.log.read_text(errors="replace").splitlines()
        if status != 0 or not lines or not lines[-1].startswith("{"):
            raise DevError(f"wrk failed (exit {status}):\n{processes.tail(self.log)}")
        said = json.loads(lines[-1])
        return Figures(
            answers=said["answers"],
            requests_per_second=said["answers"] / said["seconds"],
            p50_ms=said["p50_ms"],
            p99_ms=said["p99_ms"],
            errors=said["refused"] + said["broken"],
        )


class Meter:
    """What one process spends, as the kernel counts it."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")

    def cpu_us(self) -> float:
        """Of all its threads that still live, in the scheduler's own nanoseconds.

        /proc/PID/stat would tell hundredths of a second.
        """
        spent = [int(file.read_text().split()[0]) for file in self.folder.glob("task/*/schedstat")]
        return sum(spent) / 1000

    def memory_mib(self) -> float:
        return self._status("VmRSS")

    def peak_mib(self) -> float:
        """The most since its start, or since forget_peak."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        (self.folder / "clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise DevError(f"{self.folder}/status has no {name}")
