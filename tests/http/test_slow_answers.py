"""An answer that takes longer to make than answers may be stale is served from memory, too."""

import threading
import time

import exposition
import pytest
import requests
import shop
from answers import assert_ok
from harness import Server
from outage import wait_readiness

from tools.dev import processes

STALE_S = 0.5
SOON_S = 3.0
PATH = "/api/products?brand=Slow"


@pytest.fixture(scope="module", name="server")
def fixture_server(own_databases, make_server) -> Server:
    made = make_server(
        own_databases, CATALOGUE_LIST_STALE_MS=str(int(STALE_S * 1000)),
        STORE_TIMEOUT_MS="5000", STORE_CONNECT_TIMEOUT_MS="5000")
    return made.prepare().start()


def figure(server: Server, name: str) -> float:
    family = exposition.parse(server.get("/metrics").text)[f"aizy_{name}"]
    return sum(family.samples.values())


def wait_until_stale(since: float) -> None:
    """Until what was true then is older than an answer may be."""
    assert processes.wait_until(lambda: time.monotonic() - since > STALE_S, SOON_S)


def ask_slowly(server: Server) -> requests.Response:
    """The store is asked, and answers when the answer is older than it may be."""
    answers: list[requests.Response] = []
    asking = threading.Thread(target=lambda: answers.append(server.get(PATH)))
    misses = figure(server, "cache_misses_total")
    server.databases.mongo.pause()
    try:
        asking.start()
        assert processes.wait_until(lambda: figure(server, "cache_misses_total") > misses, SOON_S)
        wait_until_stale(time.monotonic())
    finally:
        server.databases.mongo.resume()
    asking.join()
    assert answers[0].elapsed.total_seconds() > STALE_S
    wait_readiness(server, 200, status="ok", change_stream="up")
    return answers[0]


def test_it_is_kept_until_something_changes(server: Server) -> None:
    shop.create(server, name="Slow to find", brand="Slow")
    answer = ask_slowly(server)
    hits = figure(server, "cache_hits_total")
    assert assert_ok(server.get(PATH)) == assert_ok(answer)
    assert figure(server, "cache_hits_total") == hits + 1
    # Nobody has changed anything.
    wait_until_stale(time.monotonic())
    assert_ok(server.get(PATH))
    assert figure(server, "cache_hits_total") == hits + 2
    with server.databases.mongo.connect() as client:
        products = client[server.database].products
        changed = products.update_one({"slug": "slow-to-find"}, {"$set": {"name": "Found"}})
        assert changed.matched_count == 1
    # The change stream tells, and what is in doubt lives no longer than it may be stale.
    assert processes.wait_until(
        lambda: shop.names(assert_ok(server.get(PATH))) == ["Found"], STALE_S + SOON_S)
