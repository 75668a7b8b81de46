"""GET /api/products?q=: what a search finds, in which order, and what it says of it."""

import threading
from typing import Any

import pytest
import shop
from answers import assert_error, assert_invalid, assert_ok
from harness import Server

CATEGORIES = {"outdoor": None, "camping": "outdoor", "tents": "camping", "kitchen": None}

# In the order they are made: of those that are equal, the newest comes first.
PRODUCTS: list[dict[str, Any]] = [
    {"name": "Storm Lantern", "brand": "Alder & Ash", "tags": ["paraffin"], "price": 3000,
     "description": "<p>Burns for <b>forty</b> hours.</p>", "category": "camping"},
    {"name": "Lamp Oil", "brand": "Alder & Ash", "price": 900,
     "description": "Fuel for any lantern."},
    {"name": "Lanterns of Paper", "brand": "Hinoki", "price": 2000, "sku": "HIN-77"},
    {"name": "Bell Tent", "brand": "Żubr", "tags": ["glamping", "car-camping"],
     "category": "tents", "price": 50000, "sku": "ZUB-1201-MOS"},
    {"name": "Jalapeño Sauce", "brand": "Quetzal", "category": "kitchen", "price": 700},
    {"name": "Crème Brûlée Torch", "category": "kitchen", "price": 2500},
    {"name": "T-Shirt", "price": 1500},
    {"name": "Rye Bread", "price": 600, "description": "Mixed by hand, baked by fire."},
    {"name": "Straßenkarte İstanbul", "price": 400},
    {"name": "Ёлка зелёная", "price": 100},
    {"name": "Σίσυφος", "price": 100},
    {"name": "Paper Lamp 提灯", "price": 1900},
    {"name": "한국 찻잔", "price": 800},
    {"name": "Kids' Boots, 2-Pack", "price": 5200, "tags": ["size 5.2"]},
    {"name": "Sold Out Gadget", "price": 100, "stock": 0},
    {"name": "Gadget", "price": 100, "stock": 5},
    {"name": "Gadget Deluxe", "price": 100, "stock": 0},
    {"name": "Secret Lantern", "price": 100, "status": "draft"},
    {"name": "Old Lantern", "price": 100, "status": "archived"},
]


@pytest.fixture(scope="module", name="searched")
def fixture_searched(server: Server) -> Server:
    shop.add_categories(server, **CATEGORIES)
    for product in PRODUCTS:
        shop.create(server, **product)
    return server


