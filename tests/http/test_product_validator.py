"""The collection's validator refuses what the API refuses: written straight to MongoDB."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest
import shop
from bson import Int64, ObjectId
from harness import Server
from pymongo.collection import Collection

FULL = {
    "name": "Full", "slug": "full", "description": "x", "brand": "b", "tags": ["t", "u"],
    "options": [{"name": "Size", "values": ["S", "M"]}, {"name": "Colour", "values": ["Red"]}],
    "variants": [
        {"options": {"Size": "S", "Colour": "Red"}, "price": 5, "compare_at_price": 9,
         "barcode": "1", "weight_grams": 1},
        {"options": {"Size": "M", "Colour": "Red"}, "price": 7},
    ],
    "images": [{"url": "https://example.com/a.jpg", "alt": "A"}],
    "attributes": {"a": "1", "b": "2"}, "seo": {"title": "T", "description": "D"},
}
PRICE_MAX = 10**12
Document = dict[str, Any]


@pytest.fixture(scope="module", name="products")
def fixture_products(server: Server) -> Iterator[Collection]:
    shop.create(server, **FULL)
    renamed = shop.create(server, name="Renamed")
    shop.edit(server, renamed, slug="renamed-again")
    with server.databases.mongo.connect() as client:
        yield client[server.database].products


def another(products: Collection) -> Document:
    """A document that is whole and collides with none."""
    document: Document = products.find_one({"slug": "full"})
    document["_id"] = ObjectId()
    document["slug"] = f"full-{document['_id']}"
    document["old_slugs"] = ["a-former-one"]
    for number, variant in enumerate(document["variants"]):
        variant["sku"] = f"{document['_id']}-{number}"
    return document


def assert_refused(products: Collection, document: Document) -> None:
    with pytest.raises(pymongo.errors.WriteError) as caught:
        products.insert_one(document)
    assert caught.value.code == 121, caught.value
    assert products.find_one({"_id": document["_id"]}) is None


def put(document: Document, path: str, value: object) -> None:
    """At "variants.0.price"; the last name may be new."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        document = document[part]
    document[last] = value


# Each is at its bound: taken.
FINE = [
    ("name", "x" * 200), ("name", "\U0001f525" * 200), ("slug", "x" * 100),
    ("description", "a\n\tb" + "x" * 49_000), ("brand", "ä" * 100),
    ("tags", [f"{n:0100}" for n in range(100)]), ("old_slugs", [f"s-{n}" for n in range(20)]),
    ("images", [{"id": ObjectId(f"{n:024x}"), "url": f"/media/{n}"} for n in range(100)]),
    ("images.0.url", "https://example.com/" + "x" * 2028), ("images.0.alt", "x" * 1000),
    ("attributes", [{"name": f"{n:0100}", "value": "x" * 1000} for n in range(100)]),
    ("seo", {}), ("seo.title", "x" * 1000), ("variants.0.weight_grams", 10**9),
    ("variants.0.compare_at_price", Int64(PRICE_MAX)), ("variants.0.compare_at_price", 5),
    ("variants.0.sku", "S" * 100), ("variants.0.title", "x" * 1000), ("attributes.0.value", ""),
]


@pytest.mark.parametrize(("path", "value"), FINE, ids=lambda value: str(value)[:20])
def test_what_is_at_its_bound_is_taken(products: Collection, path: str, value: object) -> None:
    document = another(products)
    put(document, path, value)
    products.insert_one(document)
    products.delete_one({"_id": document["_id"]})


TEXTS = {"name": 200, "brand": 100, "tags.0": 100, "options.0.name": 100, "options.0.values.0": 100,
         "variants.0.sku": 100, "variants.0.title": 1000, "variants.0.barcode": 100,
         "images.0.alt": 1000, "attributes.0.name": 100, "seo.title": 1000}
MULTILINE = {"description": 50_000, "seo.description": 1000}
NUMBERS = {"price": PRICE_MAX, "price_max": PRICE_MAX, "variants.0.price": PRICE_MAX,
           "variants.0.compare_at_price": PRICE_MAX, "variants.0.weight_grams": 10**9}
ADDRESSES = ["", "x.jpg", "//example.com/x", "javascript:alert(1)", "http://", "https://",
             "ftp://example.com/x", "https://exa mple.com", "https://example.com/\n", "/a b",
             "https://example.com/" + "x" * 2029]


