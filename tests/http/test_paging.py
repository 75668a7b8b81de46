"""Both ways through a list: everything once, also while others write; foreign cursors."""

import base64
import random
import secrets

import pytest
import shop
from answers import assert_alive, assert_error, assert_invalid, assert_ok
from harness import Server

COUNT = 37
SORTS = ["newest", "price", "-price", "name"]


@pytest.fixture(scope="module", name="full")
def fixture_full(server: Server) -> Server:
    """Many that are equal by name and price, so that only the id tells them apart."""
    shop.add_categories(server, things=None)
    for number in range(COUNT):
        shop.create(server, name=f"Thing {number % 3}", price=number % 4, category="things",
                    brand="Even" if number % 2 == 0 else "Odd")
    return server


def every_id(server: Server, **query: object) -> list[str]:
    return shop.ids(shop.list_page(server, limit=100, **query))


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 7, 36, 37, 38, 100])
def test_both_styles_cover_everything_once(full: Server, sort: str, limit: int) -> None:
    wanted = every_id(full, sort=sort)
    assert len(wanted) == len(set(wanted)) == COUNT
    pages = list(shop.walk_cursor(full, sort=sort, limit=limit))
    assert [found for page in pages for found in shop.ids(page)] == wanted
    assert [len(page["items"]) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert all("total" not in page for page in pages)
    jumped = []
    for number in range(1, COUNT // limit + 2):
        page = shop.list_page(full, sort=sort, limit=limit, page=number)
        assert page["total"] == COUNT
        jumped += shop.ids(page)
    assert jumped == wanted


def test_defaults(full: Server) -> None:
    page = shop.list_page(full)
    assert len(page["items"]) == 20 and page["next_cursor"] and "total" not in page
    assert shop.ids(page) == every_id(full, sort="newest")[:20]
    assert shop.list_page(full, total="true")["total"] == COUNT
    assert "total" not in shop.list_page(full, total="false")


def test_a_cursor_goes_on_from_a_page(full: Server) -> None:
    page = shop.list_page(full, sort="price", page=2, limit=10)
    after = shop.list_page(full, sort="price", limit=10, cursor=page["next_cursor"])
    assert shop.ids(after) == every_id(full, sort="price")[20:30]


def test_a_cursor_may_change_its_limit_and_ask_for_the_total(full: Server) -> None:
    cursor = shop.list_page(full, sort="name", limit=5)["next_cursor"]
    page = shop.list_page(full, sort="name", limit=11, total="true", cursor=cursor)
    assert shop.ids(page) == every_id(full, sort="name")[5:16]
    assert page["total"] == COUNT


def test_the_same_cursor_gives_the_same_page(full: Server) -> None:
    cursor = shop.list_page(full, limit=5)["next_cursor"]
    pages = [shop.ids(shop.list_page(full, limit=5, cursor=cursor)) for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("sort", SORTS)
def test_nothing_is_skipped_or_repeated_while_others_write(full: Server, sort: str) -> None:
    """What was there before and stays is seen once; what comes and goes at most once."""
    stays = set(every_id(full, sort=sort))
    chance = random.Random(sort)
    seen: list[str] = []
    made = []
    for page in shop.walk_cursor(full, sort=sort, limit=4):
        seen += shop.ids(page)
        # Before, at and behind where the walk is.
        for price in range(4):
            made.append(shop.create(full, name=f"Thing {chance.randrange(3)}", price=price))
        shop.archive(full, made.pop(chance.randrange(len(made))))
        if len(made) > 60:
            break
    for product in made:
        shop.archive(full, product)
    assert len(seen) == len(set(seen))
    if len(made) <= 60:
        assert stays <= set(seen)
    assert set(every_id(full, sort=sort)) == stays


def test_the_item_at_the_cursor_may_vanish(full: Server) -> None:
    extra = shop.create(full, name="Thing 1", price=2)
    for sort in SORTS:
        wanted = every_id(full, sort=sort)
        at = wanted.index(extra["id"])
        first = shop.list_page(full, sort=sort, limit=at + 1)
        assert shop.ids(first)[-1] == extra["id"]
        shop.edit(full, extra, status="archived")
        if first["next_cursor"]:
            rest = shop.list_page(full, sort=sort, limit=100, cursor=first["next_cursor"])
            assert shop.ids(rest) == wanted[at + 1 :]
        shop.edit(full, extra, status="active")
    shop.archive(full, extra)


# Cursors from elsewhere.


OTHER_QUERIES = [
    {"sort": "newest"},
    {"sort": "-price"},
    {"sort": "name"},
    {},
    {"sort": "price", "brand": "Even"},
    {"sort": "price", "category": "things"},
    {"sort": "price", "min_price": 1},
    {"sort": "price", "max_price": 1},
    {"sort": "price", "in_stock": "true"},
    {"sort": "price", "tag": "x"},
]


@pytest.mark.parametrize("query", OTHER_QUERIES)
def test_a_cursor_of_another_query(full: Server, query: dict) -> None:
    cursor = shop.list_page(full, sort="price", limit=3)["next_cursor"]
    answer = full.get("/api/products", params={**query, "cursor": cursor})
    assert_error(answer, 400, "bad_cursor")


def test_a_cursor_of_the_other_view(full: Server) -> None:
    admin = full.admin_token()
    for status in ("draft", "active", "any"):
        for number in range(2 if status == "draft" else 0):
            shop.create(full, name=f"Draft {number}", status="draft")
        managing = shop.list_page(full, admin, status=status, limit=1)["next_cursor"]
        assert_error(full.get("/api/products", params={"cursor": managing}), 400, "bad_cursor")
        public = shop.list_page(full, limit=1)["next_cursor"]
        answer = full.get(
            "/api/products", params={"status": status, "cursor": public}, token=admin
        )
        assert_error(answer, 400, "bad_cursor")


@pytest.mark.parametrize(
    "cursor",
    ["x", "null", "0", "====", "AAAA", "A" * 64, "A" * 100, "-_" * 40, "%", "\x00", "é",
     '{"$gt":""}', "e30=", "x" * 2000],
)
def test_a_cursor_that_is_garbage(full: Server, cursor: str) -> None:
    answer = full.get("/api/products", params={"cursor": cursor})
    assert answer.status_code == 400
    assert_error(answer, 400, "invalid" if "\x00" in cursor else "bad_cursor")
    assert_alive(full)


def test_a_cursor_longer_than_any(full: Server) -> None:
    assert_invalid(full.get("/api/products", params={"cursor": "x" * 2001}), cursor="at most")


@pytest.mark.parametrize("sort", SORTS)
def test_every_changed_letter_of_a_cursor_is_noticed(full: Server, sort: str) -> None:
    cursor = shop.list_page(full, sort=sort, limit=3)["next_cursor"]
    for at in range(len(cursor)):
        letter = "A" if cursor[at] != "A" else "B"
        changed = cursor[:at] + letter + cursor[at + 1 :]
        answer = full.get("/api/products", params={"sort": sort, "cursor": changed})
        assert_error(answer, 400, "bad_cursor")
    for cut in (cursor[:-1], cursor[1:], cursor + "A", cursor + "=", cursor[: len(cursor) // 2]):
        answer = full.get("/api/products", params={"sort": sort, "cursor": cut})
        assert_error(answer, 400, "bad_cursor")


def test_a_cursor_shows_no_name(full: Server) -> None:
    """Opaque means that nobody builds one; it is signed all the same."""
    cursor = shop.list_page(full, sort="name", limit=1)["next_cursor"]
    assert base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_a_cursor_is_good_in_every_process(full: Server, make_server) -> None:
    other = make_server(full.databases, full.database,
                        JWT_SECRET=full.environment["JWT_SECRET"]).start()
    cursor = shop.list_page(full, limit=3)["next_cursor"]
    assert shop.ids(shop.list_page(other, limit=3, cursor=cursor)) == every_id(full)[3:6]


def test_a_cursor_of_another_shop(full: Server, make_server) -> None:
    other = make_server(full.databases, full.database, JWT_SECRET=secrets.token_urlsafe(32))
    cursor = shop.list_page(full, limit=3)["next_cursor"]
    other.start()
    assert_error(other.get("/api/products", params={"cursor": cursor}), 400, "bad_cursor")


# Pages.


def test_pages_beyond_the_end(full: Server) -> None:
    page = shop.list_page(full, page=3, limit=20)
    assert page["items"] == [] and page["next_cursor"] is None and page["total"] == COUNT


def test_pages_reach_ten_thousand_deep(full: Server) -> None:
    for page, limit in ((100, 100), (500, 20), (10_000, 1)):
        assert_ok(full.get(f"/api/products?page={page}&limit={limit}"))
    for page, limit in ((101, 100), (501, 20), (10_000, 2), (10_000, 100)):
        answer = full.get(f"/api/products?page={page}&limit={limit}")
        body = assert_error(answer, 400, "page_too_deep")
        assert "cursor" in body["error"]
    assert_error(full.get("/api/products?page=501"), 400, "page_too_deep")


def test_a_page_and_a_cursor_are_two_ways(full: Server) -> None:
    cursor = shop.list_page(full, limit=3)["next_cursor"]
    answer = full.get("/api/products", params={"cursor": cursor, "page": 1})
    assert_invalid(answer, page="cannot be given with a cursor")