def found(server: Server, q: str, **query: object) -> list[str]:
    return shop.names(shop.list_page(server, q=q, limit=100, **query))


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        # A name before a description, the word before its beginning.
        ("lantern", ["Storm Lantern", "Lanterns of Paper", "Lamp Oil"]),
        ("LANTERN", ["Storm Lantern", "Lanterns of Paper", "Lamp Oil"]),
        ("lanterns", ["Lanterns of Paper", "Storm Lantern", "Lamp Oil"]),
        # Every word, in any place and order.
        ("lantern storm", ["Storm Lantern"]),
        ("alder lantern", ["Storm Lantern", "Lamp Oil"]),
        ("storm hinoki", []),
        # Beginnings.
        ("lante", ["Storm Lantern", "Lanterns of Paper", "Lamp Oil"]),
        ("la pap", ["Lanterns of Paper", "Paper Lamp 提灯"]),
        ("z", ["Bell Tent"]),
        # One typo of each kind, in words of four letters or more.
        ("lantren storm", ["Storm Lantern"]),
        ("lanten storm", ["Storm Lantern"]),
        ("lanntern storm", ["Storm Lantern"]),
        ("lantarn storm", ["Storm Lantern"]),
        ("alntern storm", ["Storm Lantern"]),
        ("antren storm", []),
        ("rey bread", []),
        ("sauec", ["Jalapeño Sauce"]),
        # Accents, case, what only looks like a letter with an accent.
        ("jalapeno", ["Jalapeño Sauce"]),
        ("JALAPEN\u0303O", ["Jalapeño Sauce"]),
        ("creme brulee", ["Crème Brûlée Torch"]),
        ("zubr", ["Bell Tent"]),
        ("strassenkarte istanbul", ["Straßenkarte İstanbul"]),
        ("STRASSENKARTE", ["Straßenkarte İstanbul"]),
        ("ıstanbul", ["Straßenkarte İstanbul"]),
        ("елка", ["Ёлка зелёная"]),
        ("ЗЕЛЕНАЯ", ["Ёлка зелёная"]),
        ("σισυφοσ", ["Σίσυφος"]),
        ("提灯", ["Paper Lamp 提灯"]),
        ("灯", ["Paper Lamp 提灯"]),
        ("提", ["Paper Lamp 提灯"]),
        ("찻잔", ["한국 찻잔"]),
        ("ｌａｎｔｅｒｎ　ｓｔｏｒｍ", ["Storm Lantern"]),
        # Categories, with those above; tags; SKUs; numbers.
        ("outdoor", ["Bell Tent", "Storm Lantern"]),
        ("camping tents", ["Bell Tent"]),
        ("kitchen torch", ["Crème Brûlée Torch"]),
        ("kitchn torch", ["Crème Brûlée Torch"]),
        ("glamping", ["Bell Tent"]),
        ("car-camping", ["Bell Tent"]),
        ("carcamping", ["Bell Tent"]),
        ("ZUB-1201-MOS", ["Bell Tent"]),
        ("zub1201", ["Bell Tent"]),
        ("1201", ["Bell Tent"]),
        ("1202", []),
        ("hin-77", ["Lanterns of Paper"]),
        ("5.2", ["Kids' Boots, 2-Pack"]),
        ("5,2", ["Kids' Boots, 2-Pack"]),
        ("kids boots", ["Kids' Boots, 2-Pack"]),
        ("kid’s boots", ["Kids' Boots, 2-Pack"]),
        ("t-shirt", ["T-Shirt"]),
        ("tshirt", ["T-Shirt"]),
        # Descriptions, without their markup.
        ("forty hours", ["Storm Lantern"]),
        ("baked", ["Rye Bread"]),
        ("bake fire", ["Rye Bread"]),
        # In stock first, among equals.
        ("gadget", ["Gadget", "Gadget Deluxe", "Sold Out Gadget"]),
        # Nothing.
        ("xyzzy", []),
        ("lantern xyzzy", []),
        ("!!! ... --", []),
    ],
)
def test_what_is_found(searched: Server, q: str, expected: list[str]) -> None:
    assert found(searched, q) == expected


def test_a_search_that_is_none_lists_all(searched: Server) -> None:
    everything = shop.names(shop.list_page(searched, limit=100))
    assert found(searched, "") == found(searched, "   ") == everything


def test_filters_and_sorts_combine_with_words(searched: Server) -> None:
    token = searched.admin_token()
    assert found(searched, "lantern", max_price=1000) == ["Lamp Oil"]
    assert found(searched, "lantern", brand="Hinoki") == ["Lanterns of Paper"]
    assert found(searched, "lantern", category="camping") == ["Storm Lantern"]
    assert found(searched, "gadget", in_stock="true") == ["Gadget"]
    assert found(searched, "lantern", sort="price") == [
        "Lamp Oil", "Lanterns of Paper", "Storm Lantern"]
    assert found(searched, "lantern", sort="newest") == [
        "Lanterns of Paper", "Lamp Oil", "Storm Lantern"]
    assert found(searched, "lantern", category="no-such") == []
    assert found(searched, "lantern", status="draft", token=token) == ["Secret Lantern"]
    assert found(searched, "lantern old", status="any", token=token) == ["Old Lantern"]


def test_words_and_a_sort_have_cursors(searched: Server) -> None:
    for sort in ("price", "-price", "name", "newest"):
        wanted = found(searched, "lantern", sort=sort)
        pages = list(shop.walk_cursor(searched, q="lantern", sort=sort, limit=1))
        assert [name for page in pages for name in shop.names(page)] == wanted
        assert len(pages) == 3
    cursor = shop.list_page(searched, q="lantern", sort="price", limit=1)["next_cursor"]
    other = {"q": "lamp", "sort": "price", "limit": 1, "cursor": cursor}
    assert_error(searched.get("/api/products", params=other), 400, "bad_cursor")