def broken() -> Iterator[tuple[str, object]]:
    for path, length in TEXTS.items():
        yield from ((path, value) for value in ("", "x" * (length + 1), "a\nb", "a\x00", "a\x7f"))
    for path, length in MULTILINE.items():
        yield from ((path, value) for value in ("", "x" * (length + 1), "a\x00"))
    yield from ((path, value) for path in (*TEXTS, *MULTILINE) for value in (1, None, ["x"]))
    for path, most in NUMBERS.items():
        yield from ((path, value) for value in (-1, Int64(most + 1), 1.5, "1", None, float("nan")))
    for slug in ("", "A", "a--b", "-a", "a-", "a b", "ä", "a\n", "x" * 101, 1):
        yield from ((path, slug) for path in ("slug", "old_slugs.0"))
    yield from (("images.0.url", url) for url in ADDRESSES)
    yield from (("currency", code) for code in ("usd", "US", "USDX", "USD\n", "", 1))
    yield from (("status", status) for status in ("", "gone", 1, None))
    for path in ("_id", "category_id", "variants.0.id", "images.0.id"):
        if path != "_id":
            yield path, "0" * 24
    for path in ("in_stock", "variants.0.track_stock", "variants.0.allow_backorder",
                 "variants.0.sku_is_made"):
        yield from ((path, value) for value in (1, "true", None))
    yield from (("version", value) for value in (0, -1, 1.5, "1"))
    yield from (("stock_seq", value) for value in (-1, 1.5))
    yield from ((path, value) for path in ("created_at", "updated_at") for value in (1, "2026"))
    yield from too_many()
    yield from inconsistent()


def too_many() -> Iterator[tuple[str, object]]:
    yield "tags", [f"t{n}" for n in range(101)]
    yield "old_slugs", [f"s-{n}" for n in range(21)]
    yield "options", [{"name": f"n{n}", "values": ["v"]} for n in range(4)]
    yield "options.0.values", []
    yield "options.0.values", ["S", "M", *(f"v{n}" for n in range(99))]
    yield "variants", []
    yield "images", [{"id": ObjectId(f"{n:024x}"), "url": f"/media/{n}"} for n in range(101)]
    yield "attributes", [{"name": f"n{n}", "value": "v"} for n in range(101)]
    yield "category_path", [ObjectId(f"{n:024x}") for n in range(21)]
    for path in ("options.0", "variants.0", "variants.0.options.0", "attributes.0", "seo"):
        yield f"{path}.unknown", 1
    for path in ("tags", "options", "variants", "images", "attributes", "category_path"):
        yield from ((path, value) for value in ("x", {}, [1], None))


def inconsistent() -> Iterator[tuple[str, object]]:
    """Members that are fine alone, but not together."""
    yield from (("price", value) for value in (4, 6))
    yield from (("price_max", value) for value in (6, 8))
    yield "variants.0.compare_at_price", 4
    yield "variants.1.options.0.value", "S"
    yield "variants.1.options.0.value", "L"
    yield "variants.1.options.0.name", "Length"
    yield "variants.1.options", []
    yield "options", []
    yield "options.1.name", "Size"
    yield "options.0.values", ["S", "M", "M"]
    yield "attributes.1.name", "a"
    yield from ((path, ["x", "x"]) for path in ("tags", "old_slugs"))


@pytest.mark.parametrize(("path", "value"), list(broken()), ids=lambda value: repr(value)[:30])
def test_what_breaks_a_rule_is_refused(products: Collection, path: str, value: object) -> None:
    document = another(products)
    put(document, path, value)
    assert_refused(products, document)


REQUIRED = ["slug", "name", "sort_name", "status", "category_path", "tags", "options", "variants",
            "price", "price_max", "currency", "in_stock", "images", "attributes", "version",
            "stock_seq", "created_at", "updated_at"]
REQUIRED_INSIDE = [*(f"variants.0.{name}" for name in (
    "id", "sku", "sku_is_made", "title", "options", "price", "track_stock", "allow_backorder")),
    "options.0.name", "options.0.values", "images.0.id", "images.0.url", "attributes.0.name",
    "attributes.0.value", "variants.0.options.0.name", "variants.0.options.0.value"]


@pytest.mark.parametrize("path", [*REQUIRED, *REQUIRED_INSIDE])
def test_what_is_missing_is_missed(products: Collection, path: str) -> None:
    document = another(products)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = document
    for part in way:
        place = place[part]
    del place[last]
    assert_refused(products, document)


def test_two_variants_cannot_share_a_sku(products: Collection) -> None:
    document = another(products)
    document["variants"][1]["sku"] = document["variants"][0]["sku"]
    assert_refused(products, document)


@pytest.mark.parametrize(
    "change",
    [{"$set": {"price": -1}}, {"$unset": {"name": ""}}, {"$set": {"variants.0.price": 10**13}},
     {"$push": {"tags": "t"}}, {"$inc": {"price": 1}}],
    ids=str,
)
def test_edits_by_hand_are_checked_too(products: Collection, change: Document) -> None:
    before = products.find_one({"slug": "full"})
    with pytest.raises(pymongo.errors.WriteError) as caught:
        products.update_one({"slug": "full"}, change)
    assert caught.value.code == 121
    assert products.find_one({"slug": "full"}) == before


def test_what_the_api_wrote_is_fine(products: Collection) -> None:
    validator: Callable[[Document], object] = products.insert_one
    document = another(products)
    validator(copy.deepcopy(document))
    assert products.count_documents({"slug": document["slug"]}) == 1
