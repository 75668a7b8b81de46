"""Bodies: strict JSON, strict types, no unknown members, and every violation at once."""

import json
import secrets

import pytest
from answers import assert_alive, assert_clear_refusal, assert_error, assert_invalid, assert_ok
from harness import Server
from people import rows

JSON = {"Content-Type": "application/json"}

MALFORMED = {
    "empty": b"",
    "white space": b"  \r\n\t ",
    "open object": b'{"name": "A", "price": 1',
    "open string": b'{"name": "A',
    "garbage behind": b'{"name": "A", "price": 1} x',
    "two values": b'{"name": "A", "price": 1}{"name": "B", "price": 1}',
    "duplicate names": b'{"name": "A", "name": "B", "price": 1}',
    "duplicate names, escaped": b'{"name": "A", "n\\u0061me": "B", "price": 1}',
    "duplicate names, nested": b'{"name": "A", "price": 1, "seo": {"title": "a", "title": "b"}}',
    "NUL": b'{"name": "A\x00B", "price": 1}',
    "escaped NUL": b'{"name": "A\\u0000B", "price": 1}',
    "NUL in a name": b'{"na\\u0000me": "A", "price": 1}',
    "NUL behind": b'{"name": "A", "price": 1}\x00',
    "NUL behind a number": b'{"name": "A", "price": 1\x00}',
    "NUL behind a word": b'{"name": "A", "price": 1, "track_stock": true\x00}',
    "lone high surrogate": b'{"name": "A\\ud83d", "price": 1}',
    "lone low surrogate": b'{"name": "A\\ude00", "price": 1}',
    "swapped surrogates": b'{"name": "\\ude00\\ud83d", "price": 1}',
    "surrogate in UTF-8": b'{"name": "\xed\xa0\xbd", "price": 1}',
    "bad UTF-8": b'{"name": "\xff\xfe", "price": 1}',
    "overlong UTF-8": b'{"name": "\xc0\xaf", "price": 1}',
    "cut UTF-8": b'{"name": "\xe2\x82", "price": 1}',
    "above Unicode": b'{"name": "\xf4\x90\x80\x80", "price": 1}',
    "control in a string": b'{"name": "A\x01", "price": 1}',
    "line end in a string": b'{"name": "A\nB", "price": 1}',
    "BOM": b'\xef\xbb\xbf{"name": "A", "price": 1}',
    "UTF-16": '{"name": "A", "price": 1}'.encode("utf-16"),
    "too deep": b'{"name": ' + b"[" * 65 + b"]" * 65 + b"}",
    "a million deep": b"[" * 1_000_000,
    "1e999": b'{"name": "A", "price": 1e999}',
    "-1e999": b'{"name": "A", "price": -1e999}',
    "very long number": b'{"name": "A", "price": ' + b"9" * 400 + b"}",
    "above INT64": b'{"name": "A", "price": 9223372036854775808}',
    "below INT64": b'{"name": "A", "price": -9223372036854775809}',
    "NaN": b'{"name": "A", "price": NaN}',
    "Infinity": b'{"name": "A", "price": Infinity}',
    "hexadecimal": b'{"name": "A", "price": 0x10}',
    "leading zero": b'{"name": "A", "price": 010}',
    "leading plus": b'{"name": "A", "price": +1}',
    "no digit": b'{"name": "A", "price": 1.}',
    "single quotes": b"{'name': 'A', 'price': 1}",
    "comma behind": b'{"name": "A", "price": 1,}',
    "comment": b'{"name": "A", /* no */ "price": 1}',
    "bare words": b'{name: "A", price: 1}',
    "form": b"name=A&price=1",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_strict_json(server: Server, data: bytes) -> None:
    answer = server.post("/api/products", headers=JSON, data=data, token=server.admin_token())
    assert_error(answer, 400, "malformed_json")
    if len(data) < 1000:
        assert_error(server.post("/auth/login", headers=JSON, data=data), 400, "malformed_json")
    assert_alive(server)


@pytest.mark.parametrize("data", [b"null", b"[]", b'"text"', b"1", b"true", b'[{"name": "A"}]'])
def test_what_is_json_but_no_object(server: Server, data: bytes) -> None:
    for path in ("/api/products", "/auth/login", "/auth/register"):
        answer = server.post(path, headers=JSON, data=data, token=server.admin_token())
        body = assert_error(answer, 400, "invalid")
        assert "must be an object" in body["fields"][0]["message"]


def test_any_way_to_write_strict_json_is_fine(server: Server) -> None:
    data = b' \r\n\t{"\\u006eame":"\\ud83d\\ude00 \\"\\t\\\\\\/", "price" : 1 }\n'
    token = server.admin_token()
    answer = server.post("/api/products", headers=JSON, data=data, token=token)
    assert_invalid(answer, name="control characters")
    answer = server.post("/api/products", headers=JSON, data=data.replace(b"\\t", b""), token=token)
    assert assert_ok(answer, 201)["name"] == '\U0001f600 "\\/'


def post(server: Server, **members: object):
    return server.post("/api/products", json=members, token=server.admin_token())


def test_every_violation_is_listed(server: Server) -> None:
    answer = post(
        server,
        nmae="A typo",
        price=-1,
        slug="Not A Slug",
        currency="EURO",
        status="gone",
        tags="a, b",
        images=[{"url": "ftp://example.com/x"}, {"alt": "no address"}],
        seo={"title": 1, "keywords": "x"},
        version=7,
    )
    assert_invalid(
        answer,
        name="is required",
        nmae="is not known here",
        price="must be from 0",
        slug="lower-case",
        currency="",
        status="must be one of: draft, active, archived",
        tags="must be a list of strings",
        images_0___url="http or https",
        images_1___url="is required",
        seo__title="must be a string",
        seo__keywords="is not known here",
        version="is not known here",
    )


READ_ONLY = ["id", "version", "created_at", "updated_at", "price_max", "in_stock", "stock_seq",
             "sort_name", "_id", "variants_given", "__proto__", "constructor"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_not_settable_is_not_known(server: Server, name: str) -> None:
    answer = post(server, name="A", price=1, **{name: "x"})
    body = assert_error(answer, 400, "invalid")
    assert body["fields"] == [{"field": name, "message": "is not known here"}]


@pytest.mark.parametrize("name", ["a.b", "$gt", "$where", "", " ", "x" * 5000, "ä", "\u202e"])
def test_names_that_mean_something_elsewhere_are_unknown(server: Server, name: str) -> None:
    body = assert_error(post(server, name="A", price=1, **{name: 1}), 400, "invalid")
    assert body["fields"][0]["field"] == name


def test_very_many_unknown_members(server: Server) -> None:
    answer = post(server, **{f"member{number}": 1 for number in range(20_000)})
    body = assert_error(answer, 400, "invalid")
    assert 1 <= len(body["fields"]) <= 100


WRONG_TYPES = {
    "name": ([1, 1.5, True, None, [], {}], "must"),
    "description": ([1, True, [], {}], "must be a string"),
    "brand": ([1, True, [], {}], "must be a string"),
    "slug": ([1, True, [], {}, None], "must"),
    "currency": ([1, True, [], {}, None], "must"),
    "status": ([1, True, [], {}, None, "Active", "ACTIVE", ""], "must"),
    "tags": (["a", 1, True, {}, {"0": "a"}, None], "must"),
    "options": (["a", 1, True, {}, None], "must"),
    "variants": (["a", 1, True, {}, None, []], "must"),
    "images": (["a", 1, True, {}, None], "must"),
    "attributes": (["a", 1, True, [], None], "must"),
    "seo": (["a", 1, True, [], None], "must"),
    "price": ([True, [], {}, None, "abc", "", " ", "1,99", "-1", "+1", "1e3", "0x1"], "must"),
    "compare_at_price": ([True, [], {}, "abc"], "must"),
    "stock": (["1", 1.5, True, [], {}], "must be a whole number"),
    "weight_grams": (["1", 1.5, True, [], {}], "must be a whole number"),
    "track_stock": ([0, 1, "true", [], {}], "must be true or false"),
    "allow_backorder": ([0, 1, "true", [], {}], "must be true or false"),
    "sku": ([1, True, [], {}], "must be a string"),
    "barcode": ([1, True, [], {}], "must be a string"),
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_types_are_strict(server: Server, name: str) -> None:
    values, message = WRONG_TYPES[name]
    for value in values:
        body = assert_error(post(server, **{"name": "A", "price": 1, name: value}), 400, "invalid")
        assert [row["field"] for row in body["fields"]] == [name], (value, body)
        assert message in body["fields"][0]["message"], (value, body)


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ({"tags": ["a", 1]}, "tags[1]"),
        ({"tags": [None]}, "tags[0]"),
        ({"tags": [["a"]]}, "tags[0]"),
        ({"attributes": {"a": 1}}, "attributes.a"),
        ({"attributes": {"a": None}}, "attributes.a"),
        ({"attributes": {"a": {"$gt": ""}}}, "attributes.a"),
        ({"options": [1]}, "options[0]"),
        ({"options": [{"name": "S", "values": "a"}]}, "options[0].values"),
        ({"options": [{"name": {}, "values": ["a"]}]}, "options[0].name"),
        ({"images": ["https://example.com/a.jpg"]}, "images[0]"),
        ({"images": [{"url": "https://example.com/a.jpg", "width": 1}]}, "images[0].width"),
        ({"seo": {"title": []}}, "seo.title"),
    ],
)
def test_types_are_strict_inside(server: Server, member: dict, field: str) -> None:
    body = assert_error(post(server, name="A", price=1, **member), 400, "invalid")
    assert field in [row["field"] for row in body["fields"]]


def test_clients_that_exist_may_send_more(server: Server) -> None:
    """/auth/register and /auth/login ignore unknown members, and let none of them do anything."""
    email = f"{secrets.token_hex(8)}@example.com"
    sent = {"email": email, "password": "long enough to take", "name": "A"}
    hidden = {"id": 1, "role": "admin", "role_id": 4, "is_active": False, "email_verified": True,
              "permissions": ["users:write"], "app_version": "1.2", "__proto__": {"role": "admin"}}
    made = assert_ok(server.post("/auth/register", json={**sent, **hidden}), 201)["user"]
    assert (made["role"], made["permissions"], made["is_active"]) == ("customer", [], True)
    assert made["email_verified"] is False and made["id"] != 1
    roles = "SELECT r.name FROM users u JOIN roles r ON r.id = u.role_id WHERE u.id = %s"
    assert rows(server, roles, made["id"]) == [{"name": "customer"}]
    login = server.post("/auth/login", json={**sent, **hidden})
    assert assert_ok(login)["user"]["role"] == "customer"


def test_large_bodies_within_the_limit(server: Server) -> None:
    bodies = [
        {"name": "A", "price": 1, "tags": ["x"] * 200_000},
        {"name": "A", "price": 1, "attributes": {str(number): "x" for number in range(50_000)}},
        {"name": "A", "price": 1, "variants": [{"price": 1}] * 50_000},
        {"name": "A" * 1_000_000, "price": 1},
        {"name": "A", "price": 1, "description": "x" * 1_000_000},
    ]
    for body in bodies:
        assert len(json.dumps(body)) <= 1024 * 1024
        assert_clear_refusal(post(server, **body))
    assert_alive(server)
