"""./dev fuzz: what it needs of each target, and what it makes of a run."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.dev import fuzz
from tools.dev.errors import DevError
from tools.dev.results import Results

QUIET = """
#8 INITED cov: 90 ft: 200 corp: 7/90b exec/s: 0 rss: 45Mb
#900 DONE   cov: 93 ft: 215 corp: 9/99b lim: 60 exec/s: 450 rss: 46Mb
stat::number_of_executed_units: 900
stat::average_exec_per_sec:     450
stat::new_units_added:          2
"""
BROKEN = """
aizy: tests/fuzz/fuzz_head.c:67: CHECK(is_strict) failed
==1== ERROR: libFuzzer: deadly signal
artifact_prefix='/f/'; Test unit written to /f/crash-0123
stat::number_of_executed_units: 11
"""


def report(folder: Path, log: str, status: int) -> Results:
    (folder / "log").write_text(log)
    process = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({status})"])
    process.wait()
    results = Results()
    fuzz._report(fuzz.Run("head", process, folder / "log", time.monotonic()), results)
    return results


def test_every_target_has_seeds_and_is_described() -> None:
    text = (fuzz.TARGETS / "README.md").read_text()
    assert len(fuzz._names()) > 10
    for name in fuzz._names():
        assert list((fuzz.SEEDS / name).iterdir()), name
        assert f"`{name}`" in text, name


def test_a_quiet_run_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tmp_path, QUIET, 0).line() == "1 passed, 0 failed"
    assert capsys.readouterr().out.split() == ["head", "900", "450", "93", "2"]


def test_a_broken_run_fails_and_says_how_to_replay(tmp_path: Path) -> None:
    results = report(tmp_path, BROKEN, 77)
    assert results.line() == "0 passed, 1 failed"
    assert "CHECK(is_strict) failed" in results.failures[0].message
    assert "fuzz_head /f/crash-0123" in results.failures[0].message


def test_a_run_that_ends_without_a_word_fails(tmp_path: Path) -> None:
    assert "exit 1" in report(tmp_path, "", 1).failures[0].message


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5"])
def test_seconds_are_a_whole_number(text: str) -> None:
    with pytest.raises(DevError):
        fuzz._seconds(text)
