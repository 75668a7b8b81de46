"""The public catalogue may come from memory; nobody must be able to tell but by its speed."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import raw
import shop
from answers import assert_error, assert_ok
from harness import Server

from tools.dev import processes

# How old what another process wrote may look.
STALE_S = 3.0
ORIGIN = "http://localhost:3000"


def of_list(server: Server, product: dict[str, Any], **query: str) -> dict[str, Any] | None:
    """As the list shows it; None when it does not."""
    page = shop.list_page(server, limit=100, **query)
    found = [item for item in page["items"] if item["id"] == product["id"]]
    return found[0] if found else None


def every_view(server: Server, product: dict[str, Any]) -> list[dict[str, Any] | None]:
    """By id, by slug, in a list and in a filtered one."""
    views: list[dict[str, Any] | None] = []
    for key in (product["id"], product["slug"]):
        answer = server.get(f"/api/products/{key}")
        views.append(answer.json() if answer.status_code == 200 else None)
    views.append(of_list(server, product))
    views.append(of_list(server, product, brand="Fresh"))
    return views


def test_who_writes_reads_what_was_written(server: Server) -> None:
    product = shop.create(server, name="Fresh", brand="Fresh")
    for number in range(15):
        product = shop.edit(server, product, price=number)
        for view in every_view(server, product):
            assert view is not None and view["price"] == number
            assert view["version"] == product["version"]


def test_what_comes_and_goes(server: Server) -> None:
    product = shop.create(server, name="Comes and goes", brand="Fresh")
    for _ in range(5):
        assert None not in every_view(server, product)
        shop.archive(server, product)
        assert every_view(server, product) == [None] * 4
        shop.edit(server, product, status="active")
    shop.edit(server, product, brand="Stale")
    assert of_list(server, product, brand="Fresh") is None
    path = f"/api/products/{product['id']}?hard=true"
    assert server.delete(path, token=server.admin_token()).status_code == 204
    assert every_view(server, product) == [None] * 4


def test_a_slug_that_changes_hands(server: Server) -> None:
    first = shop.create(server, name="First owner", slug="changes-hands")
    second = shop.create(server, name="Second owner", slug="waits-for-it")
    for owner, other in ((first, second), (second, first)) * 3:
        without = shop.edit(server, other, slug=f"without-{other['id']}")
        moved = server.get(f"/api/products/{other['slug']}", allow_redirects=False)
        assert moved.status_code == 301
        assert moved.headers["Location"] == f"/api/products/{without['slug']}"
        owner = shop.edit(server, owner, slug="changes-hands")
        found = assert_ok(server.get("/api/products/changes-hands"))
        assert found["id"] == owner["id"]
        other["slug"] = "changes-hands"


def test_stock_shows_at_once(server: Server) -> None:
    product = shop.create(server, name="Counted", brand="Fresh", stock=3)
    for stock in (0, 2, 11, 0):
        product = shop.edit(server, product, stock=stock)
        for view in every_view(server, product):
            assert view is not None
            assert view["variants"][0]["available"] == min(stock, 10)
            assert view["in_stock"] == (stock > 0)


def test_an_etag_is_of_what_is_there(server: Server) -> None:
    product = shop.create(server, name="Tagged")
    path = f"/api/products/{product['id']}"
    seen = set()
    for number in range(5):
        for _ in range(3):
            answer = server.get(path)
            etag = answer.headers["ETag"]
            unchanged = server.get(path, headers={"If-None-Match": etag})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert unchanged.headers["ETag"] == etag
        assert etag not in seen
        seen.add(etag)
        shop.edit(server, product, price=number)
        for old in seen:
            assert_ok(server.get(path, headers={"If-None-Match": old}))


def test_headers_are_of_each_request(server: Server) -> None:
    product = shop.create(server, name="With headers of its own")
    for path in (f"/api/products/{product['id']}", "/api/products?limit=3"):
        ids = set()
        for _ in range(4):
            with_origin = server.get(path, headers={"Origin": ORIGIN})
            without = server.get(path)
            assert with_origin.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert "Access-Control-Allow-Origin" not in without.headers
            assert with_origin.content == without.content
            ids |= {with_origin.headers["X-Request-Id"], without.headers["X-Request-Id"]}
        assert len(ids) == 8
        head = raw.send(server, "HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(server.get(path).content))
        assert_error(server.get(path, headers={"Accept": "text/html"}), 406, "not_acceptable")


def test_the_managing_view_never_becomes_public(server: Server) -> None:
    product = shop.create(server, name="Managed", brand="Fresh", stock=500)
    admin = server.admin_token()
    for _ in range(3):
        managed = shop.managed(server, product)
        assert managed["variants"][0]["stock"] == 500
        shop.list_page(server, admin, status="any", limit=100)
        shop.list_page(server, admin, status="draft", limit=100)
        for view in every_view(server, product):
            assert view is not None and "stock" not in view["variants"][0]
            assert view["variants"][0]["available"] == 10


def test_one_question_however_it_is_written(server: Server) -> None:
    shop.create(server, name="Asked for", brand="A & B")
    spellings = [
        "brand=A%20%26%20B&sort=price",
        "sort=price&brand=A+%26+B",
        "&&sort=%70rice&brand=A%20%26%20B&",
    ]
    bodies = {server.get(f"/api/products?{spelling}").content for spelling in spellings}
    assert len(bodies) == 1
    others = ["brand=A", "brand=A%20%26%20B&limit=1&page=2", "brand=A%20%26%20B&min_price=99999"]
    for other in others:
        assert server.get(f"/api/products?{other}").json()["items"] == []


def test_what_another_process_writes_shows_soon(server: Server, make_server) -> None:
    other = make_server(server.databases, server.database,
                        JWT_SECRET=server.environment["JWT_SECRET"]).start()
    product = shop.create(server, name="Far away", brand="Fresh")
    assert processes.wait_until(lambda: None not in every_view(other, product), STALE_S)
    for price in (7, 8):
        product = shop.edit(server, product, price=price)

        def shows(price: int = price) -> bool:
            return all(view and view["price"] == price for view in every_view(other, product))

        assert processes.wait_until(shows, STALE_S)
    shop.archive(server, product)
    assert processes.wait_until(lambda: every_view(other, product) == [None] * 4, STALE_S)


def test_what_is_written_by_hand_shows_soon(server: Server) -> None:
    product = shop.create(server, name="By hand", brand="Fresh")
    assert None not in every_view(server, product)
    with server.databases.mongo.connect() as client:
        change = {"$set": {"name": "Changed by hand"}}
        client[server.database].products.update_one({"slug": product["slug"]}, change)

    def shows() -> bool:
        views = every_view(server, product)
        return all(view and view["name"] == "Changed by hand" for view in views)

    assert processes.wait_until(shows, STALE_S)


@pytest.mark.race
def test_nobody_reads_what_was_before_an_answered_write(server: Server) -> None:
    product = shop.create(server, name="Raced", brand="Raced", price=0)
    answered = [0]
    is_over = threading.Event()
    wrong: list[str] = []

    def read(view: Callable[[], dict[str, Any] | None]) -> None:
        while not is_over.is_set():
            least = answered[0]
            found = view()
            if found is None or found["price"] < least:
                wrong.append(f"{found and found['price']} after {least}")

    views: list[Callable[[], dict[str, Any] | None]] = [
        lambda: assert_ok(server.get(f"/api/products/{product['id']}")),
        lambda: assert_ok(server.get(f"/api/products/{product['slug']}")),
        lambda: of_list(server, product),
        lambda: of_list(server, product, brand="Raced"),
    ]
    readers = [threading.Thread(target=read, args=(view,)) for view in views]
    for reader in readers:
        reader.start()
    for price in range(1, 80):
        shop.edit(server, product, price=price)
        answered[0] = price
    is_over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
