"""A catalogue of more than 10,000 products: totals, and how deep pages reach."""

from collections.abc import Iterator

import pytest
import shop
from answers import assert_error
from bson import ObjectId
from harness import Server

COUNT = 10_050
BATCH = 1000


@pytest.fixture(scope="module", name="large")
def fixture_large(server: Server) -> Server:
    """One product through the API, and copies of its document."""
    made = shop.create(server, name="Copied", brand="Exactly")
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        original = products.find_one({"slug": made["slug"]})
        for begin in range(1, COUNT, BATCH):
            products.insert_many(list(copies(original, range(begin, min(begin + BATCH, COUNT)))))
        assert products.count_documents({}) == COUNT
    return server


def copies(original: dict, numbers: range) -> Iterator[dict]:
    for number in numbers:
        variant = {**original["variants"][0], "id": ObjectId(), "sku": f"COPY-{number}"}
        yield {
            **original,
            "_id": ObjectId(),
            "slug": f"copied-{number}",
            "price": number,
            "price_max": number,
            "brand": "Exactly" if number < 10_000 else "Few",
            "variants": [{**variant, "price": number}],
        }


def test_beyond_ten_thousand_a_total_is_at_least_that(large: Server) -> None:
    page = shop.list_page(large, total="true", limit=1)
    assert "total" not in page and page["total_at_least"] == 10_000
    page = shop.list_page(large, page=2, limit=1)
    assert "total" not in page and page["total_at_least"] == 10_000


def test_up_to_ten_thousand_it_is_exact(large: Server) -> None:
    assert shop.list_page(large, total="true", limit=1, brand="Exactly")["total"] == 10_000
    assert shop.list_page(large, total="true", limit=1, brand="Few")["total"] == COUNT - 10_000


def test_the_last_page_and_the_cursor_beyond(large: Server) -> None:
    last = shop.list_page(large, sort="-price", page=100, limit=100)
    wanted = sorted([1000, *range(1, COUNT)], reverse=True)
    assert [item["price"] for item in last["items"]] == wanted[9_900:10_000]
    answer = large.get("/api/products?sort=-price&page=101&limit=100")
    assert_error(answer, 400, "page_too_deep")
    rest = shop.list_page(large, sort="-price", limit=100, cursor=last["next_cursor"])
    assert [item["price"] for item in rest["items"]] == wanted[10_000:]
    assert rest["next_cursor"] is None
