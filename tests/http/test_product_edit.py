"""PATCH and DELETE of products: ETags, what null does, the single variant, archiving."""

import secrets

import pytest
import requests
import shop
from answers import assert_error, assert_invalid, assert_ok
from harness import Server


@pytest.fixture(name="product")
def fixture_product(server: Server) -> dict:
    return shop.create(server, name="Edited", description="As it was", brand="Own", tags=["a"])


def patch(server: Server, product: dict, etag: str = "", **members: object):
    headers = {"If-Match": etag} if etag else {}
    path = f"/api/products/{product['id']}"
    return server.patch(path, json=members, headers=headers, token=server.admin_token())


def delete(server: Server, product: dict, etag: str = "", **query: str):
    headers = {"If-Match": etag} if etag else {}
    path = f"/api/products/{product['id']}"
    return server.delete(path, params=query, headers=headers, token=server.admin_token())


def etag_of(server: Server, product: dict) -> str:
    return server.get(f"/api/products/{product['id']}").headers["ETag"]


# Conditions.


def test_if_none_match(server: Server, product: dict) -> None:
    for path in (f"/api/products/{product['id']}", f"/api/products/{product['slug']}"):
        etag = server.get(path).headers["ETag"]
        assert etag.startswith('"') and etag.endswith('"')
        for value in (etag, f"W/{etag}", f'"other", {etag}', "*", f'"a","b" , {etag}'):
            answer = server.get(path, headers={"If-None-Match": value})
            assert (answer.status_code, answer.content) == (304, b""), value
            assert answer.headers["ETag"] == etag
        for value in ('"other"', etag.strip('"'), '""', etag[:-1], "W/", f'"x{etag[1:]}', ","):
            assert_ok(server.get(path, headers={"If-None-Match": value}))


def test_if_match(server: Server, product: dict) -> None:
    etag = etag_of(server, product)
    answer = patch(server, product, etag, brand="New")
    changed = assert_ok(answer)
    assert changed["version"] == product["version"] + 1 and changed["brand"] == "New"
    assert answer.headers["ETag"] != etag
    assert answer.headers["ETag"] == etag_of(server, product)
    assert_error(patch(server, product, etag, brand="Late"), 412, "precondition_failed")
    assert_error(delete(server, product, etag), 412, "precondition_failed")
    assert_error(delete(server, product, etag, hard="true"), 412, "precondition_failed")
    assert shop.managed(server, product) == changed
    assert_ok(patch(server, product, answer.headers["ETag"], brand="In time"))
    assert_ok(patch(server, product, "*", brand="Any"))


@pytest.mark.parametrize(
    "etag", ['"0-0"', '"-1-0"', '"x"', '""', "1-0", 'W/"1-0"', '"99999999999999999999-0"', "''"]
)
def test_if_match_that_can_not_match(server: Server, product: dict, etag: str) -> None:
    assert_error(patch(server, product, etag, brand="Never"), 412, "precondition_failed")
    assert shop.managed(server, product)["brand"] == "Own"


def test_if_match_takes_a_list(server: Server, product: dict) -> None:
    first = etag_of(server, product)
    second = assert_edited(patch(server, product, f'"other", {first}', brand="Second"))
    # Any of those that an editor has seen; a weak one is none (RFC 9110, section 13.1.1).
    weak = f"W/{second}, {first}"
    assert_error(patch(server, product, weak, brand="Weak"), 412, "precondition_failed")
    third = assert_edited(patch(server, product, f"{first} ,{second}", brand="Third"))
    many = ", ".join([first] * 15 + [third])
    assert_edited(patch(server, product, many, brand="Fourth"))
    assert_invalid(patch(server, product, f"{many}, {third}"), **{"If-Match": "at most 16 ETags"})
    late = f"{first}, {second}, {third}"
    assert_error(delete(server, product, late, hard="true"), 412, "precondition_failed")
    assert server.get(f"/api/products/{product['id']}").json()["brand"] == "Fourth"


def assert_edited(answer: requests.Response) -> str:
    assert_ok(answer)
    return answer.headers["ETag"]


def test_if_match_of_what_is_not_there(server: Server) -> None:
    nothing = {"id": "0" * 24}
    for etag in ("", '"1-0"'):
        assert_error(patch(server, nothing, etag, brand="X"), 404, "not_found")
        assert_error(delete(server, nothing, etag), 404, "not_found")
        assert_error(delete(server, nothing, etag, hard="true"), 404, "not_found")


