"""The table of what ./dev bench measures."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .bench_server import Aizy, BareH2o, BenchServer
from .load import Load

CONNECTIONS = 64
# Enough to keep every core busy with passwords, few enough to be let in all.
LOGIN_CONNECTIONS = 16
CONSTANT = "/healthz"
LIST = "/api/products"
JSON_TYPE = {"Content-Type": "application/json"}


class Subjects(NamedTuple):
    """What is measured; bare: by the path of aizy's whose answer it repeats.

    over_socket: aizy again, with MariaDB's socket instead of TCP.
    """

    aizy: Aizy
    over_socket: Aizy
    bare: Mapping[str, BareH2o]


class Scenario(NamedTuple):
    """One row: who is asked for what, by how many at once, and beside which other row.

    is_bare: libh2o alone is asked, and answers what aizy does on that path.
    """

    name: str
    path: Callable[[Aizy], str]
    about: str
    method: str = "GET"
    headers: Callable[[Aizy], Mapping[str, str]] = lambda _: {}
    bodies: Callable[[Aizy], Sequence[str]] = lambda _: []
    connections: int = CONNECTIONS
    is_bare: bool = False
    by_socket: bool = False
    hashes: bool = False
    beside: str = ""

    def subject(self, subjects: Subjects) -> BenchServer:
        if self.is_bare:
            return subjects.bare[self.path(subjects.aizy)]
        return subjects.over_socket if self.by_socket else subjects.aizy

    def load(self, subjects: Subjects) -> Load:
        aizy = subjects.aizy
        return Load(
            self.subject(subjects).url + self.path(aizy),
            self.method,
            self.headers(aizy),
            self.bodies(aizy),
            self.connections,
        )


def _fixed(path: str) -> Callable[[Aizy], str]:
    return lambda _: path


def _product(aizy: Aizy) -> str:
    return f"/api/products/{aizy.product_id()}"


def _bearer(aizy: Aizy) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {aizy.token()}"}


# In the order of a round. A row that runs beside another comes right after the quiet one that it is
# compared with, so that the two alternate.
SCENARIOS = (
    Scenario("bare", _fixed(CONSTANT), "libh2o alone, the bytes of constant", is_bare=True),
    Scenario("constant", _fixed(CONSTANT), "an answer that never changes: the ceiling"),
    Scenario("product", _product, "a product by its id"),
    Scenario("storm", _product, "the same while others log in", hashes=True, beside="login"),
    Scenario("bare_list", _fixed(LIST), "libh2o alone, the bytes of list", is_bare=True),
    Scenario("list", _fixed(LIST), "the first page of the catalogue"),
    Scenario(
        "list_gzip",
        _fixed(LIST),
        "the same, compressed, as browsers ask for it",
        headers=lambda _: {"Accept-Encoding": "gzip"},
    ),
    Scenario(
        "filter",
        _fixed("/api/products?category=seeds-bulbs&in_stock=true&sort=price"),
        "a page with filters and a sort",
    ),
    Scenario("me", _fixed("/auth/me"), "who is calling", headers=_bearer),
    Scenario(
        "me_socket",
        _fixed("/auth/me"),
        "the same, MariaDB by its socket",
        headers=_bearer,
        by_socket=True,
    ),
    Scenario(
        "login",
        _fixed("/auth/login"),
        "e-mail and password",
        method="POST",
        headers=lambda _: JSON_TYPE,
        bodies=Aizy.logins,
        connections=LOGIN_CONNECTIONS,
        hashes=True,
    ),
)


class Ratio(NamedTuple):
    """A member of one scenario over the same of another, and what it should be, if anything."""

    name: str
    about: str
    over: str
    under: str
    member: str
    at_least: float | None = None
    at_most: float | None = None


RATIOS = (
    Ratio(
        "constant_to_bare",
        "constant answer : bare libh2o, requests/s",
        "constant",
        "bare",
        "requests_per_second",
        at_least=0.9,
    ),
    Ratio(
        "product_to_constant",
        "product by id : constant",
        "product",
        "constant",
        "requests_per_second",
        at_least=0.8,
    ),
    Ratio(
        "list_to_constant",
        "list page 1 : constant",
        "list",
        "constant",
        "requests_per_second",
        at_least=0.8,
    ),
    Ratio(
        "list_gzip_to_constant",
        "list page 1, compressed : constant",
        "list_gzip",
        "constant",
        "requests_per_second",
        at_least=0.8,
    ),
    Ratio(
        "list_to_bare_list",
        "(list page 1 : libh2o sending the same list)",
        "list",
        "bare_list",
        "requests_per_second",
    ),
    Ratio(
        "storm_p99_to_quiet",
        "p99 of product under a storm of logins : quiet",
        "storm",
        "product",
        "p99_ms",
        at_most=2.0,
    ),
)


class Limit(NamedTuple):
    """What a member of a scenario should be at most."""

    scenario: str
    about: str
    member: str
    at_most: float


LIMITS = (
    Limit("product", "product, CPU us per answer", "cpu_us_per_answer", 12),
    Limit("list", "list page 1, CPU us per answer", "cpu_us_per_answer", 12),
    Limit("list_gzip", "list page 1, compressed, CPU us per answer", "cpu_us_per_answer", 12),
    Limit("me", "/auth/me, CPU us per answer", "cpu_us_per_answer", 40),
    Limit("me_socket", "/auth/me by the socket, CPU us per answer", "cpu_us_per_answer", 40),
)
