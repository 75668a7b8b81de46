"""PUT /api/products/:id: all of a product anew, and what outlives it."""

import secrets

import pytest
import shop
from answers import assert_error, assert_invalid, assert_ok
from harness import Server

SERVER_SIDE = {"id", "slug", "version", "created_at", "updated_at"}
SIZES = [{"name": "Size", "values": ["S", "M"]}]


def full() -> dict:
    """Every member that a product without options can have."""
    return {
        "name": "Whole", "slug": f"whole-{secrets.token_hex(6)}", "description": "All of it",
        "brand": "Own", "category": "things", "tags": ["a", "b"], "status": "draft",
        "currency": "EUR", "images": [{"url": "https://example.com/a.jpg", "alt": "A"}],
        "attributes": {"Material": "Wool"}, "seo": {"title": "T", "description": "D"},
        "price": 1500, "compare_at_price": 2000, "sku": f"SKU-{secrets.token_hex(6)}", "stock": 7,
        "allow_backorder": True, "barcode": "4006381333931", "weight_grams": 120,
    }


@pytest.fixture(scope="module", name="shop_server")
def fixture_shop_server(server: Server) -> Server:
    shop.add_categories(server, things=None)
    return server


def put(server: Server, product: dict, etag: str = "", **members: object):
    headers = {"If-Match": etag} if etag else {}
    path = f"/api/products/{product['id']}"
    return server.put(path, json=members, headers=headers, token=server.admin_token())


def comparable(product: dict, *, without: set[str]) -> dict:
    found = {name: value for name, value in product.items() if name not in without}
    hidden = {"id", "sku"} & without
    found["variants"] = [{name: value for name, value in variant.items() if name not in hidden}
                         for variant in product["variants"]]
    found["images"] = [image["url"] for image in product["images"]]
    return found


def test_what_is_not_given_is_as_in_a_new_product(shop_server: Server) -> None:
    product = shop.create(shop_server, **full())
    replaced = assert_ok(put(shop_server, product, name="Bare", price=1))
    bare = shop.create(shop_server, name="Bare", price=1, track_stock=True, stock=7)
    without = SERVER_SIDE | {"id", "sku"}
    assert comparable(replaced, without=without) == comparable(bare, without=without)
    assert replaced["version"] == product["version"] + 1
    assert shop.managed(shop_server, product) == replaced


def test_what_outlives_a_replacement(shop_server: Server) -> None:
    """Links, orders and counts hang on these."""
    product = shop.create(shop_server, **full())
    replaced = assert_ok(put(shop_server, product, name="Another name", price=1))
    assert [replaced[name] for name in ("id", "slug", "created_at")] == [
        product[name] for name in ("id", "slug", "created_at")]
    for name in ("id", "sku", "track_stock", "stock"):
        assert replaced["variants"][0][name] == product["variants"][0][name], name
    spoken_of = assert_ok(put(shop_server, product, name="Another name", price=1,
                              slug=full()["slug"], track_stock=False,
                              sku=f"NEW-{secrets.token_hex(4)}"))
    assert spoken_of["slug"] != product["slug"]
    assert spoken_of["variants"][0]["sku"].startswith("NEW-")
    assert spoken_of["variants"][0]["stock"] is None


def test_a_replacement_by_the_same_changes_nothing(shop_server: Server) -> None:
    body = full()
    product = shop.create(shop_server, **body)
    answer = put(shop_server, product, **body)
    assert assert_ok(answer) == product
    assert answer.headers["ETag"] == '"1-0"'


def test_a_replacement_takes_what_was_read(shop_server: Server) -> None:
    """Everything given, everything is as given."""
    product = shop.create(shop_server, name="Little", price=3)
    body = full()
    replaced = assert_ok(put(shop_server, product, **body))
    fresh = {**body, "slug": full()["slug"], "sku": full()["sku"]}
    whole = shop.create(shop_server, **fresh)
    without = SERVER_SIDE | {"id", "sku"}
    assert comparable(replaced, without=without) == comparable(whole, without=without)
    assert replaced["slug"] == body["slug"] and replaced["variants"][0]["sku"] == body["sku"]


def sized(server: Server) -> dict:
    return shop.create(server, name="Sized", options=SIZES, variants=[
        {"options": {"Size": "S"}, "price": 100, "stock": 4, "barcode": "1"},
        {"options": {"Size": "M"}, "price": 200},
    ])


def test_variants_are_matched(shop_server: Server) -> None:
    product = sized(shop_server)
    small, medium = product["variants"]
    replaced = assert_ok(put(shop_server, product, name="Sized", options=SIZES, variants=[
        {"sku": medium["sku"], "options": {"Size": "M"}, "price": 250},
        {"options": {"Size": "S"}, "price": 110},
    ]))
    assert [row["id"] for row in replaced["variants"]] == [medium["id"], small["id"]]
    assert [row["sku"] for row in replaced["variants"]] == [medium["sku"], small["sku"]]
    assert [row["stock"] for row in replaced["variants"]] == [None, 4]
    assert [row["barcode"] for row in replaced["variants"]] == [None, None]


