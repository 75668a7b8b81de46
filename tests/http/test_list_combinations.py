"""Every filter with every sort, both ways through the list, against a model; and the indexes."""

import math
import os
import random
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
import shop
from harness import Server
from wiretap import Wiretap

COUNT = 240
COMBINATIONS = 110
LIMIT = 23
PARENTS = {"clothes": None, "shirts": "clothes", "t-shirts": "shirts", "shoes": "clothes",
           "books": None}
WORDS = ["Äpfel", "apple", "ÉCLAIR", "eclair", "Zebra", "10 things", "日本", "b c", "B-C"]
CHOICES: dict[str, list[Any]] = {
    "category": [None, None, *PARENTS, "no-such-category"],
    "brand": [None, None, "Acme", "acme", "Rare"],
    "tag": [None, None, "new", "sale", "rare"],
    "min_price": [None, None, 0, 200, 301],
    "max_price": [None, None, 200, 500],
    "in_stock": [None, None, "true", "false"],
    "status": [None, None, "active", "any", "draft"],
    "sort": [None, "newest", "price", "-price", "name"],
}
Product = dict[str, Any]


def members(chance: random.Random) -> Product:
    product: Product = {
        "name": f"{chance.choice(WORDS)} {chance.randrange(30)}",
        "price": chance.choice([0, 100, 200, 200, 300, 500, 10**12]),
        "tags": chance.sample(["new", "sale", "a", "b"], chance.randrange(4)),
        "status": chance.choice(["active"] * 5 + ["draft", "archived"]),
    }
    if chance.random() < 0.1:
        product["tags"].append("rare")
    if chance.random() < 0.8:
        product["category"] = chance.choice(list(PARENTS))
    if chance.random() < 0.8:
        product["brand"] = chance.choice(["Acme", "Acme", "acme", "Other", "Other", "Rare"])
    if chance.random() < 0.5:
        product["stock"] = chance.choice([0, 3])
    return product


@pytest.fixture(scope="module", name="model")
def fixture_model(server: Server) -> list[Product]:
    """What was made, as the managers see it, with the milliseconds at which it was."""
    shop.add_categories(server, **PARENTS)
    chance = random.Random("catalogue")
    made = [shop.create(server, **members(chance)) for _ in range(COUNT)]
    with server.databases.mongo.connect() as client:
        times = {str(row["_id"]): row["created_at"] for row in
                 client[server.database].products.find({}, {"created_at": 1})}
    return [{**product, "made": times[product["id"]]} for product in made]


def ancestors(category: str | None) -> list[str]:
    return [] if category is None else [category, *ancestors(PARENTS[category])]


def folded(name: str) -> bytes:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name)
                    if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", plain.casefold()).encode()


def fits(product: Product, query: dict[str, Any]) -> bool:
    status = query.get("status", "active")
    return (
        status in ("any", product["status"])
        and query.get("category") in (None, *ancestors(product["category"]))
        and query.get("brand") in (None, product["brand"])
        and query.get("tag") in (None, *product["tags"])
        and query.get("min_price", 0) <= product["price"] <= query.get("max_price", math.inf)
        and (query.get("in_stock") != "true" or product["in_stock"])
    )


KEYS = {
    "newest": (lambda product: (product["made"], product["id"]), True),
    "price": (lambda product: (product["price"], product["id"]), False),
    "-price": (lambda product: (product["price"], product["id"]), True),
    "name": (lambda product: (folded(product["name"]), product["id"]), False),
}


def expected(model: list[Product], query: dict[str, Any]) -> list[str]:
    key, is_reversed = KEYS[query.get("sort", "newest")]
    found = sorted((row for row in model if fits(row, query)), key=key, reverse=is_reversed)
    return [product["id"] for product in found]


def queries() -> Iterator[dict[str, Any]]:
    """Each value alone with each sort; then many at once, always the same ones."""
    for name, values in CHOICES.items():
        for value in dict.fromkeys(values):
            for sort in ("price", "name"):
                yield {"sort": sort, **({} if value is None else {name: value})}
    chance = random.Random("queries")
    for _ in range(COMBINATIONS):
        drawn = {name: chance.choice(values) for name, values in CHOICES.items()}
        yield {name: value for name, value in drawn.items() if value is not None}