# Edits.


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"brand": "Own"},
        {"name": "Edited", "description": "As it was", "tags": ["a"], "status": "active"},
        {"name": "  Edited "},
        {"price": 1000},
        {"price": "10.00"},
        {"category": None, "compare_at_price": None},
        {"options": [], "images": [], "attributes": {}},
    ],
)
def test_an_edit_that_changes_nothing(server: Server, product: dict, members: dict) -> None:
    before = etag_of(server, product)
    answer = patch(server, product, **members)
    assert assert_ok(answer) == product
    assert answer.headers["ETag"] == before == etag_of(server, product)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"name": "Renamed"}, {"name": "Renamed", "slug": "edited"}),
        ({"slug": "moved-here"}, {"slug": "moved-here"}),
        ({"description": None}, {"description": None}),
        ({"description": " kept \n as given "}, {"description": " kept \n as given "}),
        ({"brand": None}, {"brand": None}),
        ({"tags": []}, {"tags": []}),
        ({"tags": ["b", "b", " a "]}, {"tags": ["b", "a"]}),
        ({"status": "draft"}, {"status": "draft"}),
        ({"attributes": {"a.b": "1", "$c": "2", "": "x"}}, None),
        ({"attributes": {"a.b": "1", "$c": "2"}}, {"attributes": {"a.b": "1", "$c": "2"}}),
        ({"seo": {"title": "T"}}, {"seo": {"title": "T", "description": None}}),
        ({"price": 5}, {"price": 5, "price_max": 5}),
        ({"price": "5.50"}, {"price": 550}),
        ({"price": None}, None),
        ({"name": None}, None),
        ({"name": ""}, None),
        ({"status": None}, None),
        ({"slug": None}, None),
        ({"price": 19.99}, None),
        ({"category": "no-such-category"}, None),
    ],
)
def test_an_edit(server: Server, members: dict, expected: dict | None) -> None:
    product = shop.create(server, name="Edited", slug=fresh_slug(), description="As it was",
                          brand="Own", tags=["a"])
    answer = patch(server, product, **members)
    if expected is None:
        assert_error(answer, 400, "invalid")
        assert shop.managed(server, product) == product
        return
    changed = assert_ok(answer)
    if "slug" in expected and "slug" not in members:
        expected = {**expected, "slug": product["slug"]}
    assert {name: changed[name] for name in expected} == expected
    assert changed["version"] == product["version"] + 1
    touched = set(members) | set(expected) | {"version", "updated_at", "variants"}
    if "price" in members:
        touched |= {"price_max"}
    for name in set(product) - touched:
        assert changed[name] == product[name], name
    assert changed["variants"][0]["id"] == product["variants"][0]["id"]
    assert shop.managed(server, product) == changed


def fresh_slug() -> str:
    return f"edited-{secrets.token_hex(6)}"


def test_slug_and_sku_stay_unique(server: Server, product: dict) -> None:
    other = shop.create(server, name="Other", slug="others-slug", sku="OTHERS-SKU")
    assert_error(patch(server, product, slug="others-slug"), 409, "slug_taken")
    assert_error(patch(server, product, sku="OTHERS-SKU"), 409, "sku_taken")
    assert shop.managed(server, product) == product
    assert_ok(patch(server, other, slug="freed-slug", sku="FREED-SKU"))
    assert_ok(patch(server, product, slug="others-slug", sku="OTHERS-SKU"))
    assert server.get("/api/products/freed-slug").json()["id"] == other["id"]


def test_the_single_variant(server: Server, product: dict) -> None:
    changed = assert_ok(patch(server, product, price=700, compare_at_price=900, sku="SINGLE",
                              stock=3, barcode="4006381333931", weight_grams=120))
    row = changed["variants"][0]
    assert (row["price"], row["compare_at_price"], row["sku"]) == (700, 900, "SINGLE")
    assert (row["stock"], row["track_stock"], row["weight_grams"]) == (3, True, 120)
    assert_invalid(patch(server, product, price=901), compare_at_price="below the price")
    cleared = assert_ok(patch(server, product, compare_at_price=None, barcode=None,
                              weight_grams=None))["variants"][0]
    assert [cleared[name] for name in ("compare_at_price", "barcode", "weight_grams")] == [None] * 3
    assert cleared["stock"] == 3
    untracked = assert_ok(patch(server, product, track_stock=False))
    assert (untracked["variants"][0]["stock"], untracked["in_stock"]) == (None, True)


TWO = {
    "options": [{"name": "Size", "values": ["S", "M"]}],
    "variants": [{"options": {"Size": "S"}, "price": 100, "sku": "TWO-S", "stock": 1},
                 {"options": {"Size": "M"}, "price": 200, "sku": "TWO-M"}],
}


