"""Counts what passed and failed, from the reports of ctest and pytest."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

# Skips that say on what machine the test would run, as in "not on a machine without mongod".
ALLOWED_SKIP = "not on"


@dataclass
class Results:
    """failed counts also what was skipped without an allowed reason."""

    passed: int = 0
    failed: int = 0
    messages: list[str] = field(default_factory=list)

    def add(self, other: "Results") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.messages += other.messages

    def fail(self, message: str) -> None:
        self.failed += 1
        self.messages.append(message)

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


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
            results.messages.append(f"{name}:\n{output}")
        results.passed += passed if passed or failed else 1
        results.failed += failed
    return results


def read_pytest(report: Path) -> Results:
    """pytest itself has shown the failures."""
    results = Results()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            results.fail(name)
        elif skipped is None:
            results.passed += 1
        elif not (skipped.get("message") or "").startswith(ALLOWED_SKIP):
            results.fail(f"{name} was skipped: {skipped.get('message')}")
    return results


def _sum(pattern: str, text: str) -> int:
    return sum(int(count) for count in re.findall(pattern, text))
