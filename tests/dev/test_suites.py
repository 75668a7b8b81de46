"""What ./dev test runs side by side and what it runs alone are together all there is."""

import subprocess
import sys

from tools.dev.locations import REPOSITORY
from tools.dev.suites import NORMAL, PARTS


def collected(*chosen: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "--collect-only", *chosen],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_each_test_is_in_one_part() -> None:
    everything = collected("tests/http", "tests/cli", "tests/dev")
    parts = []
    for part in PARTS:
        # Side by side nothing is listed.
        chosen = part._replace(at_once=1).choice(NORMAL, "")
        parts += collected(*chosen)
    assert len(everything) > 1000
    assert sorted(parts) == sorted(everything)


def test_what_takes_longest_is_begun_first() -> None:
    assert "test_fault_walk" in collected("tests/cli", "tests/http")[0]