def test_filters_and_sorts_combined(server: Server, model: list[Product]) -> None:
    sizes = []
    for query in queries():
        token = server.admin_token() if "status" in query else ""
        wanted = expected(model, query)
        by_cursor = [found for page in shop.walk_cursor(server, token, limit=LIMIT, **query)
                     for found in shop.ids(page)]
        assert by_cursor == wanted, query
        by_page: list[str] = []
        for number in range(1, len(wanted) // LIMIT + 2):
            page = shop.list_page(server, token, limit=LIMIT, page=number, **query)
            assert page["total"] == len(wanted), query
            by_page += shop.ids(page)
        assert by_page == wanted, query
        sizes.append(len(wanted))
    # The model would prove little if nothing were found, or always everything.
    assert sum(0 < size < COUNT / 2 for size in sizes) > len(sizes) / 3


# The indexes: what the server is asked is what is explained.


@pytest.fixture(scope="module", name="tapped")
def fixture_tapped(server: Server, model: list[Product], make_server) -> Iterator[Any]:
    """A second server over the same data, whose commands are recorded."""
    assert len(model) == COUNT
    with Wiretap(server.databases.mongo.port) as tap:
        uri = f"mongodb://127.0.0.1:{tap.port}/{server.database}?directConnection=true"
        other = make_server(server.databases, server.database, MONGODB_URI=uri,
                            CATALOGUE_CACHE_MB="0")
        yield other.start(), tap, server.admin_token()
        other.stop()


def stages(plan: Any) -> Iterator[dict[str, Any]]:
    """Every stage of a plan, from the top."""
    yield plan
    for inner in (plan.get("inputStage"), plan.get("queryPlan"), *plan.get("inputStages", [])):
        if inner:
            yield from stages(inner)


def winning_plan(server: Server, find: dict[str, Any]) -> list[dict[str, Any]]:
    asked = {name: find[name] for name in ("find", "filter", "sort", "limit", "skip")
             if name in find}
    with server.databases.mongo.connect() as client:
        answer = client[server.database].command(
            {"explain": asked, "verbosity": "queryPlanner"})
    return list(stages(answer["queryPlanner"]["winningPlan"]))


PREFIXES = {"category": "category", "brand": "brand", "tag": "tag"}
FILTERS = [
    {},
    {"category": "clothes"},
    {"brand": "Rare"},
    {"tag": "rare"},
    {"in_stock": "true"},
    {"min_price": 100, "max_price": 300},
    {"status": "any"},
    {"status": "draft"},
    {"category": "shirts", "in_stock": "true", "min_price": 100},
    {"brand": "Rare", "status": "any"},
    {"category": "shirts", "brand": "Rare"},
    {"category": "shirts", "tag": "rare", "max_price": 500},
]


@pytest.mark.skipif(os.environ.get("AIZY_TEST_MONGO", "") == "py",
                    reason="not on SecantusDB for Python, which reads collections")
@pytest.mark.parametrize("sort", ["newest", "price", "-price", "name"])
@pytest.mark.parametrize("query", FILTERS, ids=str)
def test_every_filter_and_sort_has_its_index(tapped: Any, query: dict, sort: str) -> None:
    """The winning plan reads one index that begins with a filter, in its order: it has no sort.

    MongoDB's planner says so, and SecantusDB's explain as MongoDB's would (what it then executes
    may be more). What is explained are the commands that the server sent.
    """
    server, tap, manager = tapped
    token = manager if "status" in query else ""
    tap.finds("products")
    page = shop.list_page(server, token, limit=2, sort=sort, **query)
    if page["next_cursor"] is not None:
        shop.list_page(server, token, limit=2, sort=sort, cursor=page["next_cursor"], **query)
    shop.list_page(server, token, limit=2, sort=sort, page=2, **query)
    # Not what the server looks up for itself meanwhile: a list asks for one more than it shows.
    finds = [find for find in tap.finds("products") if find.get("limit") == 3]
    assert len(finds) == (3 if page["next_cursor"] else 2)
    prefixes = {PREFIXES[name] for name in query if name in PREFIXES} or {"status"}
    wanted = {f"{prefix}_{sort.strip('-')}" for prefix in prefixes}
    for find in finds:
        plan = winning_plan(server, find)
        names = [stage["stage"] for stage in plan]
        indexes = {stage["indexName"] for stage in plan if stage["stage"] == "IXSCAN"}
        assert "SORT" not in names and "COLLSCAN" not in names, plan
        assert indexes and indexes <= wanted, plan


@pytest.mark.parametrize(
    ("path", "index"), [("{slug}", "slug_unique"), ("a-former-slug", "old_slugs")]
)
def test_a_product_is_found_by_index(tapped: Any, path: str, index: str,
                                     model: list[Product]) -> None:
    server, tap, _ = tapped
    tap.finds("products")
    server.get(f"/api/products/{path.format(**model[0])}")
    plan = winning_plan(server, tap.finds("products")[-1])
    assert [stage["indexName"] for stage in plan if "indexName" in stage] == [index]
