"""Two servers over the same databases: what one writes, the other does not go on denying."""

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import exposition
import pytest
import raw
import requests
import shop
from answers import assert_ok
from harness import Server
from outage import wait_readiness

from tools.dev import processes

# So long that in these tests nothing expires by age: what shows was dropped or flushed.
NEVER_MS = "60000"
# How soon a change shows. As a rule it is milliseconds; these machines are busy.
SOON_S = 3.0
# How soon the change stream is followed again after its server is back.
BACK_S = 10.0
TIMEOUT_MS = "1000"


@pytest.fixture(scope="module", name="writer")
def fixture_writer(own_databases, make_server) -> Server:
    made = make_server(own_databases, CATALOGUE_LIST_STALE_MS=NEVER_MS)
    return made.prepare().start()


@pytest.fixture(scope="module", name="make_reader")
def fixture_make_reader(writer: Server, make_server) -> Callable[..., Server]:
    """Another process over the writer's databases."""

    def make(**settings: str) -> Server:
        common = {"JWT_SECRET": writer.environment["JWT_SECRET"],
                  "STORE_TIMEOUT_MS": TIMEOUT_MS, "STORE_CONNECT_TIMEOUT_MS": TIMEOUT_MS}
        return make_server(writer.databases, writer.database, **common, **settings).start()

    return make


@pytest.fixture(scope="module", name="reader")
def fixture_reader(make_reader: Callable[..., Server]) -> Server:
    return make_reader(CATALOGUE_LIST_STALE_MS=NEVER_MS)


def read(server: Server, product: dict[str, Any]) -> dict[str, Any]:
    return assert_ok(server.get(f"/api/products/{product['id']}"))


def edit_by_hand(server: Server, product: dict[str, Any], name: str) -> None:
    """As somebody with a shell does it: no server is told."""
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        changed = products.update_one({"slug": product["slug"]}, {"$set": {"name": name}})
        assert changed.matched_count == 1


def figure(server: Server, name: str) -> float:
    family = exposition.parse(server.get("/metrics").text)[f"aizy_{name}"]
    return sum(family.samples.values())


@pytest.mark.race
def test_a_product_is_in_memory_until_another_process_changes_it(
    writer: Server, reader: Server
) -> None:
    product = shop.create(writer, name="Followed")
    read(reader, product)
    hits = figure(reader, "cache_hits_total")
    for price in range(1, 6):
        shop.edit(writer, product, price=price)

        def shows(price: int = price) -> bool:
            return read(reader, product)["price"] == price

        assert processes.wait_until(shows, SOON_S)
        read(reader, product)
    assert figure(reader, "cache_hits_total") >= hits + 5
    assert figure(reader, "change_stream_up") == 1
    assert figure(reader, "change_stream_events_total") >= 6


WRITES = 200


@pytest.mark.slow
@pytest.mark.alone
def test_how_soon_another_process_shows_it(writer: Server, reader: Server) -> None:
    """From the writer's answer to the other's; nothing expires by age here."""
    product = shop.create(writer, name="Timed")
    path = f"/api/products/{product['id']}"
    token = writer.admin_token()
    delays_ms = []
    with requests.Session() as writing, requests.Session() as reading:
        writing.trust_env = reading.trust_env = False
        writing.headers["Authorization"] = f"Bearer {token}"
        for price in range(WRITES):
            assert reading.get(reader.url + path).status_code == 200
            assert writing.patch(writer.url + path, json={"price": price}).status_code == 200
            answered_at = time.monotonic()
            while reading.get(reader.url + path).json()["price"] != price:
                assert time.monotonic() - answered_at < SOON_S
            delays_ms.append(1000 * (time.monotonic() - answered_at))
    delays_ms.sort()
    middle, late, last = (delays_ms[round(share * (WRITES - 1))] for share in (0.5, 0.99, 1))
    print(f"shown after {middle:.1f} ms (p50), {late:.1f} ms (p99), {last:.1f} ms (all)")


