"""Counts what passed and failed, from the reports of ctest and pytest."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .locations import REPOSITORY

# Skips that say on what machine the test would run, as in "not on a machine without mongod".
ALLOWED_SKIP = "not on"

# More of one suite than so many do not fail by chance.
AGAIN_MAX = 20

# What a sanitizer has found is never taken back: a race that does not show again is still there.
SANITIZER_MARKS = ("Sanitizer", "runtime error:")


@dataclass
class Failure:
    """cases: how many it counts as. test: what to name so that it runs alone; "": it cannot."""

    message: str
    test: str = ""
    cases: int = 1


@dataclass
class Results:
    """failed counts also what was skipped without an allowed reason.

    unsteady: what failed beside others and passed alone, and counts as passed.
    """

    passed: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)

    def add(self, other: "Results") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.failures += other.failures
        self.unsteady += other.unsteady

    def fail(self, message: str, test: str = "", cases: int = 1) -> None:
        self.failed += cases
        self.failures.append(Failure(message, test, cases))

    def forgive(self, failure: Failure) -> None:
        """It has passed alone."""
        self.failures.remove(failure)
        self.failed -= failure.cases
        self.passed += failure.cases
        self.unsteady.append(failure.test)

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def retry(results: Results, run_alone: Callable[[str], Results]) -> None:
    """Each failure once more, by itself; what passes then is noted as unsteady."""
    failures = [failure for failure in results.failures if failure.test]
    if len(failures) > AGAIN_MAX:
        return
    for failure in failures:
        alone = run_alone(failure.test)
        if alone.passed > 0 and alone.failed == 0:
            results.forgive(failure)


def read_ctest(report: Path) -> Results:
    """Counts cmocka's cases; a program that says nothing of them counts as one."""
    results = Results()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        passed = _sum(r"\[  PASSED  \] (\d+) test", output)
        failed = _sum(r"\[  FAILED  \] (\d+) test", output)
        failed += _sum(r"\[  SKIPPED \] (\d+) test", output)
        name = case.get("name", "?")
        if case.get("status") != "run" and failed == 0:
            failed = 1
        if failed:
            results.fail(f"{name}:\n{output}", "" if _is_sanitizers(output) else name, failed)
        results.passed += passed if passed or failed else 1
    return results


def read_pytest(report: Path) -> Results:
    """pytest itself has shown the failures."""
    results = Results()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        problems = [*case.iter("failure"), *case.iter("error")]
        if problems:
            told = " ".join(f"{problem.get('message')} {problem.text}" for problem in problems)
            results.fail(name, "" if _is_sanitizers(told) else _node(case))
        elif skipped is None:
            results.passed += 1
        elif not (skipped.get("message") or "").startswith(ALLOWED_SKIP):
            results.fail(f"{name} was skipped: {skipped.get('message')}")
    return results


def _is_sanitizers(text: str) -> bool:
    return any(mark in text for mark in SANITIZER_MARKS)


def _node(case: ElementTree.Element) -> str:
    """What pytest runs this one test by; of one in a class, or while collecting, nothing."""
    file = f"tests/{case.get('classname', '').replace('.', '/')}.py"
    return f"{file}::{case.get('name')}" if (REPOSITORY / file).is_file() else ""


def _sum(pattern: str, text: str) -> int:
    return sum(int(count) for count in re.findall(pattern, text))
