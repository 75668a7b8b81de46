"""What failed beside others may pass alone: that is said, and what is no chance stays a failure."""

from pathlib import Path

import pytest

from tools.dev.results import AGAIN_MAX, Results, read_ctest, read_pytest, retry

OURS = "<testcase classname='dev.test_results' name='test_late'"
PASSED = f"{OURS}/>"
FAILED = f"{OURS}><failure message='{{}}'/></testcase>"


def pytest_report(folder: Path, *cases: str) -> Results:
    file = folder / "report.xml"
    file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return read_pytest(file)


def passes(_: str) -> Results:
    return Results(passed=1)


def fails(test: str) -> Results:
    results = Results()
    results.fail(test)
    return results


def test_what_passes_alone_counts_as_passed_and_is_named(tmp_path: Path) -> None:
    asked = []

    def run_alone(test: str) -> Results:
        asked.append(test)
        return passes(test)

    results = pytest_report(tmp_path, PASSED, FAILED.format("too late"))
    assert results.line() == "1 passed, 1 failed"
    retry(results, run_alone)
    assert results.line() == "2 passed, 0 failed"
    assert results.failures == []
    assert asked == results.unsteady == ["tests/dev/test_results.py::test_late"]


@pytest.mark.parametrize("alone", [fails, lambda _: Results()])
def test_what_fails_alone_too_or_does_not_run_stays_failed(tmp_path: Path, alone) -> None:
    results = pytest_report(tmp_path, FAILED.format("wrong"))
    retry(results, alone)
    assert results.line() == "0 passed, 1 failed"
    assert len(results.failures) == 1 and not results.unsteady


@pytest.mark.parametrize(
    "case",
    [
        FAILED.format("WARNING: ThreadSanitizer: data race"),
        FAILED.format("a.c:1:2: runtime error: signed integer overflow"),
        "<testcase classname='dev.test_nothing' name='of no file'><error/></testcase>",
        f"{OURS}><skipped message='later'/></testcase>",
    ],
)
def test_what_is_no_chance_is_not_tried_again(tmp_path: Path, case: str) -> None:
    results = pytest_report(tmp_path, case)
    retry(results, passes)
    assert results.line() == "0 passed, 1 failed"


def test_many_failures_are_no_chance(tmp_path: Path) -> None:
    results = pytest_report(tmp_path, *[FAILED.format("too late")] * (AGAIN_MAX + 1))
    retry(results, passes)
    assert results.failed == AGAIN_MAX + 1


def test_a_program_counts_with_all_its_cases(tmp_path: Path) -> None:
    output = "[  PASSED  ] 3 test(s).\n[  FAILED  ] 2 test(s), listed below:"
    case = f"<testcase name='test_pool' status='fail'><system-out>{output}</system-out></testcase>"
    file = tmp_path / "ctest.xml"
    file.write_text(f"<testsuite>{case}</testsuite>")
    results = read_ctest(file)
    assert results.line() == "3 passed, 2 failed"
    retry(results, passes)
    assert results.line() == "5 passed, 0 failed"
    assert results.unsteady == ["test_pool"]
