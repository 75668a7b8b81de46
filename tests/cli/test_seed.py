"""aizy seed."""

import json
from collections.abc import Callable

import pytest
from harness import Server

from tools.dev.databases import Databases
from tools.dev.locations import REPOSITORY

FIXTURES = REPOSITORY / "fixtures"


def rows(name: str) -> list[dict]:
    return json.loads((FIXTURES / f"{name}.json").read_text())[name]


@pytest.fixture
def empty(databases: Databases, make_server: Callable[..., Server]) -> Server:
    server = make_server(databases)
    server.aizy("migrate", "up")
    return server


def seed(server: Server, *arguments: str) -> list[str]:
    return server.aizy("seed", f"--fixtures={FIXTURES}", *arguments).stdout.splitlines()


def test_loads_everything_once(empty: Server, databases: Databases) -> None:
    categories, products, users = (len(rows(name)) for name in ("categories", "products", "users"))
    assert seed(empty) == [
        f"categories: {categories}",
        f"products: {products}, {products} of them new",
        f"users: {users}, {users} of them new",
    ]
    assert seed(empty)[1:] == [
        f"products: {products}, 0 of them new",
        f"users: {users}, 0 of them new",
    ]
    with databases.mysql.connect(empty.database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(password_hash) FROM users")
        assert cursor.fetchone() == (users, 0)


def test_what_it_loads_is_served(empty: Server) -> None:
    seed(empty)
    empty.start()
    active = sum(row.get("status", "active") == "active" for row in rows("products"))
    page = empty.get("/api/products?total=true&limit=1").json()
    assert page["total"] == active
    tents = empty.get("/api/products?category=outdoor&limit=100").json()["items"]
    assert tents
    one = next(row for row in rows("products") if row.get("status", "active") == "active")
    served = empty.get(f"/api/products/{one['slug']}").json()
    assert served["name"] == one["name"]
    assert served["description"] == one["description"]


def test_leaves_alone_what_was_changed(empty: Server) -> None:
    seed(empty)
    empty.aizy("admin", "create")
    empty.start()
    slug = next(row for row in rows("products") if row.get("status", "active") == "active")["slug"]
    product = empty.get(f"/api/products/{slug}").json()
    changed = empty.patch(
        f"/api/products/{product['id']}", json={"name": "Mine"}, token=empty.admin_token()
    )
    assert changed.status_code == 200, changed.text
    seed(empty)
    assert empty.get(f"/api/products/{slug}").json()["name"] == "Mine"


def test_production_wants_to_be_asked_twice(
    empty: Server, databases: Databases, make_server: Callable[..., Server]
) -> None:
    production = make_server(databases, empty.database, AIZY_ENV="production")
    done = production.aizy("seed", f"--fixtures={FIXTURES}", check=False)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "200 of them new" in seed(production, "--yes")[1]


def test_says_what_is_wrong_with_a_file(empty: Server) -> None:
    done = empty.aizy("seed", check=False)
    assert done.returncode == 1
    assert "fixtures/categories.json cannot be opened" in done.stderr

    folder = empty.folder / "fixtures"
    folder.mkdir()
    (folder / "categories.json").write_text('{"categories": [{"slug": "a"}]}')
    (folder / "products.json").write_text('{"products": [{"name": "A", "prise": 1}]}')
    (folder / "users.json").write_text("{")
    done = empty.aizy("seed", check=False)
    assert done.returncode == 1
    assert "categories.json: categories[0].name" in done.stderr
    assert "products.json: products[0].prise" in done.stderr
    assert "users.json: " in done.stderr
