"""POST /api/products: what is made of little, what is refused, and that nothing is lost."""

import re

import pytest
import shop
from answers import assert_error, assert_invalid, assert_ok
from harness import Server

MEMBERS = [
    "id", "slug", "name", "description", "brand", "category", "tags", "status", "options",
    "variants", "price", "price_max", "currency", "in_stock", "images", "attributes", "seo",
    "version", "created_at", "updated_at",
]
ID = re.compile(r"[0-9a-f]{24}")


def post(server: Server, **members: object):
    return server.post("/api/products", json=members, token=server.admin_token())


def test_a_name_and_a_price_are_enough(server: Server) -> None:
    answer = post(server, name="Trail mug", price=1999)
    product = assert_ok(answer, 201)
    assert answer.headers["Location"] == f"/api/products/{product['id']}"
    assert answer.headers["ETag"] == '"1-0"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(product) == MEMBERS
    assert ID.fullmatch(product["id"])
    assert product["slug"] == "trail-mug"
    for member in ("description", "brand", "category"):
        assert product[member] is None
    for member in ("tags", "options", "images"):
        assert product[member] == []
    assert (product["price"], product["price_max"], product["currency"]) == (1999, 1999, "USD")
    assert (product["status"], product["in_stock"], product["version"]) == ("active", True, 1)
    assert product["attributes"] == {} and product["seo"] == {"title": None, "description": None}
    assert product["created_at"] == product["updated_at"]
    assert len(product["variants"]) == 1
    variant = product["variants"][0]
    assert ID.fullmatch(variant.pop("id"))
    assert variant == {
        "sku": "TRAIL-MUG", "title": "Default Title", "options": {}, "price": 1999,
        "compare_at_price": None, "in_stock": True, "available": None, "barcode": None,
        "weight_grams": None, "track_stock": False, "allow_backorder": False, "stock": None,
    }


def test_where_it_is_then(server: Server) -> None:
    answer = post(server, name="Where it is", price=1)
    product = answer.json()
    for path in (answer.headers["Location"], f"/api/products/{product['slug']}"):
        found = server.get(path)
        public = assert_ok(found)
        assert public["id"] == product["id"] and list(public) == MEMBERS
        assert found.headers["ETag"] == answer.headers["ETag"]
        assert not {"stock", "track_stock", "allow_backorder"} & set(public["variants"][0])


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        ("19.9", "USD", 1990),
        ("19", "USD", 1900),
        ("0", "USD", 0),
        ("0.01", "USD", 1),
        ("007.50", "USD", 750),
        ("1999", "JPY", 1999),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
        ("1", "KWD", 1000),
        ("10000000000.00", "USD", 1_000_000_000_000),
        (1999, "JPY", 1999),
        (1999, "KWD", 1999),
        (0, "USD", 0),
        (1_000_000_000_000, "USD", 1_000_000_000_000),
    ],
)
def test_prices(server: Server, price: object, currency: str, minor: int) -> None:
    product = shop.create(server, price=price, currency=currency)
    assert (product["price"], product["currency"]) == (minor, currency)
    assert product["variants"][0]["price"] == minor


@pytest.mark.parametrize(
    ("price", "currency", "message"),
    [
        (19.99, "USD", "never a fractional number"),
        (19.0, "USD", "never a fractional number"),
        (1e3, "USD", "never a fractional number"),
        (-0.0, "USD", "never a fractional number"),
        ("19.999", "USD", "at most 2 decimals for USD"),
        ("19.5", "JPY", "at most 0 decimals for JPY"),
        ("1.2345", "KWD", "at most 3 decimals for KWD"),
        (".5", "USD", "decimal string"),
        ("5.", "USD", "decimal string"),
        ("1.2.3", "USD", "decimal string"),
        ("1,99", "USD", "decimal string"),
        ("1 000", "USD", "decimal string"),
        ("$5", "USD", "decimal string"),
        ("-5", "USD", "decimal string"),
        ("1e3", "USD", "decimal string"),
        ("٣", "USD", "decimal string"),
        ("9" * 30, "USD", "must be"),
        ("9" * 500, "USD", "must be"),
        ("10000000000.01", "USD", "must be from 0 to 1000000000000"),
        (-1, "USD", "must be from 0"),
        (1_000_000_000_001, "USD", "must be from 0 to 1000000000000"),
        (2**63 - 1, "USD", "must be from 0"),
        (-(2**63), "USD", "must be from 0"),
    ],
)
def test_prices_that_are_none(server: Server, price: object, currency: str, message: str) -> None:
    assert_invalid(post(server, name="A", price=price, currency=currency), price=message)


@pytest.mark.parametrize("currency", ["usd", "EURO", "XXX", "", "US", "U$D", "ABC"])
def test_a_currency_that_is_none(server: Server, currency: str) -> None:
    assert_invalid(post(server, name="A", price=1, currency=currency), currency="must")