def test_one_variant_for_several(shop_server: Server) -> None:
    product = sized(shop_server)
    small = product["variants"][0]
    kept = assert_ok(put(shop_server, product, name="One size", price=90, sku=small["sku"]))
    assert [(row["id"], row["stock"], row["options"]) for row in kept["variants"]] == [
        (small["id"], 4, {})]
    assert (kept["options"], kept["price"], kept["price_max"]) == ([], 90, 90)
    other = sized(shop_server)
    new = assert_ok(put(shop_server, other, name="One size", price=90))
    assert new["variants"][0]["id"] not in [row["id"] for row in other["variants"]]
    # The SKUs of what is gone are free again.
    assert shop.create(shop_server, name="After", sku=other["variants"][1]["sku"])


def test_images_keep_their_ids_by_address(shop_server: Server) -> None:
    urls = [f"https://example.com/{name}.jpg" for name in "abc"]
    product = shop.create(shop_server, name="Shown", images=[{"url": url} for url in urls[:2]])
    ids = {row["url"]: row["id"] for row in product["images"]}
    replaced = assert_ok(put(shop_server, product, name="Shown", price=1,
                             images=[{"url": url} for url in (urls[2], urls[0])]))
    assert [row["url"] for row in replaced["images"]] == [urls[2], urls[0]]
    assert all((row["width"], row["height"]) == (None, None) for row in replaced["images"])
    assert replaced["images"][1]["id"] == ids[urls[0]]
    assert replaced["images"][0]["id"] not in ids.values()


@pytest.mark.parametrize(
    ("members", "field", "message"),
    [
        ({}, "name", "required"),
        ({"name": "A"}, "price", "required"),
        ({"name": None, "price": 1}, "name", "null"),
        ({"name": "", "price": 1}, "name", "empty"),
        ({"name": "A", "price": -1}, "price", "from 0"),
        ({"name": "A", "price": 1, "compare_at_price": 0}, "compare_at_price", "below the price"),
        ({"name": "A", "price": 1, "stock": 1, "track_stock": False}, "stock", "not tracked"),
        ({"name": "A", "price": 1, "category": "nowhere"}, "category", "does not exist"),
        ({"name": "A", "price": 1, "version": 1}, "version", "not known"),
        ({"name": "A", "price": 1, "status": "gone"}, "status", "must be"),
        ({"name": "A", "price": "1.00", "currency": "JPY"}, "price", "decimals for JPY"),
        ({"name": "A", "price": 1, "variants": [{"price": 1}]}, "price", "together with variants"),
        ({"name": "A", "variants": []}, "variants", "from 1 to 100"),
        ({"name": "A", "variants": [{"price": 1}, {"price": 2}]}, "variants", "options"),
        ({"name": "A", "variants": [{"id": "0" * 24, "price": 1}]}, "variants[0].id", "no variant"),
    ],
)
def test_the_rules_are_those_of_a_new_product(
    shop_server: Server, members: dict, field: str, message: str
) -> None:
    product = shop.create(shop_server, name="Left alone")
    body = assert_error(put(shop_server, product, **members), 400, "invalid")
    messages = {row["field"]: row["message"] for row in body["fields"]}
    assert message in messages[field], messages
    assert shop.managed(shop_server, product) == product


def test_slug_and_sku_stay_unique(shop_server: Server) -> None:
    taken, product = (shop.create(shop_server, **full()) for _ in range(2))
    sku = taken["variants"][0]["sku"]
    answer = put(shop_server, product, name="A", price=1, slug=taken["slug"])
    assert_error(answer, 409, "slug_taken")
    assert_error(put(shop_server, product, name="A", price=1, sku=sku), 409, "sku_taken")
    assert shop.managed(shop_server, product) == product


def test_if_match(shop_server: Server) -> None:
    product = shop.create(shop_server, name="Conditional")
    answer = put(shop_server, product, '"1-0"', name="First", price=1)
    assert assert_ok(answer)["version"] == 2
    late = put(shop_server, product, '"1-0"', name="Late", price=1)
    assert_error(late, 412, "precondition_failed")
    assert_ok(put(shop_server, product, answer.headers["ETag"], name="Second", price=1))
    assert_ok(put(shop_server, product, "*", name="Any", price=1))
    weak = put(shop_server, product, 'W/"4-0"', name="Weak", price=1)
    assert_error(weak, 412, "precondition_failed")


@pytest.mark.parametrize("key", ["0" * 24, "0" * 23, "a-slug", "{slug}"])
def test_nothing_is_made(shop_server: Server, key: str) -> None:
    """Ids are the server's to give, and what is replaced is named by its id."""
    product = shop.create(shop_server, name="By slug")
    answer = put(shop_server, {"id": key.format(**product)}, name="A", price=1)
    assert_error(answer, 404, "not_found")


def test_it_is_audited(shop_server: Server) -> None:
    product = shop.create(shop_server, **full())
    put(shop_server, product, name="Whole", price=1500)
    with shop_server.databases.mongo.connect() as client:
        rows = list(client[shop_server.database].audit.find({"subject_name": product["slug"]}))
    assert [row["action"] for row in rows] == ["product.create", "product.update"]
    assert {"brand", "tags", "status", "seo"} <= set(rows[1]["changed"])
    assert "name" not in rows[1]["changed"] and "stock" not in rows[1]["changed"]


def test_a_null_is_no_way_to_leave_out(shop_server: Server) -> None:
    product = shop.create(shop_server, name="Nulls")
    answer = put(shop_server, product, name="A", price=1, tags=None, status=None)
    assert_invalid(answer, tags="null", status="null")
