"""The ways the tests are run: one row each."""

import shutil
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from .locations import REPOSITORY

# A status that nothing else ends with.
SANITIZER_EXIT = 99


class Suite(NamedTuple):
    """build only when neither unit tests nor a black-box expression is there.

    is_brief: the longest walks take fewer steps; they are made whole in another suite.
    without: files of black-box tests that would prove nothing more than in another suite.
    """

    title: str
    preset: str
    unit: bool
    black_box: bool
    marker: str = ""
    mongo: str = ""
    is_brief: bool = False
    without: Sequence[str] = ()


# What is about HTTP, TLS, people in MySQL and processes: it sends a document server nothing but its
# migrations and what others ask there too, so another document server can change nothing in it.
WITHOUT_DOCUMENTS = (
    "tests/cli/test_activation.py",
    "tests/cli/test_admin.py",
    "tests/cli/test_takeover.py",
    "tests/cli/test_usage.py",
    "tests/http/test_connections.py",
    "tests/http/test_framing.py",
    "tests/http/test_json_suite.py",
    "tests/http/test_limits.py",
    "tests/http/test_login.py",
    "tests/http/test_malformed.py",
    "tests/http/test_register.py",
    "tests/http/test_tls.py",
    "tests/http/test_tokens.py",
)

NORMAL = Suite("gcc", "gcc-debug", unit=True, black_box=True)
ASAN = Suite("ASan and UBSan", "gcc-asan", unit=True, black_box=True, is_brief=True)
TSAN = Suite("TSan", "gcc-tsan", unit=True, black_box=True, marker="race")
CLANG = Suite("clang", "clang-debug", unit=True, black_box=False)
PYTHON_MONGO = Suite(
    "Python document server",
    "gcc-debug",
    unit=False,
    black_box=True,
    # It takes many times as long as the other one: what is long already is left out.
    marker="not slow",
    mongo="py",
    is_brief=True,
    without=WITHOUT_DOCUMENTS,
)

# The tests wait half of their time: two files of them at once fill two cores.
AT_ONCE = 2


class Part(NamedTuple):
    """Some of a suite's black-box tests, as one run of pytest.

    marker: which. at_once: how many files, each process with databases of its own. of_dev: the
    tests of ./dev itself too, which do not change with the build: once is enough.
    """

    name: str
    marker: str
    at_once: int = 1
    of_dev: bool = False

    def choice(self, suite: Suite, expression: str) -> list[str]:
        """As pytest's arguments."""
        markers = [self.marker, suite.marker] if suite.marker else [self.marker]
        chosen = ["-m", " and ".join(markers)]
        chosen += ["-k", expression] if expression else []
        if self.at_once > 1:
            chosen += ["-n", str(self.at_once), "--dist", "loadfile"]
        chosen += [f"--ignore={REPOSITORY / file}" for file in suite.without]
        names = ["tests/http", "tests/cli"]
        if self.of_dev and suite == NORMAL:
            names.append("tests/dev")
        return [*chosen, *(str(REPOSITORY / name) for name in names)]


PARTS = (
    Part("beside", "not alone", at_once=AT_ONCE),
    Part("alone", "alone", of_dev=True),
)

FULL = (NORMAL, ASAN, CLANG, TSAN, PYTHON_MONGO)


def sanitizer_environment() -> dict[str, str]:
    """Harmless to builds without sanitizers."""
    suppressions = REPOSITORY / "tools" / "dev" / "lsan.supp"
    common = f"halt_on_error=1:exitcode={SANITIZER_EXIT}"
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0",
        "TSAN_OPTIONS": f"{common}:second_deadlock_stack=1",
    }


def prefix(suite: Suite) -> list[str]:
    """gcc 12's ThreadSanitizer cannot live with as much address randomisation as kernels have."""
    fixed = ["setarch", "--addr-no-randomize"]
    if suite.preset != "gcc-tsan" or not shutil.which("setarch"):
        return []
    works = subprocess.run([*fixed, "true"], capture_output=True, check=False).returncode == 0
    return fixed if works else []