def test_the_shop_has_a_currency(make_server, databases) -> None:
    server = make_server(databases, CURRENCY="KWD").prepare().start()
    product = shop.create(server, name="Here", price="1.234")
    assert (product["currency"], product["price"]) == ("KWD", 1234)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("  Crème Brûlée -- Nº 1! ", "creme-brulee-no-1"),
        ("Straße & Łódź", "strasse-lodz"),
        ("ＦＵＬＬ ｗｉｄｔｈ", "full-width"),
        ("already-a-slug", "already-a-slug"),
        ("a" * 200, "a" * 100),
        ("-._~!", "product"),
        ("../../etc/passwd", "etc-passwd"),
        ("\U0001f525\U0001f525", "product-2"),
    ],
)
def test_a_slug_is_made_of_the_name(server: Server, name: str, slug: str) -> None:
    assert shop.create(server, name=name)["slug"] == slug


def test_a_slug_that_is_made_is_made_unique(server: Server) -> None:
    made = [shop.create(server, name="Same name") for _ in range(3)]
    assert [product["slug"] for product in made] == ["same-name", "same-name-2", "same-name-3"]
    assert len({product["variants"][0]["sku"] for product in made}) == 3
    long = [shop.create(server, name="b" * 200)["slug"] for _ in range(2)]
    assert len(set(long)) == 2 and max(map(len, long)) <= 100


def test_a_slug_that_is_given_and_taken(server: Server) -> None:
    first = shop.create(server, name="Given", slug="given-slug")
    assert_error(post(server, name="B", price=1, slug="given-slug"), 409, "slug_taken")
    shop.archive(server, first)
    assert_error(post(server, name="B", price=1, slug="given-slug"), 409, "slug_taken")


@pytest.mark.parametrize(
    "slug", ["A", "a b", "a_b", "-a", "a-", "a--b", "ä", "a/b", "a" * 101, "", "$gt", "a.b"]
)
def test_a_slug_that_is_none(server: Server, slug: str) -> None:
    assert_invalid(post(server, name="A", price=1, slug=slug), slug="must")


def test_a_sku_that_is_taken(server: Server) -> None:
    shop.create(server, name="Own", sku="OWN-1")
    assert_error(post(server, name="B", price=1, sku="OWN-1"), 409, "sku_taken")
    variants = [{"options": {"Size": "S"}, "price": 1, "sku": "OWN-2"},
                {"options": {"Size": "M"}, "price": 1, "sku": "OWN-1"}]
    options = [{"name": "Size", "values": ["S", "M"]}]
    answer = post(server, name="C", options=options, variants=variants)
    assert_error(answer, 409, "sku_taken")
    assert assert_ok(post(server, name="D", price=1, sku="OWN-2"), 201)
    assert assert_ok(post(server, name="E", price=1, sku="own-1"), 201)


def test_a_sku_that_would_be_made_and_is_taken(server: Server) -> None:
    shop.create(server, name="Somebody else", sku="MADE")
    product = shop.create(server, name="Made")
    assert product["variants"][0]["sku"] != "MADE"


# Variants.

SIZES = {"name": "Size", "values": ["S", "M", "L"]}
COLOURS = {"name": "Colour", "values": ["Red", "Blue"]}


def variant(price: int = 100, **members: object) -> dict:
    return {"price": price, **members}


def test_variants(server: Server) -> None:
    product = assert_ok(
        post(
            server,
            name="Shirt",
            options=[SIZES, COLOURS],
            variants=[
                variant(300, options={"Colour": "Red", "Size": "S"}, sku="S-RED", stock=4),
                variant(100, options={"Size": "M", "Colour": "Blue"}, compare_at_price=150),
                variant(200, options={"Size": "L", "Colour": "Red"}, title="Large", stock=0),
            ],
        ),
        201,
    )
    assert (product["price"], product["price_max"], product["in_stock"]) == (100, 300, True)
    assert product["options"] == [SIZES, COLOURS]
    found = product["variants"]
    assert [row["title"] for row in found] == ["S / Red", "M / Blue", "Large"]
    assert [row["sku"] for row in found] == ["S-RED", "SHIRT-M-BLUE", "SHIRT-L-RED"]
    assert [row["stock"] for row in found] == [4, None, 0]
    assert [row["track_stock"] for row in found] == [True, False, True]
    assert [row["in_stock"] for row in found] == [True, True, False]
    assert list(found[0]["options"].items()) == [("Size", "S"), ("Colour", "Red")]


