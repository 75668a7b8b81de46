"""What ./dev test runs side by side and what it runs alone are together all there is."""

import subprocess
import sys

import pytest

from tools.dev.locations import REPOSITORY
from tools.dev.suites import FULL, NORMAL, PARTS, Part, Suite


def collected(*chosen: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "--collect-only", *chosen],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def collected_of(suite: Suite, part: Part) -> list[str]:
    # Side by side nothing is listed.
    return collected(*part._replace(at_once=1).choice(suite, ""))


@pytest.fixture(name="everything", scope="module")
def fixture_everything() -> list[str]:
    return collected("tests/cli", "tests/http", "tests/dev")


def test_each_test_is_in_one_part(everything: list[str]) -> None:
    parts = [test for part in PARTS for test in collected_of(NORMAL, part)]
    assert len(everything) > 1000
    assert sorted(parts) == sorted(everything)


def test_what_takes_longest_is_begun_first(everything: list[str]) -> None:
    assert "test_fault_walk" in everything[0]


@pytest.mark.parametrize("suite", [suite for suite in FULL if suite.without])
def test_what_a_suite_leaves_out_is_run_by_another(suite: Suite, everything: list[str]) -> None:
    without = {file.removeprefix("tests/") for file in suite.without}
    assert without <= {test.partition("::")[0] for test in everything}
    run = {test.partition("::")[0] for test in collected_of(suite, PARTS[0])}
    assert run and not run & without
    assert not NORMAL.without
