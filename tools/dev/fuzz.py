"""./dev fuzz: every target of tests/fuzz under libFuzzer, two at a time."""

import argparse
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from . import processes
from .build import build
from .errors import DevError
from .locations import BUILD, REPOSITORY, dev_folder
from .progress import say
from .results import Results
from .suites import sanitizer_environment

PRESET = "clang-fuzz"
TARGETS = REPOSITORY / "tests" / "fuzz"
SEEDS = TARGETS / "corpus"
DEFAULT_S = 60
AT_ONCE = 2
# One input; the slowest of ours takes milliseconds.
INPUT_TIMEOUT_S = 10
MEMORY_MB = 2048
# What a target may take beyond its time: loading what it found in earlier runs.
GRACE_S = 120


class Run(NamedTuple):
    """One target at work."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    deadline: float


def fuzz(arguments: argparse.Namespace) -> int:
    seconds = _seconds(arguments.seconds)
    names = [name for name in _names() if not arguments.k or re.search(arguments.k, name)]
    if not names:
        raise DevError(f"no target matches {arguments.k!r}: {', '.join(_names())}")
    build(PRESET, "fuzz")
    say(f"\n  {'target':<14}{'executions':>12}{'per second':>12}{'edges':>8}{'new units':>11}")
    results = Results()
    waiting = list(reversed(names))
    running: list[Run] = []
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append(_start(waiting.pop(), seconds))
            time.sleep(0.2)
            for run in [run for run in running if _has_ended(run)]:
                running.remove(run)
                _report(run, results)
    finally:
        with processes.undisturbed():
            for run in running:
                processes.stop(run.process, signal.SIGKILL)
    for failure in results.failures:
        say(f"\nfailed: {failure.message}")
    say(f"\n{results.line()}")
    return 1 if results.failed else 0


def _seconds(text: str | None) -> int:
    if not text:
        return DEFAULT_S
    if not text.isdecimal() or int(text) == 0:
        raise DevError(f"{text!r} is no number of seconds")
    return int(text)


def _names() -> list[str]:
    return sorted(file.stem.removeprefix("fuzz_") for file in TARGETS.glob("fuzz_*.c"))


def _binary(name: str) -> Path:
    return BUILD / PRESET / "fuzz" / f"fuzz_{name}"


def _folder(name: str) -> Path:
    """What this machine found: units that reach something new, and inputs that crash."""
    folder = dev_folder() / "fuzz" / name
    (folder / "units").mkdir(parents=True, exist_ok=True)
    return folder


def _start(name: str, seconds: int) -> Run:
    folder = _folder(name)
    log = folder / "log"
    log.unlink(missing_ok=True)
    command = [
        str(_binary(name)),
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_TIMEOUT_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        "-use_value_profile=1",
        "-print_final_stats=1",
        f"-artifact_prefix={folder}/",
    ]
    dictionary = TARGETS / f"{name}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    process = processes.spawn(
        [*command, str(folder / "units"), str(SEEDS / name)],
        log,
        environment=dict(os.environ) | sanitizer_environment(),
        cwd=REPOSITORY,
    )
    return Run(name, process, log, time.monotonic() + seconds + GRACE_S)


def _has_ended(run: Run) -> bool:
    if run.process.poll() is None and time.monotonic() > run.deadline:
        processes.stop(run.process, signal.SIGKILL)
    return run.process.poll() is not None


def _report(run: Run, results: Results) -> None:
    text = run.log.read_text(errors="replace")
    cells = [
        _last(r"stat::number_of_executed_units: +(\d+)", text),
        _last(r"stat::average_exec_per_sec: +(\d+)", text),
        _last(r" cov: (\d+) ", text),
        _last(r"stat::new_units_added: +(\d+)", text),
    ]
    say(f"  {run.name:<14}{cells[0]:>12}{cells[1]:>12}{cells[2]:>8}{cells[3]:>11}")
    if run.process.returncode == 0:
        results.passed += 1
    else:
        results.fail(f"{run.name}: {_how_to_replay(run, text)}")


def _last(pattern: str, text: str) -> str:
    found = re.findall(pattern, text)
    return str(found[-1]) if found else "-"


def _how_to_replay(run: Run, text: str) -> str:
    reasons = re.findall(r"^.*(?:CHECK\(.*failed|ERROR: .*|runtime error: .*)$", text, re.MULTILINE)
    reason = reasons[0] if reasons else f"exit {run.process.returncode}"
    written = re.findall(r"Test unit written to (\S+)", text)
    if not written:
        return f"{reason}\n  all it said: {run.log}"
    return (
        f"{reason}\n  all it said: {run.log}\n  again:       {_binary(run.name)} {written[-1]}\n"
        f"  once mended: cp {written[-1]} {SEEDS.relative_to(REPOSITORY)}/{run.name}/<what it was>"
    )