S = {"Size": "S"}
BAD_VARIANTS = [
    ([], [], {"variants": "must have from 1"}),
    ([], [variant(), variant()], None),
    ([], [variant(options=S)], None),
    ([SIZES], [variant()], None),
    ([SIZES], [variant(options={})], None),
    ([SIZES], [variant(options={"Size": "XXL"})], None),
    ([SIZES], [variant(options={"size": "S"})], None),
    ([SIZES], [variant(options={"Size": "S", "Colour": "Red"})], None),
    ([SIZES], [variant(options=S), variant(options=S)], None),
    ([SIZES], [variant(options=S, sku="X"), variant(options={"Size": "M"}, sku="X")], None),
    ([SIZES], [{"options": S}], {"variants_0___price": "is required"}),
    ([SIZES], [variant(-1, options=S)], {"variants_0___price": "must be from 0"}),
    ([SIZES], [variant(1, options=S, compare_at_price=0)],
     {"variants_0___compare_at_price": "below"}),
    ([SIZES], [variant(options=S, stock=-1)], {"variants_0___stock": "must be from 0"}),
    ([SIZES], [variant(options=S, stock=10**10)], {"variants_0___stock": "must be from 0"}),
    ([SIZES], [variant(options=S, weight_grams=-5)], {"variants_0___weight_grams": "from 0"}),
    ([SIZES], [variant(options=S, sku="")], {"variants_0___sku": "must not be empty"}),
    ([SIZES], [variant(options=S, sku="x" * 101)], {"variants_0___sku": "at most"}),
    ([SIZES], [variant(options=S, id="0" * 24)], {"variants_0___id": "no variant"}),
    ([SIZES], [variant(options=S, id="1")], {"variants_0___id": "24 hexadecimal"}),
    ([SIZES], [variant(options=S, in_stock=True)], {"variants_0___in_stock": "not known"}),
    ([{"name": "Size", "values": []}], [variant(options=S)], None),
    ([{"name": "Size", "values": ["S", "S"]}], [variant(options=S)], None),
    ([{"name": "", "values": ["S"]}], [variant(options={"": "S"})], None),
    ([SIZES, SIZES], [variant(options=S)], None),
    ([SIZES, COLOURS, {"name": "A", "values": ["a"]}, {"name": "B", "values": ["b"]}],
     [variant(options=S)], None),
    ([{"name": "N", "values": [str(number) for number in range(101)]}],
     [variant(options={"N": "1"})], None),
    ([{"name": "N", "values": [str(number) for number in range(100)]}],
     [variant(options={"N": str(number % 100)}) for number in range(101)], None),
]


@pytest.mark.parametrize(("options", "variants", "messages"), BAD_VARIANTS)
def test_variants_that_cannot_be(server: Server, options, variants, messages) -> None:
    answer = post(server, name="A", options=options, variants=variants)
    if messages is None:
        assert assert_error(answer, 400, "invalid")["fields"]
    else:
        assert_invalid(answer, **messages)


@pytest.mark.parametrize(
    "member", ["price", "compare_at_price", "stock", "sku", "barcode", "weight_grams",
               "track_stock", "allow_backorder"]
)
def test_members_of_the_single_variant_are_refused_beside_variants(
    server: Server, member: str
) -> None:
    others = {"sku": "X", "barcode": "X", "track_stock": True, "allow_backorder": True}
    value = others.get(member, 5)
    answer = post(server, name="A", variants=[variant()], **{member: value})
    assert_invalid(answer, **{member: "together with variants"})


def test_without_any_price(server: Server) -> None:
    assert_invalid(post(server, name="A"), price="is required")
    assert_invalid(post(server), name="is required", price="is required")


def test_a_hundred_variants(server: Server) -> None:
    values = [f"V{number}" for number in range(100)]
    variants = [variant(number, options={"N": value}) for number, value in enumerate(values)]
    product = assert_ok(
        post(server, name="Many", options=[{"name": "N", "values": values}], variants=variants), 201
    )
    assert (product["price"], product["price_max"]) == (0, 99)
    assert len({row["sku"] for row in product["variants"]}) == 100


@pytest.mark.parametrize(
    ("members", "in_stock", "stock", "available"),
    [
        ({}, True, None, None),
        ({"stock": 5}, True, 5, 5),
        ({"stock": 0}, False, 0, 0),
        ({"stock": 0, "allow_backorder": True}, True, 0, 0),
        ({"track_stock": True}, False, 0, 0),
        ({"track_stock": False}, True, None, None),
        ({"stock": 1_000_000_000}, True, 1_000_000_000, 1_000_000_000),
    ],
)
def test_stock(server: Server, members: dict, in_stock: bool, stock, available) -> None:
    product = shop.create(server, name="Stocked", **members)
    row = product["variants"][0]
    assert (product["in_stock"], row["stock"], row["available"]) == (in_stock, stock, available)
    public = assert_ok(server.get(f"/api/products/{product['id']}"))
    shown = None if available is None else min(available, 10)
    assert (public["in_stock"], public["variants"][0]["available"]) == (in_stock, shown)


def test_a_made_sku_gives_way_to_however_many_are_taken(server: Server) -> None:
    taken = ["CROWDED"] + [f"CROWDED-{number}" for number in range(2, 16)]
    shop.create(
        server, name="Taken", options=[{"name": "N", "values": taken}],
        variants=[{"options": {"N": sku}, "sku": sku, "price": 1} for sku in taken],
    )
    made = shop.create(server, name="Crowded")["variants"][0]["sku"]
    assert made.startswith("CROWDED-") and made not in taken
