"""What the command line says of itself, and how it refuses."""

import json
import subprocess
from collections.abc import Callable

import pytest
from harness import Server, binary

from tools.dev.databases import Databases

COMMANDS = (
    ("serve",),
    ("migrate", "up"),
    ("migrate", "status"),
    ("migrate", "reset"),
    ("migrate", "new"),
    ("seed",),
    ("check",),
    ("openapi",),
    ("config",),
    ("admin", "create"),
    ("admin", "reset-password"),
    ("import",),
    ("version",),
)

MISUSES = (
    ((), "usage: aizy"),
    (("nonsense",), "no command nonsense"),
    (("migrate",), "migrate needs a second word"),
    (("migrate", "sideways"), "no command migrate sideways"),
    (("admin",), "admin create"),
    (("serve", "--prot", "1"), "no option --prot"),
    (("serve", "now"), "too many arguments: now"),
    (("check", "--json=yes"), "--json takes no value"),
    (("import",), "FILE is missing"),
    (("import", "a.csv", "--stock=lose"), "--stock is one of: keep, set"),
    (("admin", "create", "--email"), "--email needs a value"),
    (("admin", "create", "--password", "x"), "no option --password"),
)


@pytest.fixture(scope="module")
def program(databases: Databases, make_server: Callable[..., Server]) -> Server:
    """With settings that are right, and nothing migrated."""
    return make_server(databases)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(program: Server, command: tuple[str, ...]) -> None:
    done = program.aizy(*command, "--help")
    assert done.stdout.startswith(f"usage: aizy {' '.join(command)}")
    assert "--help" in done.stdout
    assert done.stderr == ""
    overview = program.aizy("--help").stdout
    assert f"  {' '.join(command)} " in overview


@pytest.mark.parametrize(("arguments", "sentence"), MISUSES, ids=lambda value: str(value)[:40])
def test_misuse_is_refused_with_a_sentence(
    program: Server, arguments: tuple[str, ...], sentence: str
) -> None:
    done = program.aizy(*arguments, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_prints_what_it_is(program: Server) -> None:
    assert program.aizy("version").stdout.startswith("aizy ")
    assert program.aizy("--version").stdout == program.aizy("version").stdout
    document = json.loads(program.aizy("openapi").stdout)
    assert document["openapi"].startswith("3.1")
    assert "/api/products" in document["paths"]
    assert "JWT_SECRET=" in program.aizy("config").stdout


@pytest.mark.parametrize(
    "command",
    [
        ("serve",),
        ("migrate", "up"),
        ("migrate", "status"),
        ("migrate", "reset", "--yes"),
        ("seed",),
        ("admin", "create"),
        ("admin", "reset-password", "--email", "a@example.com"),
        ("import", "x.csv"),
    ],
    ids=" ".join,
)
def test_wrong_settings_stop_every_command(
    databases: Databases, make_server: Callable[..., Server], command: tuple[str, ...]
) -> None:
    broken = make_server(databases, DATABASE_URL="", JWT_SECRET="hidden-word", PORT="x")
    done = broken.aizy(*command, check=False)
    assert done.returncode == 2
    problems = [line for line in done.stderr.splitlines() if "warning" not in line]
    assert [line for line in problems if line.startswith("aizy: DATABASE_URL")]
    assert [line for line in problems if line.startswith("aizy: JWT_SECRET")]
    assert [line for line in problems if line.startswith("aizy: PORT")]
    assert "hidden-word" not in done.stderr
    assert done.stdout == ""


def test_reads_the_settings_file(databases: Databases, make_server: Callable[..., Server]) -> None:
    program = make_server(databases, CURRENCY="")
    (program.folder / ".env").write_text("CURRENCY=XXQ\n")
    done = program.aizy("check", check=False)
    assert done.returncode == 1
    assert "CURRENCY" in done.stdout


def test_a_result_that_nobody_takes_is_a_failure(program: Server) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [str(binary()), "openapi"],
            env=program.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "could not be written" in done.stderr
