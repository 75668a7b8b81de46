"""GET /api/products: what each filter finds, and in which order."""

from typing import Any

import pytest
import shop
from answers import assert_error, assert_invalid, assert_ok
from harness import Server

CATEGORIES = {"clothes": None, "shirts": "clothes", "t-shirts": "shirts", "shoes": "clothes",
              "books": None, "empty": None}

# name, price, and what else; in the order they are made.
PRODUCTS: list[dict[str, Any]] = [
    {"name": "banana shirt", "price": 300, "category": "shirts", "brand": "Acme", "tags": ["new"]},
    {"name": "Äpple shirt", "price": 200, "category": "shirts", "brand": "Acme", "stock": 0},
    {"name": "apple tee", "price": 200, "category": "t-shirts", "brand": "acme", "stock": 3},
    {"name": "Zebra shoe", "price": 100, "category": "shoes", "brand": "Other", "tags": ["New"]},
    {"name": "cherry", "price": 500, "category": "clothes", "tags": ["new", "sale"]},
    {"name": "a book", "price": 0, "category": "books", "brand": "Acme & Co."},
    {"name": "No category", "price": 200},
    {"name": "10 things", "price": 1_000_000_000_000, "stock": 0, "allow_backorder": True},
    {"name": "Hidden draft", "price": 200, "category": "shirts", "status": "draft"},
    {"name": "Old shirt", "price": 150, "category": "shirts", "status": "archived"},
    {
        "name": "Two sizes",
        "category": "shoes",
        "options": [{"name": "Size", "values": ["S", "M"]}],
        "variants": [{"options": {"Size": "S"}, "price": 900, "stock": 0},
                     {"options": {"Size": "M"}, "price": 250, "stock": 2}],
    },
]
ACTIVE = [row["name"] for row in PRODUCTS if row.get("status", "active") == "active"]
BY_PRICE = ["a book", "Zebra shoe", "Äpple shirt", "apple tee", "No category", "Two sizes",
            "banana shirt", "cherry", "10 things"]
# Folded, without accents: "apple shirt" before "apple tee".
BY_NAME = ["10 things", "a book", "Äpple shirt", "apple tee", "banana shirt", "cherry",
           "No category", "Two sizes", "Zebra shoe"]


@pytest.fixture(scope="module", name="shop_server")
def fixture_shop_server(server: Server) -> Server:
    shop.add_categories(server, **CATEGORIES)
    for product in PRODUCTS:
        shop.create(server, **product)
    return server


def found(server: Server, **query: object) -> list[str]:
    return shop.names(shop.list_page(server, limit=100, **query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ACTIVE),
        ({"category": "clothes"}, ["banana shirt", "Äpple shirt", "apple tee", "Zebra shoe",
                                   "cherry", "Two sizes"]),
        ({"category": "shirts"}, ["banana shirt", "Äpple shirt", "apple tee"]),
        ({"category": "t-shirts"}, ["apple tee"]),
        ({"category": "books"}, ["a book"]),
        ({"category": "empty"}, []),
        ({"category": "no-such-category"}, []),
        ({"brand": "Acme"}, ["banana shirt", "Äpple shirt"]),
        ({"brand": "acme"}, ["apple tee"]),
        ({"brand": "Acme & Co."}, ["a book"]),
        ({"brand": "Acm"}, []),
        ({"tag": "new"}, ["banana shirt", "cherry"]),
        ({"tag": "New"}, ["Zebra shoe"]),
        ({"tag": "ne"}, []),
        ({"min_price": 300}, ["banana shirt", "cherry", "10 things"]),
        ({"max_price": 100}, ["Zebra shoe", "a book"]),
        ({"min_price": 0, "max_price": 0}, ["a book"]),
        ({"min_price": 200, "max_price": 200}, ["Äpple shirt", "apple tee", "No category"]),
        ({"min_price": 250, "max_price": 899}, ["banana shirt", "cherry", "Two sizes"]),
        ({"min_price": 300, "max_price": 200}, []),
        ({"in_stock": "true"}, ["banana shirt", "apple tee", "Zebra shoe", "cherry", "a book",
                                "No category", "10 things", "Two sizes"]),
        ({"in_stock": "false"}, ACTIVE),
        ({"category": "shirts", "brand": "Acme", "in_stock": "true"}, ["banana shirt"]),
        ({"category": "clothes", "tag": "new", "min_price": 400}, ["cherry"]),
    ],
)
def test_filters(shop_server: Server, query: dict, expected: list[str]) -> None:
    assert sorted(found(shop_server, **query)) == sorted(expected)
    page = shop.list_page(shop_server, total="true", **query)
    assert page["total"] == len(expected)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", ACTIVE),
        ("draft", ["Hidden draft"]),
        ("archived", ["Old shirt"]),
        ("any", [row["name"] for row in PRODUCTS]),
    ],
)
def test_the_managing_view(shop_server: Server, status: str, expected: list[str]) -> None:
    page = shop.list_page(shop_server, shop_server.admin_token(), status=status, limit=100)
    assert sorted(shop.names(page)) == sorted(expected)
    assert all("stock" in item["variants"][0] for item in page["items"])
    in_category = shop.list_page(
        shop_server, shop_server.admin_token(), status="any", category="shirts", limit=100
    )
    assert len(in_category["items"]) == 5


