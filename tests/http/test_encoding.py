"""Public answers of the catalogue: compressed for who wants that, and tagged."""

import gzip
from typing import Any

import pytest
import raw
import shop
from answers import assert_ok, assert_private
from harness import Server

PUBLIC = "public, max-age=1, stale-while-revalidate=10"
VARY = "Accept-Encoding, Origin"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module", name="product")
def fixture_product(server: Server) -> dict[str, Any]:
    """Large enough to be compressed, and so is a list with it."""
    return shop.create(server, name="Described", description="All that is said of it. " * 100)


@pytest.fixture(name="path", params=["/api/products/{id}", "/api/products/{slug}", "/api/products"])
def fixture_path(request: pytest.FixtureRequest, product: dict[str, Any]) -> str:
    return str(request.param).format(**product)


def test_it_is_the_same_either_way(server: Server, path: str) -> None:
    plain = raw.send(server, "GET", path)
    packed = raw.send(server, "GET", path, headers=GZIP)
    assert (plain.status, packed.status) == (200, 200)
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    for answer in (plain, packed):
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["vary"] == VARY
        assert answer.headers["cache-control"] == PUBLIC


def test_head_says_what_get_would_send(server: Server, path: str) -> None:
    for headers in ({}, GZIP):
        fixed = {**headers, "X-Request-Id": "the-same-for-both"}
        get = raw.send(server, "GET", path, headers=fixed)
        head = raw.send(server, "HEAD", path, headers=fixed)
        assert (head.status, head.body) == (200, b"")
        get.headers.pop("date")
        head.headers.pop("date")
        assert head.headers == get.headers


def test_a_304_is_of_the_coding_that_is_asked_for(server: Server, path: str) -> None:
    plain = raw.send(server, "GET", path)
    packed = raw.send(server, "GET", path, headers=GZIP)
    for method in ("GET", "HEAD"):
        for asked, had, status in (
            ({}, plain, 304),
            ({}, packed, 200),
            (GZIP, packed, 304),
            (GZIP, plain, 200),
        ):
            headers = {**asked, "If-None-Match": had.headers["etag"]}
            answer = raw.send(server, method, path, headers=headers)
            assert answer.status == status
            assert answer.headers["etag"] == (packed if asked else plain).headers["etag"]
            assert answer.headers["vary"] == VARY
            assert answer.headers["cache-control"] == PUBLIC
            if status == 304:
                assert answer.body == b""
                assert "content-encoding" not in answer.headers
        both = f"{plain.headers['etag']}, W/{packed.headers['etag']}"
        for asked in ({}, GZIP):
            headers = {**asked, "If-None-Match": both}
            assert raw.send(server, method, path, headers=headers).status == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip"),
        ("*", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("*;q=0", None),
        ("br", None),
        ("", None),
    ],
)
def test_the_client_chooses(server: Server, path: str, accepted: str, coding: str | None) -> None:
    answer = raw.send(server, "GET", path, headers={"Accept-Encoding": accepted})
    assert answer.status == 200
    assert answer.headers.get("content-encoding") == coding


def test_what_is_small_or_private_or_an_error_is_sent_as_it_is(
    server: Server, product: dict[str, Any]
) -> None:
    small = shop.create(server, name="Small")
    answer = server.get(f"/api/products/{small['id']}", headers=GZIP)
    assert "Content-Encoding" not in answer.headers and answer.headers["Vary"] == VARY
    token = server.admin_token()
    for path in (f"/api/products/{product['id']}?status=any", "/api/products?status=any"):
        answer = server.get(path, headers=GZIP, token=token)
        assert answer.status_code == 200 and len(answer.content) > 1024
        assert_private(answer)
    assert_private(server.get(f"/api/products/{'no-such' * 300}", headers=GZIP))


def test_a_list_is_tagged_by_what_is_in_it(server: Server) -> None:
    product = shop.create(server, name="Listed", brand="Tagged")
    path = "/api/products?brand=Tagged"
    seen = set()
    for price in range(5):
        shop.edit(server, product, price=price)
        first = server.get(path)
        assert assert_ok(first)["items"][0]["price"] == price
        etag = first.headers["ETag"]
        assert etag not in seen
        seen.add(etag)
        again = server.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    # The same content has the same tag, whoever rendered it and when.
    shop.edit(server, product, price=4)
    assert server.get(path).headers["ETag"] == etag
    assert server.get(f"{path}&sort=price").headers["ETag"] == etag


def test_an_editor_may_use_either_tag(server: Server) -> None:
    product = shop.create(server, name="Edited", description="At length. " * 200)
    path = f"/api/products/{product['id']}"
    etag = server.get(path, headers=GZIP).headers["ETag"]
    assert etag.endswith('-gzip"')
    token = server.admin_token()
    answer = server.patch(path, token=token, json={"price": 1}, headers={"If-Match": etag})
    assert_ok(answer)
    answer = server.patch(path, token=token, json={"price": 2}, headers={"If-Match": etag})
    assert answer.status_code == 412


def test_without_a_cache_it_is_no_different(server: Server, product: dict, make_server) -> None:
    bare = make_server(server.databases, server.database, CATALOGUE_CACHE_MB="0").start()
    for path in (f"/api/products/{product['id']}", "/api/products?limit=1"):
        for headers in ({}, GZIP):
            fixed = {**headers, "X-Request-Id": "the-same-for-both"}
            wanted = raw.send(server, "GET", path, headers=fixed)
            found = raw.send(bare, "GET", path, headers=fixed)
            for answer in (wanted, found):
                answer.headers.pop("date")
            assert found == wanted
            tagged = {**headers, "If-None-Match": wanted.headers["etag"]}
            assert raw.send(bare, "GET", path, headers=tagged).status == 304