def test_several_variants(server: Server, product: dict) -> None:
    both = assert_ok(patch(server, product, **TWO))
    small, medium = both["variants"]
    assert_invalid(patch(server, product, price=5, stock=1), price="several variants",
                   stock="several variants")
    edited = assert_ok(patch(server, product, variants=[
        {"id": medium["id"], "options": {"Size": "M"}, "price": 250},
        {"sku": "TWO-S", "options": {"Size": "S"}, "price": 100},
    ]))
    assert [row["id"] for row in edited["variants"]] == [medium["id"], small["id"]]
    assert [row["sku"] for row in edited["variants"]] == ["TWO-M", "TWO-S"]
    assert edited["price_max"] == 250
    one = assert_ok(patch(server, product, options=[],
                          variants=[{"id": small["id"], "price": 90}]))
    assert [row["id"] for row in one["variants"]] == [small["id"]]
    assert (one["price"], one["price_max"], one["options"]) == (90, 90, [])
    # The SKU of the variant that is gone is free again.
    assert shop.create(server, name="After", sku="TWO-M")


def test_options_cannot_change_without_their_variants(server: Server) -> None:
    product = shop.create(server, name="Sized", **{**TWO, "variants": [
        {"options": {"Size": "S"}, "price": 100}, {"options": {"Size": "M"}, "price": 200}]})
    for options in ([], [{"name": "Size", "values": ["S"]}], [{"name": "Length", "values": ["S"]}]):
        assert_error(patch(server, product, options=options), 400, "invalid")
    assert shop.managed(server, product) == product


def test_decimal_prices_are_read_by_the_product_s_currency(server: Server) -> None:
    yen = shop.create(server, name="Yen", price=1500, currency="JPY")
    assert_invalid(patch(server, yen, price="19.99"), currency="decimal prices were read as USD")
    changed = assert_ok(patch(server, yen, price="2000", currency="JPY"))
    assert (changed["price"], changed["currency"]) == (2000, "JPY")


# Deletion.


def test_delete_archives(server: Server, product: dict) -> None:
    answer = delete(server, product, etag_of(server, product))
    assert (answer.status_code, answer.content) == (204, b"")
    for key in (product["id"], product["slug"]):
        assert_error(server.get(f"/api/products/{key}"), 404, "not_found")
    listed = shop.list_page(server, limit=100)
    assert product["id"] not in shop.ids(listed)
    archived = shop.managed(server, product)
    assert (archived["status"], archived["version"]) == ("archived", product["version"] + 1)
    admin = {"token": server.admin_token()}
    path = f"/api/products/{product['id']}"
    assert_ok(server.get(path, params={"status": "archived"}, **admin))
    for other in ("active", "draft"):
        assert_error(server.get(path, params={"status": other}, **admin), 404, "not_found")
    assert delete(server, product).status_code == 204
    assert shop.managed(server, product) == archived
    assert_ok(patch(server, product, status="active"))
    assert_ok(server.get(path))


def test_hard_delete_removes(server: Server) -> None:
    product = shop.create(server, name="Gone for good", slug="gone", sku="GONE", stock=5)
    assert delete(server, product, hard="true").status_code == 204
    path = f"/api/products/{product['id']}"
    answer = server.get(path, params={"status": "any"}, token=server.admin_token())
    assert_error(answer, 404, "not_found")
    assert_error(delete(server, product), 404, "not_found")
    with server.databases.mongo.connect() as client:
        assert client[server.database].inventory.count_documents({"_id": "GONE"}) == 0
    again = shop.create(server, name="Back again", slug="gone", sku="GONE")
    assert again["id"] != product["id"]


@pytest.mark.parametrize("hard", ["1", "yes", "TRUE", "", "truefalse"])
def test_hard_is_true_or_false(server: Server, product: dict, hard: str) -> None:
    assert_invalid(delete(server, product, hard=hard), hard="must be true or false")
    assert_ok(server.get(f"/api/products/{product['id']}"))


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_active_products_are_public(server: Server, product: dict, status: str) -> None:
    assert_ok(patch(server, product, status=status))
    path = f"/api/products/{product['id']}"
    answer = server.get(path)
    assert_error(answer, 404, "not_found")
    assert answer.headers["Cache-Control"] == "no-store"
    hidden = shop.create(server, name="Hidden from the start", status=status)
    assert_error(server.get(f"/api/products/{hidden['slug']}"), 404, "not_found")


def test_changes_are_audited_in_mongodb(server: Server, product: dict) -> None:
    patch(server, product, brand="Audited")
    delete(server, product)
    delete(server, product, hard="true")
    with server.databases.mongo.connect() as client:
        rows = list(client[server.database].audit.find().sort("_id", 1))
    mine = [row for row in rows if str(row["subject_id"]) == product["id"]]
    assert len(mine) == 4
    assert all(row["user_id"] and row["request_id"] and row["address"] for row in mine)
    assert "brand" in mine[1]["changed"]
