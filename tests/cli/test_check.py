"""aizy check."""

import json
from collections.abc import Callable

import pytest
from harness import Server

from tools.dev import processes
from tools.dev.databases import Databases


def checks(server: Server) -> dict[str, dict]:
    done = server.aizy("check", "--json", check=False)
    report = json.loads(done.stdout)
    assert report["ok"] == all(row["ok"] for row in report["checks"])
    assert done.returncode == (0 if report["ok"] else 1)
    return {row["name"]: row for row in report["checks"]}


def test_all_is_well_once_migrated(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases)
    before = checks(server)
    assert before["mysql"]["ok"] and before["mongo"]["ok"] and before["admin database"]["ok"]
    assert "aizy migrate up" in before["mysql schema"]["detail"]
    assert "aizy migrate up" in before["mongo schema"]["detail"]
    server.aizy("migrate", "up")
    assert all(row["ok"] for row in checks(server).values())
    lines = server.aizy("check").stdout.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("ok   ") for line in lines)


def test_without_an_administrators_database(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    assert checks(make_server(databases, ADMIN_DATABASE_URL=""))["admin database"]["ok"]


VARIABLES = {
    "mysql": "DATABASE_URL",
    "mongo": "MONGODB_URI",
    "admin database": "ADMIN_DATABASE_URL",
}

BROKEN = (
    ("mysql", "mysql://aizy:hidden-word@127.0.0.1:{closed}/aizy"),
    ("mysql", "mysql://aizy:hidden-word@127.0.0.1:{mysql}/aizy"),
    ("mongo", "mongodb://127.0.0.1:{closed}/aizy"),
    ("admin database", "postgresql://aizy:hidden-word@127.0.0.1:{closed}/aizy"),
    ("admin database", "postgresql://aizy:hidden@word@127.0.0.1:{admin}/aizy"),
)


@pytest.mark.parametrize(("name", "url"), BROKEN)
def test_says_what_is_wrong_and_never_the_password(
    databases: Databases, make_server: Callable[..., Server], name: str, url: str
) -> None:
    ports = {
        "closed": processes.free_port(),
        "mysql": databases.mysql.port,
        "admin": databases.admin.port,
    }
    server = make_server(databases, **{VARIABLES[name]: url.format(**ports)})
    row = checks(server)[name]
    assert not row["ok"]
    assert len(row["detail"]) > 30
    done = server.aizy("check", check=False)
    assert f"FAIL {name} " in done.stdout
    assert "hidden" not in done.stdout + done.stderr


def test_a_password_with_an_at_sign_works(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    connection = databases.admin.connect("aizy")
    with connection.cursor() as cursor:
        cursor.execute("""CREATE ROLE "p@t" LOGIN PASSWORD 'se@cret/x:y'""")
        cursor.execute('GRANT CREATE ON DATABASE aizy TO "p@t"')
        url = f"postgresql://p%40t:se@cret/x:y@127.0.0.1:{databases.admin.port}/aizy"
        try:
            assert checks(make_server(databases, ADMIN_DATABASE_URL=url))["admin database"]["ok"]
            cursor.execute('REVOKE CREATE ON DATABASE aizy FROM "p@t"')
            row = checks(make_server(databases, ADMIN_DATABASE_URL=url))["admin database"]
            assert "GRANT CREATE" in row["detail"]
        finally:
            cursor.execute('REVOKE CREATE ON DATABASE aizy FROM "p@t"; DROP ROLE "p@t"')
    connection.close()


def test_each_wrong_setting_is_a_line(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases, JWT_SECRET="changeme", PORT="70000", AIZY_ENV="prod")
    lines = server.aizy("check", check=False).stdout.splitlines()
    assert all(line.startswith("FAIL settings ") for line in lines)
    for variable in ("JWT_SECRET", "PORT", "AIZY_ENV"):
        assert any(variable in line for line in lines)
