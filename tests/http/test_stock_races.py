"""Nothing is sold twice, whoever asks at the same moment."""

import os
import random
import time
from collections import Counter

import pytest
import requests
import stock
from answers import assert_ok
from harness import Server
from people import make_person
from test_races import codes, tally
from threads import at_once

pytestmark = pytest.mark.race

# SecantusDB for Python takes some hundred milliseconds for each transaction.
IS_SLOW = os.environ.get("AIZY_TEST_MONGO", "") == "py"
CLIENTS = 40 if IS_SLOW else 200
STOCK = 10 if IS_SLOW else 50
RETRY = 503


@pytest.fixture(scope="module", name="shop_server")
def fixture_shop_server(make_server, databases) -> Server:
    """Its limits let one person be all clients."""
    return make_server(databases, RESERVATIONS_PER_CALLER="100000",
                       RESERVED_UNITS_PER_CALLER="1000000").prepare().start()


@pytest.fixture(scope="module", name="tokens")
def fixture_tokens(shop_server: Server) -> list[str]:
    return [make_person(shop_server).token for _ in range(10)]


def until_answered(call) -> requests.Response:
    """As a client does that is asked to come back."""
    for _ in range(50):
        answer = call()
        if answer.status_code != RETRY:
            return answer
        assert answer.headers["Retry-After"] == "1", answer.text
        time.sleep(random.uniform(0.05, 0.3))
    raise AssertionError("still busy")


def test_one_sku_and_all_clients(shop_server: Server, tokens: list[str]) -> None:
    sku = stock.stocked(shop_server, STOCK)
    answers = at_once(
        lambda number: until_answered(
            lambda: stock.reserve(shop_server, (sku, 1), token=tokens[number % len(tokens)])),
        CLIENTS,
    )
    assert tally(answers) == {201: STOCK, 422: CLIENTS - STOCK}
    assert codes(answers, 422) == {"insufficient_stock"}
    assert stock.amounts(shop_server, sku) == (STOCK, STOCK, 0)
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == STOCK
    assert len(stock.movements(shop_server, sku)) == 1 + STOCK
    stock.assert_verified(shop_server)


