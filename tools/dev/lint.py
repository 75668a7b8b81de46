"""./dev lint and ./dev format."""

import argparse
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .build import configure
from .errors import DevError
from .includes import check_includes
from .lengths import check_lengths
from .locations import REPOSITORY, log_folder
from .progress import run_step, say
from .results import Results

C_FOLDERS = ("base", "stores", "sinks", "server", "tests", "bench")
SCRIPTS = ("dev", ".ci/run")
# A comment may not promise what is not there.
UNFINISHED = ("TODO", "FIXME", "XXX", "HACK")


def c_files(*endings: str) -> list[Path]:
    return sorted(
        file
        for folder in C_FOLDERS
        for ending in endings
        for file in (REPOSITORY / folder).rglob(f"*{ending}")
    )


def python_files() -> list[Path]:
    return sorted(
        file for folder in ("tools", "tests") for file in (REPOSITORY / folder).rglob("*.py")
    )


def lint(arguments: argparse.Namespace) -> int:
    results = Results()
    files = _changed_since(arguments.since) if arguments.since else []
    checks = [*CHECKS, ("clang-tidy", lambda: _tidy(files, every=not arguments.since))]
    for title, check in checks:
        begun = time.monotonic()
        try:
            problems = check()
        except DevError as error:
            problems = [str(error)]
        say(f"  {title:<28}{time.monotonic() - begun:6.1f} s  {len(problems)} problems")
        for problem in problems:
            say(f"    {problem}")
        if problems:
            results.fail(title)
        else:
            results.passed += 1
    say(f"\n{results.line()}")
    return 1 if results.failed else 0


def reformat(_: argparse.Namespace) -> int:
    files = c_files(".c", ".h")
    if files:
        subprocess.run(["clang-format", "-i", *map(str, files)], check=True)
    say(f"{len(files)} files formatted.")
    return 0


def _format() -> list[str]:
    files = c_files(".c", ".h")
    command = ["clang-format", "--dry-run", "-Werror", *map(str, files)]
    said = _complaints(command) if files else []
    return sorted({line.split(":")[0] + ": ./dev format" for line in said if ": error: " in line})


def _includes() -> list[str]:
    return check_includes(c_files(".c", ".h", ".def"))


def _lengths() -> list[str]:
    return check_lengths(c_files(".c", ".h") + python_files())


def _unfinished() -> list[str]:
    wrong = []
    for file in c_files(".c", ".h", ".def", ".py"):
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            wrong += [
                f"{file.relative_to(REPOSITORY)}:{number}: {word}"
                for word in UNFINISHED
                if word in line.split()
            ]
    return wrong


def _scripts() -> list[str]:
    return _complaints(["shellcheck", *(str(REPOSITORY / name) for name in SCRIPTS)])


def _python() -> list[str]:
    wrong = []
    for file in python_files():
        try:
            compile(file.read_text(), str(file), "exec")
        except SyntaxError as error:
            wrong.append(f"{file.relative_to(REPOSITORY)}: {error}")
    return wrong


def _changed_since(revision: str) -> list[Path]:
    """The C sources that differ from a revision's, or that git does not know yet."""
    git = ("git", "-C", str(REPOSITORY))
    names: list[str] = []
    for command in (["diff", "--name-only", revision], ["ls-files", "-o", "--exclude-standard"]):
        done = subprocess.run([*git, *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DevError(done.stderr.strip())
        names += done.stdout.splitlines()
    return [file for file in c_files(".c") if str(file.relative_to(REPOSITORY)) in names]


def _tidy(files: Sequence[Path], every: bool) -> list[str]:
    """The compilation database of the clang build says how each file is compiled."""
    if not files and not every:
        return []
    database = configure("clang-debug")
    runner = shutil.which("run-clang-tidy")
    if runner is None:
        raise DevError("run-clang-tidy is missing: apt-get install clang-tidy")
    chosen = [f"^{REPOSITORY}/({'|'.join(C_FOLDERS)})/.*\\.c$"]
    if not every:
        chosen = [f"^{file}$" for file in files]
    jobs = str(os.cpu_count() or 2)
    command = [runner, "-quiet", "-p", str(database), "-j", jobs, *chosen]
    try:
        run_step("clang-tidy", command)
    except DevError as error:
        return _tidy_problems((log_folder() / "clang-tidy.log").read_text()) or [str(error)]
    return []


def _tidy_problems(log: str) -> list[str]:
    """The lines with an error, each once (a header is read by many files), without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log)
    found = re.findall(rf"^{REPOSITORY}/(\S+ error: .*)$", plain, re.MULTILINE)
    return sorted(set(found))


def _complaints(command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).splitlines()


CHECKS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("formatting", _format),
    ("who includes what", _includes),
    ("lengths", _lengths),
    ("unfinished work", _unfinished),
    ("scripts", _scripts),
    ("Python", _python),
)