def test_one_that_goes_or_loses_its_slug_is_gone(writer: Server, reader: Server) -> None:
    first = shop.create(writer, name="First", slug="to-be-had")
    second = shop.create(writer, name="Second")
    assert read(reader, {"id": "to-be-had"})["id"] == first["id"]
    shop.edit(writer, first, slug="given-up")
    shop.edit(writer, second, slug="to-be-had")

    def is_second() -> bool:
        return read(reader, {"id": "to-be-had"})["id"] == second["id"]

    assert processes.wait_until(is_second, SOON_S)
    assert read(reader, first)["slug"] == "given-up"
    shop.archive(writer, first)

    def is_gone() -> bool:
        return reader.get(f"/api/products/{first['id']}").status_code == 404

    assert processes.wait_until(is_gone, SOON_S)


def test_a_category_flushes_everything(writer: Server, reader: Server) -> None:
    shop.add_categories(writer, lamps=None)
    product = shop.create(writer, name="A lamp", category="lamps")
    path = f"/api/products/{product['id']}"
    before = reader.get(path)
    assert assert_ok(before)["category"] == "lamps"
    tagged = {"If-None-Match": before.headers["ETag"]}
    assert reader.get(path, headers=tagged).status_code == 304
    with writer.databases.mongo.connect() as client:
        categories = client[writer.database].categories
        assert categories.update_one({"slug": "lamps"}, {"$set": {"slug": "lights"}}).matched_count
    assert processes.wait_until(lambda: read(reader, product)["category"] == "lights", SOON_S)
    assert assert_ok(reader.get(path, headers=tagged))["category"] == "lights"


def test_what_a_killed_writer_wrote_shows(writer: Server, make_reader, reader: Server) -> None:
    product = shop.create(writer, name="Written to the last", price=0)
    doomed = make_reader()
    token = writer.admin_token()
    is_over = threading.Event()

    def write() -> None:
        price = 0
        while not is_over.is_set():
            price += 1
            try:
                path = f"/api/products/{product['id']}"
                doomed.patch(path, token=token, json={"price": price})
            except requests.RequestException:
                return

    thread = threading.Thread(target=write)
    thread.start()
    assert processes.wait_until(lambda: read(reader, product)["price"] > 20, SOON_S * 3)
    doomed.kill()
    is_over.set()
    thread.join()

    def agrees() -> bool:
        with writer.databases.mongo.connect() as client:
            stored = client[writer.database].products.find_one({"slug": product["slug"]})
        assert stored is not None
        return read(reader, product)["version"] == stored["version"]

    assert processes.wait_until(agrees, SOON_S)


@pytest.mark.slow
def test_after_a_restart_of_the_document_server_nothing_old_is_left(
    writer: Server, reader: Server
) -> None:
    product = shop.create(writer, name="Before")
    opened = figure(reader, "change_stream_opened_total")
    for server in (writer, reader):
        assert read(server, product)["name"] == "Before"
    writer.databases.mongo.restart()
    edit_by_hand(writer, product, "During the gap")
    for server in (writer, reader):

        def shows(server: Server = server) -> bool:
            answer = server.get(f"/api/products/{product['id']}")
            return answer.status_code == 200 and answer.json()["name"] == "During the gap"

        assert processes.wait_until(shows, BACK_S)
        wait_readiness(server, 200, status="ok", change_stream="up")
    assert figure(reader, "change_stream_opened_total") > opened
    edit_by_hand(writer, product, "Followed again")
    for server in (writer, reader):

        def follows(server: Server = server) -> bool:
            return bool(read(server, product)["name"] == "Followed again")

        assert processes.wait_until(follows, SOON_S)


@pytest.mark.slow
def test_while_the_document_server_hangs_nothing_is_served_for_longer_than_it_may_be(
    writer: Server, make_reader
) -> None:
    stale_s = 1.0
    product = shop.create(writer, name="Before the pause")
    server = make_reader(CATALOGUE_LIST_STALE_MS=str(int(stale_s * 1000)))
    read(server, product)
    in_memory_since = time.monotonic()
    # Older than what another process may have changed, but nobody has changed it.
    assert processes.wait_until(
        lambda: time.monotonic() - in_memory_since > stale_s, 2 * stale_s
    )
    hits = figure(server, "cache_hits_total")
    assert read(server, product)["name"] == "Before the pause"
    assert figure(server, "cache_hits_total") == hits + 1
    writer.databases.mongo.pause()
    try:
        paused_at = time.monotonic()

        def is_refused() -> bool:
            asked_at = time.monotonic()
            answer = server.get(f"/api/products/{product['id']}")
            assert answer.status_code == 503 or asked_at - paused_at <= stale_s
            return answer.status_code == 503

        assert processes.wait_until(is_refused, BACK_S)
        wait_readiness(server, 200, status="degraded", mongo="down", change_stream="down")
    finally:
        writer.databases.mongo.resume()
    edit_by_hand(writer, product, "After the pause")
    resumed_at = time.monotonic()

    def shows() -> bool:
        answer = server.get(f"/api/products/{product['id']}")
        if answer.status_code != 200:
            return False
        is_new = bool(answer.json()["name"] == "After the pause")
        assert is_new or time.monotonic() - resumed_at <= stale_s
        return is_new

    assert processes.wait_until(shows, BACK_S)
    wait_readiness(server, 200, status="ok", change_stream="up")
    with writer.databases.mongo.connect() as client:
        client.admin.command("ping")