def test_two_processes_and_one_sku(make_server, shop_server: Server, tokens: list[str]) -> None:
    second = make_server(
        shop_server.databases, shop_server.database, RESERVATIONS_PER_CALLER="100000",
        RESERVED_UNITS_PER_CALLER="1000000").start()
    sku = stock.stocked(shop_server, STOCK // 2)
    answers = at_once(
        lambda number: until_answered(
            lambda: stock.reserve((shop_server, second)[number % 2], (sku, 1),
                                  token=tokens[number % len(tokens)])),
        CLIENTS // 2,
    )
    assert tally(answers) == {201: STOCK // 2, 422: CLIENTS // 2 - STOCK // 2}
    stock.assert_verified(shop_server)
    second.stop()


def test_baskets_in_opposite_orders(shop_server: Server, tokens: list[str]) -> None:
    skus = [stock.stocked(shop_server, 12) for _ in range(3)]
    count = 12 if IS_SLOW else 48

    def basket(number: int) -> list[tuple[str, int]]:
        order = skus if number % 2 else skus[::-1]
        return [(sku, 1) for sku in order]

    begun = time.monotonic()
    answers = at_once(
        lambda number: until_answered(lambda: stock.reserve(
            shop_server, *basket(number), token=tokens[number % len(tokens)])), count)
    assert tally(answers)[201] == 12
    assert tally(answers)[422] == count - 12
    for sku in skus:
        assert stock.amounts(shop_server, sku) == (12, 12, 0)
    assert time.monotonic() - begun < 60
    stock.assert_verified(shop_server)


def test_every_end_at_once(shop_server: Server, tokens: list[str]) -> None:
    """Commit, release and the expiry: one comes, the others say so or find it done."""
    rounds = 3 if IS_SLOW else 8
    ends: Counter = Counter()
    for _ in range(rounds):
        sku = stock.stocked(shop_server, 5)
        made = stock.reserved(shop_server, (sku, 2), ttl=1, token=tokens[0])
        # Its time is over while the ends are on their way: when they come is what is tested.
        time.sleep(0.96)
        answers = at_once(
            lambda number, made=made: until_answered(lambda: stock.end(
                shop_server, made, "commit" if number % 2 else "release",
                token=shop_server.admin_token() if number % 2 else tokens[0])), 10)
        assert set(tally(answers)) <= {200, 409}
        assert codes(answers, 409) <= {"reservation_ended"}
        status = stock.shown(shop_server, made)["status"]
        ends[status] += 1
        told = {answer.json()["status"] for answer in answers if answer.status_code == 200}
        assert told <= {status}, (told, status)
        on_hand = 3 if status == "committed" else 5
        assert stock.amounts(shop_server, sku) == (on_hand, 0, on_hand)
        assert len(stock.movements(shop_server, sku)) == 3
    print(f"ends: {dict(ends)}")
    stock.assert_verified(shop_server)


def test_twins_reserve_once(shop_server: Server, tokens: list[str]) -> None:
    sku = stock.stocked(shop_server, 50)
    headers = {"Idempotency-Key": f"twins-of-{sku}"}
    answers = at_once(
        lambda _: stock.reserve(shop_server, (sku, 1), token=tokens[0], headers=headers), 30)
    assert set(tally(answers)) <= {201, 409, RETRY}
    assert codes(answers, 409) <= {"in_progress"}
    done = {answer.content for answer in answers if answer.status_code == 201}
    assert len(done) == 1
    assert stock.amounts(shop_server, sku) == (50, 1, 49)
    again = stock.reserve(shop_server, (sku, 1), token=tokens[0], headers=headers)
    assert again.content in done


class Model:
    """What levels must be after the operations that were done."""

    def __init__(self) -> None:
        self.stock: dict[str, int] = {}
        self.reserved: Counter = Counter()
        self.active: dict[str, list[tuple[str, int]]] = {}

    def can(self, lines: list[tuple[str, int]]) -> bool:
        return all(self.stock[sku] - self.reserved[sku] >= number for sku, number in lines)

    def reserve(self, made: str, lines: list[tuple[str, int]]) -> None:
        self.active[made] = lines
        for sku, number in lines:
            self.reserved[sku] += number

    def end(self, made: str, is_sold: bool) -> None:
        for sku, number in self.active.pop(made):
            self.reserved[sku] -= number
            self.stock[sku] -= number if is_sold else 0


@pytest.mark.parametrize("seed", range(3))
def test_a_model_and_the_shop_agree(shop_server: Server, tokens: list[str], seed: int) -> None:
    chance = random.Random(seed)
    model = Model()
    for _ in range(4):
        number = chance.randrange(12)
        model.stock[stock.stocked(shop_server, number)] = number
    skus = list(model.stock)
    ended: list[dict] = []
    for _ in range(30 if IS_SLOW else 120):
        kind = chance.choice(["reserve", "reserve", "commit", "release", "adjust", "again"])
        if kind == "reserve":
            lines = [(sku, chance.randrange(1, 5)) for sku in chance.sample(skus, 2)]
            answer = stock.reserve(shop_server, *lines, token=tokens[0])
            assert answer.status_code == (201 if model.can(lines) else 422), answer.text
            if answer.status_code == 201:
                model.reserve(answer.json()["id"], lines)
        elif kind == "adjust":
            sku, delta = chance.choice(skus), chance.choice([-4, -3, -1, 1, 2, 5])
            fits = model.can([(sku, -delta)])
            answer = stock.adjust(shop_server, sku, delta)
            assert answer.status_code == (200 if fits or delta > 0 else 422), answer.text
            model.stock[sku] += delta if answer.status_code == 200 else 0
        elif kind == "again" and ended:
            made = chance.choice(ended)
            same = stock.end(shop_server, made, "commit")
            assert same.status_code == (200 if made["status"] == "committed" else 409)
        elif model.active and kind in ("commit", "release"):
            made = chance.choice(list(model.active))
            ended.append(assert_ok(stock.end(shop_server, {"id": made}, kind, **(
                {"token": tokens[0]} if kind == "release" else {}))))
            model.end(made, kind == "commit")
    for sku in skus:
        left = model.stock[sku] - model.reserved[sku]
        assert stock.amounts(shop_server, sku) == (model.stock[sku], model.reserved[sku], left)
    stock.assert_verified(shop_server)


def test_many_at_once_and_the_ledger(shop_server: Server, tokens: list[str]) -> None:
    """Everything there is, at once, also what editors do; then the ledger is verified."""
    skus = [stock.stocked(shop_server, 30) for _ in range(3)]
    products = [stock.level(shop_server, sku)["product_id"] for sku in skus]
    admin = shop_server.admin_token()

    def call(number: int) -> requests.Response:
        sku = skus[number % 3]
        if number % 5 == 0:
            return stock.adjust(shop_server, sku, 1)
        if number % 7 == 0:
            path = f"/api/products/{products[number % 3]}"
            return shop_server.patch(path, json={"stock": 60 + number}, token=admin)
        made = stock.reserve(shop_server, (sku, 1), (skus[(number + 1) % 3], 1),
                             token=tokens[number % len(tokens)], ttl=1 + number % 3)
        if made.status_code != 201:
            return made
        return stock.end(shop_server, made.json(), "commit" if number % 2 else "release",
                         **({} if number % 2 else {"token": tokens[number % len(tokens)]}))

    answers = at_once(call, 20 if IS_SLOW else 60)
    assert set(tally(answers)) <= {200, 400, 409, 422, RETRY}, tally(answers)
    assert tally(answers)[200] > 10
    stock.assert_verified(shop_server)
