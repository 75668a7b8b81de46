"""./dev itself, with the real servers."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.dev import includes, lengths, processes
from tools.dev.databases import Databases, fresh_name
from tools.dev.errors import DevError
from tools.dev.locations import REPOSITORY
from tools.dev.mariadb import MariaDb
from tools.dev.postgresql import PostgreSql
from tools.dev.results import read_ctest, read_pytest
from tools.dev.scratch import scratch_folder
from tools.dev.server import DatabaseServer

# Starts every server, says so, and waits to be killed.
HOLDS_DATABASES = """
import sys, time
from pathlib import Path
from tools.dev.databases import Databases
databases = Databases(Path(sys.argv[1]), durable=sys.argv[2] == "durable", password="0123")
databases.start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture(name="folder")
def fixture_folder() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder


def dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(REPOSITORY / "dev"), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def processes_of(folder: Path) -> list[int]:
    """Every process that has the folder in its command line, or works in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            works_in = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(folder).encode() in command or works_in.startswith(str(folder)):
            found.append(int(entry.name))
    return found


def is_gone(folder: Path) -> bool:
    return processes.wait_until(lambda: not processes_of(folder), 20)


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",)])
def test_explains_itself(arguments: tuple[str, ...]) -> None:
    answer = dev(*arguments)
    assert answer.returncode == 0
    for command in ("run", "test", "lint", "format", "migrate", "seed", "reset"):
        assert f"\n  {command} " in answer.stdout


def test_unknown_command_is_refused_with_help() -> None:
    answer = dev("rnu")
    assert answer.returncode == 2
    assert "'rnu'" in answer.stderr and "usage: ./dev" in answer.stderr


def test_unknown_option_is_refused() -> None:
    assert dev("reset", "--everything").returncode == 2


def test_run_refuses_a_port_that_is_no_number() -> None:
    answer = dev("run", PORT="http")
    assert answer.returncode == 1
    assert "PORT" in answer.stderr or "runs in this checkout already" in answer.stderr


def test_databases_start_answer_and_leave_nothing_behind(folder: Path) -> None:
    databases = Databases(folder, durable=False)
    databases.start()
    for server in databases.servers.values():
        server.ping()
        assert f"@127.0.0.1:{server.port}/" in server.url() or "mongodb://127.0" in server.url()
    databases.stop()
    assert is_gone(folder)


def test_each_database_works_again_after_restart_kill_and_pause(folder: Path) -> None:
    with Databases(folder, durable=False) as databases:
        for server in databases.servers.values():
            port = server.port
            server.restart()
            server.kill()
            server.start()
            server.pause()
            server.resume()
            server.ping()
            assert server.port == port
    assert is_gone(folder)


def test_data_survives_a_kill(folder: Path) -> None:
    name = fresh_name()
    with Databases(folder, durable=False) as databases:
        databases.create(name)
        with databases.mysql.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (number INT)")
            cursor.execute("INSERT INTO kept VALUES (7)")
        with databases.mongo.connect() as client:
            client[name].kept.insert_one({"number": 7})
        for server in (databases.mysql, databases.mongo):
            server.kill()
            server.start()
        with databases.mysql.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT number FROM kept")
            assert cursor.fetchone() == (7,)
        with databases.mongo.connect() as client:
            assert client[name].kept.find_one()["number"] == 7


@pytest.mark.parametrize("durability", ["durable", "fast"])
def test_databases_end_with_a_killed_parent(folder: Path, durability: str) -> None:
    command = [sys.executable, "-B", "-c", HOLDS_DATABASES, str(folder), durability]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        assert len(processes_of(folder)) > 3
        parent.kill()
    assert is_gone(folder)
    durable = durability == "durable"
    with Databases(folder, durable=durable, password="0123") as databases:
        databases.mysql.ping()


@pytest.mark.parametrize("kind", [MariaDb, PostgreSql])
def test_data_of_another_password_is_said_at_once(
    folder: Path, kind: type[DatabaseServer]
) -> None:
    first = kind(folder / "server", "0123456789", durable=False)
    first.start()
    first.stop()
    second = kind(folder / "server", "9876543210", durable=False)
    with pytest.raises(DevError, match="has another password"):
        second.start()
    second.stop()


@pytest.mark.parametrize("kind", [MariaDb, PostgreSql])
def test_half_made_data_is_made_anew(folder: Path, kind: type[DatabaseServer]) -> None:
    server = kind(folder / "server", "0123456789", durable=False)
    server.data.mkdir(parents=True)
    (server.data / "half").write_text("a start that was killed")
    server.folder.chmod(0o711)
    server.start()
    server.stop()
    assert not (server.data / "half").exists()
    # Whole data is kept.
    if os.geteuid() == 0:
        assert pwd.getpwuid(server.data.stat().st_uid).pw_name == server.account
    made = (server.folder / "ready").stat().st_mtime_ns
    server.start()
    server.stop()
    assert (server.folder / "ready").stat().st_mtime_ns == made


def test_a_mariadb_that_starts_removes_no_other_ones_temporary_tables(folder: Path) -> None:
    servers = [MariaDb(folder / name, "0123456789", durable=False) for name in ("one", "two")]
    try:
        for server in servers:
            server.start()
            with server.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT @@tmpdir")
                assert cursor.fetchone() == (str(server.folder / "tmp"),)
    finally:
        for server in servers:
            server.stop()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = MariaDb(folder / "server", "0123456789", durable=False)
    server.start()
    server.stop()
    for file in server.data.glob("ib*"):
        file.write_bytes(b"not what InnoDB wrote")
    with pytest.raises(DevError, match="MariaDB ended while starting:\n"):
        server.start()
    assert is_gone(folder)


def test_an_interrupted_wait_ends_the_child(folder: Path) -> None:
    process = processes.spawn(["sleep", "600"], folder / "log")
    assert processes.stop(process) == -signal.SIGTERM


def test_a_process_that_ignores_the_signal_is_killed(folder: Path) -> None:
    script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    process = processes.spawn(["bash", "-c", script], folder / "log")
    assert processes.wait_until(lambda: "deaf" in (folder / "log").read_text(), 10)
    assert processes.stop(process, timeout_s=0.2) == -signal.SIGKILL


def test_an_abandoned_scratch_folder_is_removed(folder: Path) -> None:
    abandoned = folder.with_name("aizy-test-abandoned")
    abandoned.mkdir(exist_ok=True)
    os.utime(abandoned, (0, 0))
    with scratch_folder() as other:
        assert not abandoned.exists()
        assert folder.exists() and other.exists()


def test_counts_of_ctest_and_pytest(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuite>"
        '<testcase name="a" status="run"><system-out>[  PASSED  ] 3 test(s).'
        "</system-out></testcase>"
        '<testcase name="b" status="fail"><system-out>[  PASSED  ] 1 test(s).\n'
        "[  FAILED  ] 2 test(s), listed below:</system-out></testcase>"
        '<testcase name="crashed" status="fail"><system-out>Segmentation fault</system-out>'
        "</testcase></testsuite>"
    )
    counted = read_ctest(report)
    assert (counted.passed, counted.failed) == (4, 3)
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase name="a"/><testcase name="b"><failure/></testcase>'
        '<testcase name="c"><skipped message="not on a machine without mongod"/></testcase>'
        '<testcase name="d"><skipped message="later"/></testcase>'
        "</testsuite></testsuites>"
    )
    counted = read_pytest(report)
    assert (counted.passed, counted.failed) == (1, 2)


@pytest.mark.parametrize(
    ("file", "line", "allowed"),
    [
        ("base/a.h", '#include "base/b.h"', True),
        ("base/a.h", '#include "stores/b.h"', False),
        ("base/a.h", '#include "b.h"', False),
        ("stores/mysql/a.c", "#include <mysql.h>", True),
        ("stores/a.h", "#include <mysql.h>", False),
        ("server/api/products/a.c", "#include <jansson.h>", False),
        ("server/api/products/a.c", '#include "stores/product_store.h"', True),
        ("server/api/a.c", '#include "stores/mongo/a.h"', False),
        ("server/api/a.c", "#include <h2o.h>", False),
        ("server/http/a.c", "#include <h2o/http1.h>", True),
        ("server/work/a.c", '#include "server/http/a.h"', False),
        ("stores/mongo/a.c", "#include <mongoc/mongoc.h>", True),
        ("server/cli/a.c", '#include "stores/mongo/a.h"', True),
    ],
)
def test_who_may_include_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, line: str, allowed: bool
) -> None:
    monkeypatch.setattr(includes, "REPOSITORY", tmp_path)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"{line}\n")
    assert (includes.check_includes([tmp_path / file]) == []) is allowed


def test_function_lengths_are_counted() -> None:
    text = "static int a(int b,\n    int c) {\n    return b;\n}\n\nstruct s {\n    int a;\n};\n"
    assert lengths.functions([*text.splitlines(), "int d(void) {", "}"]) == [(1, 4), (9, 2)]
