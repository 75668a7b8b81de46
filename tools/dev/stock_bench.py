"""./dev stock: how fast a release build reserves, and that no piece is ever reserved twice."""

import argparse
import http.client
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from .bench_server import STORES, Aizy
from .build import build
from .databases import Databases
from .errors import DevError
from .load import Load, Wrk
from .locations import REPOSITORY
from .progress import run_step, say, step
from .scratch import scratch_folder

SECONDS = 10
ROUNDS = 3
CLIENTS = 200
PIECES = 50
CONNECTIONS = 64
SKUS = 1000
# A person's reservations wait for each other, so that limits are exact.
PEOPLE = 100
VARIANTS = 100
PLENTY = 100_000_000
RETRY_S = 0.2
SCRIPT = REPOSITORY / "bench" / "reserve.lua"
RESERVE = "/api/inventory/reservations"
JSON_TYPE = {"Content-Type": "application/json"}
# Nothing but the stock may say no.
LIMITS = {"RESERVATIONS_PER_CALLER": "1000000", "RESERVED_UNITS_PER_CALLER": "1000000000"}


class Shop(Aizy):
    """With an administrator, who sells."""

    def start(self) -> None:
        self.environment |= LIMITS
        self.environment |= {"ADMIN_EMAIL": "shop@example.com", "ADMIN_PASSWORD": "a long password"}
        for arguments in (["migrate", "up"], ["admin", "create"]):
            command = [str(self.program), *arguments]
            run_step(f"aizy {arguments[0]}", command, environment=self.environment)
        self.launch([str(self.program), "serve"], self.environment, "/readyz")

    def headers(self) -> dict[str, str]:
        person = {"email": "shop@example.com", "password": "a long password"}
        token = self.post("/auth/login", json.dumps(person))["access_token"]
        return {**JSON_TYPE, "Authorization": f"Bearer {token}"}

    def person(self, number: int) -> str:
        """The access token of a new customer."""
        body = {"email": f"person-{number}@example.com", "password": "another long one",
                "name": "A Person"}
        return str(self.post("/auth/register", json.dumps(body))["access_token"])

    def make(self, name: str, count: int, stock: int) -> list[str]:
        """The SKUs of a new product with so many variants."""
        sizes = [f"{number}" for number in range(count)]
        body = {
            "name": name,
            "options": [{"name": "Size", "values": sizes}],
            "variants": [{"options": {"Size": size}, "price": 1, "stock": stock,
                          "sku": f"{name}-{size}"} for size in sizes],
        }
        answer = self.ask("POST", "/api/products", self.headers(), json.dumps(body))
        if answer.status != 201:
            raise DevError(f"the product is refused: {answer.body}")
        return [variant["sku"] for variant in json.loads(answer.body)["variants"]]

    def level(self, sku: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/api/inventory/{sku}", self.headers())
        return dict(json.loads(answer.body))


def stock(arguments: argparse.Namespace) -> int:
    seconds, rounds = _number(arguments.seconds, SECONDS), _number(arguments.rounds, ROUNDS)
    program = build("release", "aizy")
    with scratch_folder() as folder:
        databases = Databases(folder, wanted=STORES, mongo=arguments.mongo)
        with step("databases"):
            databases.start()
        shop = Shop(program, databases, folder)
        try:
            shop.start()
            races = [_race(shop, number) for number in range(rounds)]
            _throughput(shop, seconds, folder)
            return 0 if _verified(shop) and all(races) else 1
        finally:
            shop.stop()
            databases.stop()


def _number(text: str, default: int) -> int:
    if not (text or str(default)).isdigit():
        raise DevError(f"{text!r} should be a whole number")
    return int(text or default)


def _body(sku: str) -> str:
    return json.dumps({"lines": [{"sku": sku, "quantity": 1}]})


def _race(shop: Shop, number: int) -> bool:
    """CLIENTS ask for one of PIECES at the same moment, again when they are told to."""
    sku = shop.make(f"race-{number}", 1, PIECES)[0]
    headers = shop.headers()
    statuses: list[int] = []
    gate = threading.Barrier(CLIENTS + 1)

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
        gate.wait()
        status = 503
        while status == 503:
            connection.request("POST", RESERVE, _body(sku), headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
            statuses.append(status)
            time.sleep(RETRY_S if status == 503 else 0)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.monotonic()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    level = shop.level(sku)
    line = {"race": number + 1, "clients": CLIENTS, "pieces": PIECES,
            "winners": statuses.count(201), "sold_out": statuses.count(422),
            "asked_to_return": statuses.count(503), "reserved": level["reserved"],
            "seconds": round(took, 2)}
    say(json.dumps(line))
    return line["winners"] == level["reserved"] == PIECES


def _throughput(shop: Shop, seconds: int, folder: Path) -> None:
    with step(f"{SKUS} SKUs"):
        many = [sku for number in range(SKUS // VARIANTS)
                for sku in shop.make(f"many-{number}", VARIANTS, PLENTY)]
    with step(f"{PEOPLE} people"):
        tokens = [shop.person(number) for number in range(PEOPLE)]
    hot = shop.make("hot", 1, PLENTY)
    for name, skus in (("one hot SKU", hot), (f"{SKUS} SKUs", many)):
        bodies = [_body(sku) for sku in (skus if len(skus) > 1 else skus * len(tokens))]
        # The script's words: how many tokens, the tokens, the bodies.
        load = Load(shop.url + RESERVE, str(len(tokens)), JSON_TYPE, [*tokens, *bodies],
                    CONNECTIONS, SCRIPT)
        figures = Wrk(load, seconds, folder / "wrk.log").figures()
        say(json.dumps({"reserve": name, "per_second": round(figures.requests_per_second, 1),
                        "p50_ms": round(figures.p50_ms, 1), "p99_ms": round(figures.p99_ms, 1),
                        "answers": figures.answers, "errors": figures.errors}))


def _verified(shop: Shop) -> bool:
    begun = time.monotonic()
    done = subprocess.run([str(shop.program), "inventory", "verify"], env=shop.environment,
                          capture_output=True, text=True, check=False)
    say(f"{done.stdout.strip()}: {time.monotonic() - begun:.1f} s")
    return done.returncode == 0
