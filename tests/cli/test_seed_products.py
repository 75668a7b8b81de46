"""aizy seed --products: a made-up catalogue, the same everywhere, as a normal write leaves it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from answers import assert_ok
from harness import Server

COUNT = 60
# What differs between two writes of the same: ids, times, who it was; and in how many products a
# word is, which a server counts in its own time.
OWN = {"_id", "id", "product_id", "subject_id", "category_id", "category_path", "created_at",
       "updated_at", "at", "user_id", "address", "request_id", "variant_id", "products"}
COLLECTIONS = ["products", "inventory", "movements", "terms", "audit"]


@pytest.fixture(scope="module", name="make_migrated")
def fixture_make_migrated(databases: Any, make_server: Callable[..., Server]) -> Any:
    def make() -> Server:
        server = make_server(databases)
        server.aizy("migrate", "up")
        return server

    return make


@pytest.fixture(scope="module", name="seeded")
def fixture_seeded(make_migrated: Callable[[], Server]) -> Server:
    server = make_migrated()
    assert seed(server, COUNT).startswith(f"products: {COUNT}, {COUNT} of them new, in ")
    return server


def seed(server: Server, count: int, *arguments: str) -> str:
    """Its last line."""
    return server.aizy("seed", "--products", str(count), *arguments).stdout.splitlines()[-1]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name not in OWN}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def state(server: Server) -> dict[str, list[Any]]:
    """All that the catalogue is, without what differs between any two."""
    with server.databases.mongo.connect() as client:
        database = client[server.database]
        found = {name: [plain(row) for row in database[name].find()] for name in COLLECTIONS}
        found["words"] = [row["_id"] for row in database.terms.find()]
        found["skus"] = [row["_id"] for row in database.inventory.find()]
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def test_it_is_the_same_everywhere(seeded: Server, make_migrated: Callable[[], Server]) -> None:
    other = make_migrated()
    seed(other, 20)
    assert ", 0 of them new" in seed(other, 20)
    # A larger one begins with the smaller: also when batches end elsewhere.
    assert f", {COUNT - 20} of them new" in seed(other, COUNT)
    mine, others = state(seeded), state(other)
    for name, rows in mine.items():
        assert rows == others[name], name
    assert len(mine["products"]) == COUNT


def body_of(product: dict[str, Any]) -> dict[str, Any]:
    """What a manager would send to make this product."""
    body = {name: product[name] for name in (
        "name", "slug", "description", "brand", "category", "tags", "status", "options",
        "attributes")}
    body["variants"] = [
        {name: variant[name] for name in (
            "sku", "options", "price", "compare_at_price", "track_stock", "allow_backorder",
            "barcode", "weight_grams") if variant[name] is not None}
        | ({"stock": variant["stock"]} if variant["track_stock"] else {})
        for variant in product["variants"]
    ]
    return body


def test_it_leaves_what_the_api_would(seeded: Server, make_migrated: Callable[[], Server]) -> None:
    """Documents, levels, the ledger, the words for searching and the trail are a write's own."""
    other = make_migrated()
    seed(other, 1)
    for server in (seeded, other):
        server.aizy("admin", "create")
        server.start()
    first = assert_ok(other.get("/api/products?status=any", token=other.admin_token()))["items"][0]
    page = assert_ok(seeded.get("/api/products?status=any&limit=100", token=seeded.admin_token()))
    made = page["items"][::-1]
    assert made[0]["slug"] == first["slug"] and len(made) == COUNT
    for product in made[1:]:
        answer = other.post("/api/products", json=body_of(product), token=other.admin_token())
        assert assert_ok(answer, 201)["slug"] == product["slug"]
    mine, others = state(seeded), state(other)
    for name, rows in mine.items():
        assert rows == others[name], name


def test_it_looks_like_a_shop(seeded: Server) -> None:
    products = state(seeded)["products"]
    brands = Counter(product["brand"] for product in products)
    assert brands.most_common(1)[0][1] > 2 * COUNT / len(brands)
    assert len({product["name"] for product in products}) > COUNT / 2
    assert len({product["price"] for product in products}) > COUNT / 4
    assert len({len(product["variants"]) for product in products}) > 3
    assert {product["in_stock"] for product in products} == {True, False}
    assert all(product["description"] and product["attributes"] for product in products)


@pytest.mark.parametrize("count", ["0", "-1", "x", "1000001", "1.5", "99999999999999999999"])
def test_how_many_is_a_number(make_migrated: Callable[[], Server], count: str) -> None:
    done = make_migrated().aizy("seed", f"--products={count}", check=False)
    assert done.returncode == 2
    assert "from 1 to 1000000" in done.stderr


def test_fixtures_or_made_up(seeded: Server) -> None:
    done = seeded.aizy("seed", "--products=1", "--fixtures=x", check=False)
    assert done.returncode == 2 and "no --fixtures" in done.stderr


def test_production_wants_to_be_asked_twice(seeded: Server, make_server: Any) -> None:
    production = make_server(seeded.databases, seeded.database, AIZY_ENV="production")
    done = production.aizy("seed", "--products=1", check=False)
    assert done.returncode == 2 and "--yes" in done.stderr