def test_an_editor_reads_past_the_cache(writer: Server) -> None:
    product = shop.create(writer, name="Before", brand="Past the cache")
    path = "/api/products?brand=Past the cache"
    bypass = {"Cache-Control": "max-age=0, No-Cache"}

    def name(token: str = "", headers: dict[str, str] | None = None) -> str:
        items = assert_ok(writer.get(path, token=token, headers=headers or {}))["items"]
        return str(items[0]["name"])

    assert name() == "Before"
    edit_by_hand(writer, product, "By hand")
    # Lists are dropped by nobody's writes but this process', and age slowly here.
    assert name() == name(headers=bypass) == name("no token", bypass) == "Before"
    assert name(writer.admin_token()) == "Before"
    assert name(writer.admin_token(), bypass) == "By hand"
    assert name() == "By hand"


HERD = 200


def herd(server: Server, path: str) -> list[raw.RawAnswer]:
    """Many at once ask a store that answers only when all of them wait."""
    request = f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode()
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), BACK_S))
            for _ in range(HERD)
        ]
        server.databases.mongo.pause()
        try:
            for connection in connections:
                connection.sendall(request)
            assert processes.wait_until(lambda: figure(server, "parked_jobs") == HERD - 1, SOON_S)
        finally:
            server.databases.mongo.resume()
        return [raw.parse(raw.read_all(connection)) for connection in connections]


def store_calls(server: Server) -> float:
    calls = exposition.parse(server.get("/metrics").text)["aizy_store_calls_total"].samples
    return sum(
        count
        for (_, labels), count in calls.items()
        if dict(labels)["call"].startswith("product")
    )


@pytest.mark.race
def test_of_many_that_miss_one_asks_the_store(writer: Server) -> None:
    product = shop.create(writer, name="In demand", stock=3)
    before = store_calls(writer)
    answers = herd(writer, f"/api/products/{product['id']}")
    # The product, its stock, and what was repeated because the store hung.
    assert store_calls(writer) - before <= 4
    assert {answer.status for answer in answers} == {200}
    assert {json.loads(answer.body)["name"] for answer in answers} == {"In demand"}
    assert len({answer.headers["x-request-id"] for answer in answers}) == HERD
    assert figure(writer, "parked_jobs") == 0

    answers = herd(writer, "/api/products/in-demand-by-nobody")
    assert {answer.status for answer in answers} == {404}
    assert {json.loads(answer.body)["code"] for answer in answers} == {"not_found"}


def test_memory_stays_within_its_bound(writer: Server, make_reader) -> None:
    limit = 1024 * 1024
    shop.create(writer, name="Large", brand="Large", description="x" * 20000)
    server = make_reader(CATALOGUE_CACHE_MB="1", CATALOGUE_LIST_STALE_MS=NEVER_MS)
    plain = {"Accept-Encoding": "identity"}
    for price in range(120):
        # Each question is an entry of its own.
        answer = server.get(f"/api/products?brand=Large&max_price={1000 + price}", headers=plain)
        assert len(assert_ok(answer)["items"]) == 1
    assert 0 < figure(server, "cache_bytes") <= limit
    assert figure(server, "cache_evictions_total") >= 120 - limit / 20000
    server.stop()


def test_a_server_without_a_cache_follows_nothing(make_reader) -> None:
    server = make_reader(CATALOGUE_CACHE_MB="0")
    assert server.get("/readyz").json()["change_stream"] == "off"
    assert figure(server, "change_stream_up") == figure(server, "change_stream_opened_total") == 0
    server.stop()