def test_relevance_has_pages(searched: Server) -> None:
    pages = [
        shop.list_page(searched, q="lantern", limit=2, page=number) for number in (1, 2, 3)
    ]
    assert [shop.names(page) for page in pages] == [
        ["Storm Lantern", "Lanterns of Paper"], ["Lamp Oil"], []]
    assert all(page["total"] == 3 and page["next_cursor"] is None for page in pages)
    same = shop.list_page(searched, q="lantern", sort="relevance", limit=2, page=1)
    assert same == pages[0]


def test_what_relevance_refuses(searched: Server) -> None:
    get = searched.get
    assert_invalid(get("/api/products?sort=relevance"), sort="together with q")
    assert_invalid(get("/api/products?sort=relevance&q=%20"), sort="together with q")
    assert_invalid(get("/api/products?q=a&cursor=x"), cursor="pages only")
    assert_error(get("/api/products?q=a&page=21&limit=100"), 400, "page_too_deep")
    assert_ok(get("/api/products?q=a&page=20&limit=100"))
    assert_invalid(get("/api/products?q=" + 201 * "a"), q="200 characters")
    assert_ok(get("/api/products?q=" + 200 * "a"))


def test_the_first_ten_words_count(searched: Server) -> None:
    assert found(searched, "storm lantern " * 14) == ["Storm Lantern"]
    assert found(searched, "a b c d e f g h i storm lantern") == []
    words = "storm lantern alder ash paraffin burns for forty hours camping"
    assert found(searched, words + " nonsense") == ["Storm Lantern"]


@pytest.mark.parametrize(
    "q",
    [".*", "^lantern$", "(((", "[a-z]+", "\\", "\\d+\\", "a|b", "$where", "$gt", '{"$gt": ""}',
     "'; db.dropDatabase() //", '"quoted"', "a\u202eb", "\U0001f525\U0001f525", "\ufdfa" * 200,
     "e" + "\u0301" * 199, "\u05d0\u05d1 \u0639\u0631\u0628\u064a", "%", "%00", "-" * 200,
     "1" * 200, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t", "\ufeff", "<script>alert(1)</script>",
     "terms.all", "__proto__", "null", "0", "-1", "1e999", "\u0e01\u0e34" * 60, "Ａ" * 200,
     "ab" * 100, "\u1100" * 200],
)
def test_hostile_words_are_words(searched: Server, q: str) -> None:
    for path, query in (("/api/products", {"q": q, "facets": "true"}),
                        ("/api/products/suggest", {"q": q})):
        answer = searched.get(path, params=query)
        assert answer.status_code == 200, (path, q, answer.text)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=a%00b", "q=%ff", "q=%c0%80", "q=%ed%a0%80", "q=a&q=b",
              "q[$gt]=", "q=" + 10_000 * "a", "q=%0a", "q=%1b", "facets=nothing", "facets=a,brand",
              "q=a&facets=brand,,tag", "facets=%24gt"])
def test_hostile_queries_are_refused(searched: Server, query: str) -> None:
    for path in ("/api/products", "/api/products/suggest"):
        assert_error(searched.get(f"{path}?{query}"), 400, "invalid")


def test_an_edit_is_found_by_its_new_words(server: Server) -> None:
    product = shop.create(server, name="Quicksilver Kettle", sku="QK-1", tags=["wobbly"])
    assert found(server, "quicksilver") == ["Quicksilver Kettle"]
    shop.edit(server, product, name="Brass Samovar", tags=[])
    assert found(server, "quicksilver") == found(server, "wobbly") == []
    assert found(server, "samovra") == ["Brass Samovar"]
    shop.archive(server, product)
    assert found(server, "samovar") == []
    path = f"/api/products/{product['id']}?hard=true"
    assert server.delete(path, token=server.admin_token()).status_code == 204
    assert found(server, "samovar", status="any", token=server.admin_token()) == []


def test_concurrent_products_share_their_words(server: Server) -> None:
    """Writers of products with the same words, old and new, do not get into each other's way."""
    token, answers = server.admin_token(), []

    def make(number: int) -> None:
        for turn in range(3):
            body = {"name": f"Popular Zephyr Thing {number}-{turn}", "price": 1,
                    "description": "the same words in every one of these products"}
            answers.append(server.post("/api/products", json=body, token=token))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == 18 * [201]
    assert shop.list_page(server, q="zephir populer", total="true", limit=1)["total"] == 18
