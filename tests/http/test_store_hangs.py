"""A store that hangs: its connections stay open and nothing comes. Nothing else may wait for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import requests
import shop
from harness import Server
from outage import (
    Call,
    assert_alive_all_along,
    assert_down,
    catalogue_calls,
    people_calls,
    quickly,
    wait_down,
    wait_readiness,
    wait_up,
)
from people import Person, make_person

STORE_TIMEOUT_S = 1.0
# The drivers' grace for the server's own refusal, connecting anew, and a second try of a read.
SLACK_S = 4.0
# What has nothing to do with the store that hangs.
FAST_S = 1.0


@pytest.fixture(scope="module", name="lone")
def fixture_lone(own_databases, make_server) -> Server:
    limit = str(int(STORE_TIMEOUT_S * 1000))
    made = make_server(own_databases, STORE_TIMEOUT_MS=limit, STORE_CONNECT_TIMEOUT_MS=limit)
    return made.prepare().start()


@pytest.fixture(scope="module", name="person")
def fixture_person(lone: Server) -> Person:
    return make_person(lone, "manager")


@pytest.fixture(scope="module", name="product")
def fixture_product(lone: Server) -> dict:
    return shop.create(lone, name="Survives")


@pytest.fixture(autouse=True)
def fixture_all_is_well(lone: Server) -> None:
    """Whatever the test before left behind."""
    wait_readiness(lone, 200, status="ok")


@contextmanager
def hanging(database) -> Iterator[None]:
    database.pause()
    try:
        yield
    finally:
        database.resume()


def at_the_same_time(calls: list[Call], copies: int) -> tuple[list[threading.Thread], list[int]]:
    """Started, not awaited; the list fills with the answers' status, 0 for none."""
    statuses: list[int] = []

    def run(call: Call) -> None:
        try:
            statuses.append(call().status_code)
        except requests.RequestException:
            statuses.append(0)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls * copies]
    for thread in threads:
        thread.start()
    return threads, statuses


def test_mysql_hangs(lone: Server, person: Person, product: dict) -> None:
    people, catalogue = people_calls(lone, person), catalogue_calls(lone, product)
    with hanging(lone.databases.mysql):
        assert_down(people, STORE_TIMEOUT_S + SLACK_S)
        for call in catalogue:
            assert quickly(call, FAST_S).status_code == 200
        assert_alive_all_along(lone)
        wait_readiness(lone, 200, status="degraded", mysql="down", mongo="up")
    wait_up(people_calls(lone, person)[:2])
    wait_readiness(lone, 200, status="ok")


def test_mongodb_hangs(lone: Server, person: Person, product: dict) -> None:
    people, catalogue = people_calls(lone, person), catalogue_calls(lone, product)
    with hanging(lone.databases.mongo):
        wait_down(catalogue, STORE_TIMEOUT_S + SLACK_S)
        for call in people[:3]:
            assert quickly(call, FAST_S).status_code < 300
        assert_alive_all_along(lone)
        wait_readiness(lone, 200, status="degraded", mysql="up", mongo="down")
    wait_up(catalogue)
    wait_readiness(lone, 200, status="ok")


def test_many_wait_for_mysql_and_the_catalogue_for_none(
    lone: Server, person: Person, product: dict
) -> None:
    with hanging(lone.databases.mysql):
        begun = time.monotonic()
        threads, statuses = at_the_same_time(people_calls(lone, person)[:2], 20)
        while any(thread.is_alive() for thread in threads):
            for call in catalogue_calls(lone, product):
                assert quickly(call, FAST_S).status_code == 200
        for thread in threads:
            thread.join()
        assert statuses == [503] * 40
        # Once the store is known to hang nobody waits for it any more.
        assert time.monotonic() - begun < 5 * (STORE_TIMEOUT_S + SLACK_S)
    wait_up(people_calls(lone, person)[:2])


def test_many_wait_for_mongodb_and_people_for_none(
    lone: Server, person: Person, product: dict
) -> None:
    with hanging(lone.databases.mongo):
        begun = time.monotonic()
        # Each asks something else, so that none is answered from memory.
        calls = [partial(lone.get, f"/api/products?min_price={number}") for number in range(40)]
        threads, statuses = at_the_same_time(calls, 1)
        while any(thread.is_alive() for thread in threads):
            assert quickly(people_calls(lone, person)[0], FAST_S).status_code == 200
        for thread in threads:
            thread.join()
        assert statuses == [503] * 40
        assert time.monotonic() - begun < 5 * (STORE_TIMEOUT_S + SLACK_S)
    wait_up(catalogue_calls(lone, product))


def test_once_known_to_hang_it_is_answered_at_once(
    lone: Server, person: Person, product: dict
) -> None:
    """The breaker: one probes, the others are told so."""
    for name, database, calls in (
        ("mysql", lone.databases.mysql, people_calls(lone, person)[:2]),
        ("mongo", lone.databases.mongo, catalogue_calls(lone, product)[:2]),
    ):
        with hanging(database):
            wait_readiness(lone, 200, status="degraded", **{name: "down"})
            for call in calls * 5:
                assert quickly(call, FAST_S).status_code == 503
        wait_up(calls)


def test_it_ends_while_a_store_hangs(lone: Server, person: Person, make_server) -> None:
    """Within what a call may take, not after SHUTDOWN_TIMEOUT_MS has run out."""
    limit = str(int(STORE_TIMEOUT_S * 1000))
    started = make_server(lone.databases, lone.database, STORE_TIMEOUT_MS=limit,
                          STORE_CONNECT_TIMEOUT_MS=limit,
                          JWT_SECRET=lone.environment["JWT_SECRET"]).start()
    with hanging(lone.databases.mysql):
        threads, statuses = at_the_same_time(people_calls(started, person)[:1], 4)
        started.stop()
        for thread in threads:
            thread.join()
    # Answered, or too late to be taken on.
    assert set(statuses) <= {503, 0}
    wait_up(people_calls(lone, person)[:2])
