"""aizy migrate, on databases of its own."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Server

from tools.dev.databases import Databases
from tools.dev.locations import REPOSITORY


@pytest.fixture
def fresh(databases: Databases, make_server: Callable[..., Server]) -> Iterator[Server]:
    """Empty databases."""
    server = make_server(databases)
    yield server
    databases.drop(server.database)


def status(server: Server) -> dict:
    return json.loads(server.aizy("migrate", "status", "--json", check=False).stdout)


def states(server: Server) -> set[str]:
    return {row["state"] for store in status(server)["stores"] for row in store["migrations"]}


def names(store: str, ending: str) -> list[str]:
    return sorted(path.stem for path in (REPOSITORY / "migrations" / store).glob(f"*.{ending}"))


def test_up_applies_each_once_and_in_order(fresh: Server) -> None:
    assert fresh.aizy("migrate", "status", check=False).returncode == 1
    assert states(fresh) == {"pending"}
    lines = fresh.aizy("migrate", "up").stdout.splitlines()
    assert [line for line in lines if "applied" in line] == [
        *(f"MySQL: applied {name}" for name in names("mysql", "sql")),
        *(f"MongoDB: applied {name}" for name in names("mongo", "json")),
    ]
    again = fresh.aizy("migrate", "up").stdout.splitlines()
    assert again == ["MySQL: up to date", "MongoDB: up to date"]
    report = status(fresh)
    assert report["current"]
    assert states(fresh) == {"applied"}
    assert all(
        row["applied_at"].endswith("Z") for store in report["stores"] for row in store["migrations"]
    )
    assert fresh.aizy("migrate", "status").stdout.count("  applied  ") == len(lines) - 2


@pytest.mark.race
def test_several_at_once_apply_each_once(fresh: Server) -> None:
    outputs: list[str] = []

    def migrate() -> None:
        outputs.append(fresh.aizy("migrate", "up").stdout)

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outputs) == 3
    applied = sorted(line for text in outputs for line in text.splitlines() if "applied" in line)
    assert len(applied) == len(set(applied)) > 0
    assert status(fresh)["current"]


def test_a_schema_that_is_not_this_programs_is_refused(
    fresh: Server, databases: Databases
) -> None:
    fresh.aizy("migrate", "up")
    with databases.mysql.connect(fresh.database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO schema_migrations (name, checksum, state, applied_at)"
            " VALUES ('9999_from_tomorrow', REPEAT('0', 64), 'applied', UTC_TIMESTAMP(3))"
        )
    done = fresh.aizy("migrate", "up", check=False)
    assert done.returncode == 1
    assert "aizy migrate status" in done.stderr
    shown = fresh.aizy("migrate", "status", check=False).stdout
    assert "unknown  9999_from_tomorrow" in shown
    assert "newer than this program" in shown


def test_one_that_was_edited_is_named(fresh: Server, databases: Databases) -> None:
    fresh.aizy("migrate", "up")
    name = names("mysql", "sql")[0]
    with databases.mysql.connect(fresh.database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE schema_migrations SET checksum = REPEAT('0', 64) WHERE name = %s", (name,)
        )
    assert fresh.aizy("migrate", "up", check=False).returncode == 1
    assert f"changed  {name}" in fresh.aizy("migrate", "status", check=False).stdout


def test_reset_wants_to_be_asked_twice_and_never_in_production(
    fresh: Server, databases: Databases, make_server: Callable[..., Server]
) -> None:
    fresh.aizy("migrate", "up")
    done = fresh.aizy("migrate", "reset", check=False)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    production = make_server(databases, fresh.database, AIZY_ENV="production")
    done = production.aizy("migrate", "reset", "--yes", check=False)
    assert done.returncode == 2
    assert "production" in done.stderr
    assert status(fresh)["current"]

    fresh.aizy("migrate", "reset", "--yes")
    assert states(fresh) == {"pending"}
    with databases.mysql.connect(fresh.database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW FULL TABLES")
        assert cursor.fetchall() == ()
    fresh.aizy("migrate", "up")
    assert status(fresh)["current"]


def test_new_writes_the_next_number(fresh: Server) -> None:
    folder = fresh.folder / "migrations" / "mysql"
    done = fresh.aizy("migrate", "new", "add_things", check=False)
    assert done.returncode == 1
    assert "migrations/mysql" in done.stderr

    folder.mkdir(parents=True)
    (folder / "0007_create_old.sql").touch()
    (folder / "README.md").touch()
    made = fresh.aizy("migrate", "new", "add_things").stdout.strip()
    assert made == "migrations/mysql/0008_add_things.sql"
    assert (fresh.folder / made).read_text().startswith("--")
    assert "0009_add_more" in fresh.aizy("migrate", "new", "add_more", "--store=mysql").stdout

    (fresh.folder / "migrations" / "mongo").mkdir()
    made = fresh.aizy("migrate", "new", "create_things", "--store", "mongo").stdout.strip()
    assert made == "migrations/mongo/0001_create_things.json"
    assert json.loads((fresh.folder / made).read_text()) == {"commands": []}


@pytest.mark.parametrize("name", ["../evil", "Add", "add-things", "a" * 81, "é"])
def test_new_refuses_other_names(fresh: Server, name: str) -> None:
    done = fresh.aizy("migrate", "new", name, check=False)
    assert done.returncode == 2
    assert list(Path(fresh.folder).rglob("*.sql")) == []


def test_a_store_that_is_down_does_not_stop_the_other(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    half = make_server(databases, MONGODB_URI="mongodb://127.0.0.1:1/aizy")
    done = half.aizy("migrate", "up", check=False)
    assert done.returncode == 1
    assert "MySQL: up to date" in done.stdout
    assert "aizy: MongoDB: " in done.stderr
    assert "aizy check" in done.stderr
