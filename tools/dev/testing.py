"""./dev test: builds, runs the C tests through ctest and the black-box tests through pytest."""

import argparse
import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from . import processes
from .build import build
from .databases import Databases
from .errors import DevError
from .locations import BUILD, REPOSITORY
from .progress import say, step
from .results import Results, read_ctest, read_pytest, retry
from .scratch import scratch_folder
from .suites import ASAN, FULL, NORMAL, PARTS, TSAN, Suite, prefix, sanitizer_environment

# pytest's status when an expression matches nothing.
NO_TESTS = 5


def test(arguments: argparse.Namespace) -> int:
    results = Results()
    for suite in _chosen(arguments):
        begun = time.monotonic()
        say(f"\n== {suite.title} ==")
        try:
            counted = _run(suite, arguments.k, arguments.again)
        except DevError as error:
            counted = Results()
            counted.fail(f"{suite.title}: {error}")
        say(f"== {suite.title}: {counted.line()} in {time.monotonic() - begun:.0f} s ==")
        results.add(counted)
    for failure in results.failures:
        say(f"\nfailed: {failure.message}")
    for name in results.unsteady:
        say(f"unsteady: {name} failed beside the others and passed alone")
    if results.passed == 0 and results.failed == 0:
        results.fail("no test matches")
    say(f"\n{results.line()}")
    return 1 if results.failed else 0


def _chosen(arguments: argparse.Namespace) -> Sequence[Suite]:
    if arguments.full:
        return FULL
    chosen = [suite for suite, on in ((ASAN, arguments.asan), (TSAN, arguments.tsan)) if on]
    return [suite._replace(mongo=arguments.mongo) for suite in chosen or [NORMAL]]


def _run(suite: Suite, expression: str, again: bool) -> Results:
    program = build(suite.preset)

    def unit_alone(test: str) -> Results:
        say(f"  again, alone: {test}")
        with scratch_folder() as folder:
            return _unit_tests(suite, f"^{re.escape(test)}$", folder)

    def alone(test: str) -> Results:
        say(f"  again, alone: {test}")
        with scratch_folder() as folder:
            return _black_box_tests(suite, program, [test], folder / "again.xml")

    unit, black_box = Results(), Results()
    with scratch_folder() as folder:
        if suite.unit:
            unit = _unit_tests(suite, expression, folder)
        if suite.black_box:
            for part in PARTS:
                chosen = part.choice(suite, expression)
                report = folder / f"{part.name}.xml"
                black_box.add(_black_box_tests(suite, program, chosen, report))
    if again:
        retry(unit, unit_alone)
        retry(black_box, alone)
    unit.add(black_box)
    return unit


def _unit_tests(suite: Suite, expression: str, folder: Path) -> Results:
    """With databases to themselves, named by AIZY_TEST_DATABASE_URL and so on."""
    databases = Databases(folder / "unit", durable=False, mongo=suite.mongo)
    report = folder / "ctest.xml"
    command = ["ctest", "--test-dir", str(BUILD / suite.preset), "--output-junit", str(report)]
    # Enough for every line of a test: the counts are read from there.
    sizes = ["--test-output-size-passed", "1000000", "--test-output-size-failed", "1000000"]
    # pytest's "or", as ctest says it.
    matching = ["--tests-regex", re.sub(r"\s+or\s+", "|", expression)] if expression else []
    with step("databases"):
        databases.start()
    try:
        urls = {f"AIZY_TEST_{name}": url for name, url in databases.environment().items()}
        environment = os.environ | urls | sanitizer_environment()
        with step("unit tests"):
            _in_foreground(
                [*prefix(suite), *command, *sizes, *matching], environment, folder / "ctest.log"
            )
    finally:
        databases.stop()
    if not report.exists():
        raise DevError(f"ctest made no report:\n{processes.tail(folder / 'ctest.log')}")
    results = read_ctest(report)
    say(f"  {results.line()}")
    return results


def _black_box_tests(
    suite: Suite, program: Path, chosen: Sequence[str], report: Path
) -> Results:
    command = ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "--tb=short", "--durations=15"]
    command += [f"--junitxml={report}"]
    environment = os.environ | sanitizer_environment()
    environment |= {"AIZY_BINARY": str(program), "AIZY_TEST_MONGO": suite.mongo}
    environment |= {"AIZY_TEST_BRIEF": "1" if suite.is_brief else ""}
    environment |= {"AIZY_TEST_FOLDER": str(report.parent)}
    status = _in_foreground([*prefix(suite), *command, *chosen], environment, None)
    if status == NO_TESTS:
        return Results()
    if not report.exists():
        raise DevError(f"pytest made no report (exit {status})")
    results = read_pytest(report)
    if status != 0 and results.failed == 0:
        results.fail(f"pytest ended with {status}")
    return results


def _in_foreground(
    command: Sequence[str], environment: dict[str, str], log: Path | None
) -> int:
    """Until it ends; a signal to us becomes Ctrl-C for it, and its own clean-up is waited for."""
    process: subprocess.Popen[bytes] = processes.spawn(
        command, log, environment=environment, cwd=REPOSITORY
    )
    try:
        return process.wait()
    finally:
        with processes.undisturbed():
            processes.stop(process, signal.SIGINT, 60)