def test_the_managing_view_needs_its_permission(shop_server: Server) -> None:
    for status in ("draft", "active", "archived", "any"):
        answer = shop_server.get("/api/products", params={"status": status})
        assert_error(answer, 401, "unauthenticated")
    assert_invalid(shop_server.get("/api/products?status=gone"), status="must be one of")
    assert_invalid(shop_server.get("/api/products?status="), status="must be one of")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ACTIVE[::-1]),
        ("newest", ACTIVE[::-1]),
        ("price", BY_PRICE),
        ("name", BY_NAME),
    ],
)
def test_sorts(shop_server: Server, sort: str, expected: list[str]) -> None:
    query = {"sort": sort} if sort else {}
    assert found(shop_server, **query) == expected
    by_page = [name for number in range(1, 6)
               for name in shop.names(shop.list_page(shop_server, page=number, limit=2, **query))]
    by_cursor = [name for page in shop.walk_cursor(shop_server, limit=2, **query)
                 for name in shop.names(page)]
    assert by_page == by_cursor == expected


def test_sort_by_price_descending(shop_server: Server) -> None:
    page = shop.list_page(shop_server, sort="-price", limit=100)
    prices = [item["price"] for item in page["items"]]
    assert prices == sorted(prices, reverse=True) and len(prices) == len(ACTIVE)


def test_a_filter_keeps_the_order(shop_server: Server) -> None:
    for category in ("clothes", "shirts"):
        inside = set(found(shop_server, category=category))
        for sort, order in (("price", BY_PRICE), ("name", BY_NAME), ("newest", ACTIVE[::-1])):
            wanted = [name for name in order if name in inside]
            assert found(shop_server, category=category, sort=sort) == wanted


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "relevance"}, "sort"),
        ({"sort": "-name"}, "sort"),
        ({"sort": ""}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "abc"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "9" * 30}, "limit"),
        ({"page": "0"}, "page"),
        ({"page": "-1"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "10001"}, "page"),
        ({"min_price": "1.5"}, "min_price"),
        ({"max_price": "-1"}, "max_price"),
        ({"max_price": "1000000000001"}, "max_price"),
        ({"category": "No Slug"}, "category"),
        ({"total": "maybe"}, "total"),
        ({"in_stock": "yes"}, "in_stock"),
        ({"cursor": ""}, "cursor"),
    ],
)
def test_what_a_query_may_not_say(shop_server: Server, query: dict, field: str) -> None:
    body = assert_error(shop_server.get("/api/products", params=query), 400, "invalid")
    assert [row["field"] for row in body["fields"]] == [field]


def test_every_violation_of_a_query_is_listed(shop_server: Server) -> None:
    answer = shop_server.get("/api/products?limit=0&page=0&sort=x&min_price=a&colour=red")
    assert_invalid(answer, limit="must be from 1 to 100", page="must be from 1", colour="not known",
                   sort="must be one of: newest, price, -price, name, relevance",
                   min_price="whole number")


def test_a_changed_category_and_stock_show(shop_server: Server) -> None:
    product = shop.create(shop_server, name="Moves about", price=77, category="books", stock=1)
    moved = shop.edit(shop_server, product, category="t-shirts", stock=0)
    assert (moved["category"], moved["in_stock"]) == ("t-shirts", False)
    assert "Moves about" not in found(shop_server, category="books")
    assert "Moves about" in found(shop_server, category="clothes")
    assert "Moves about" not in found(shop_server, in_stock="true")
    shop.edit(shop_server, product, category=None)
    assert "Moves about" not in found(shop_server, category="clothes")
    shop.archive(shop_server, product)


def test_a_category_that_is_not_there_is_refused(shop_server: Server) -> None:
    answer = shop_server.post(
        "/api/products",
        json={"name": "A", "price": 1, "category": "no-such-category"},
        token=shop_server.admin_token(),
    )
    assert_error(answer, 400, "invalid")
    assert answer.json()["fields"][0]["field"] == "category"


def test_an_empty_shop(make_server, databases) -> None:
    empty = make_server(databases).prepare().start()
    assert assert_ok(empty.get("/api/products")) == {"items": [], "next_cursor": None}
    page = shop.list_page(empty, page=1)
    assert page == {"items": [], "next_cursor": None, "total": 0}
    assert shop.list_page(empty, page=500, limit=20)["items"] == []
