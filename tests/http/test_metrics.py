"""GET /metrics: in the format that scrapers read, for those who may, and right to the request."""

import select
import socket
import time

import pytest
import shop
from answers import assert_error, assert_headers, assert_ok
from exposition import Figures
from harness import Server
from people import make_person

from tools.dev import processes

TOKEN = "scraper-0b6f4a2c9d8e7f1a3b5c6d7e8f90"
ELSEWHERE = {"X-Forwarded-For": "192.0.2.1"}
ADDRESS_MAX = 8
# What nobody has refused, lost or dropped shows its 0.
ALWAYS = {
    "aizy_http_connections": "gauge",
    "aizy_http_connections_accepted_total": "counter",
    "aizy_http_body_memory_bytes": "gauge",
    "aizy_parked_jobs": "gauge",
    "aizy_http_request_body_bytes_total": "counter",
    "aizy_http_response_body_bytes_total": "counter",
    "aizy_cache_hits_total": "counter",
    "aizy_cache_misses_total": "counter",
    "aizy_cache_refreshes_total": "counter",
    "aizy_cache_evictions_total": "counter",
    "aizy_cache_entries": "gauge",
    "aizy_cache_bytes": "gauge",
    "aizy_change_stream_up": "gauge",
    "aizy_change_stream_behind_seconds": "gauge",
    "aizy_change_stream_events_total": "counter",
    "aizy_change_stream_flushes_total": "counter",
    "aizy_change_stream_opened_total": "counter",
    "aizy_log_lines_dropped_total": "counter",
    "process_resident_memory_bytes": "gauge",
    "process_open_fds": "gauge",
    "process_max_fds": "gauge",
    "process_threads": "gauge",
    "process_cpu_seconds_total": "counter",
    "process_start_time_seconds": "gauge",
}
# Label names of those that have them.
LABELLED = {
    "aizy_http_requests_total": ("counter", {"route", "status"}),
    "aizy_http_request_duration_seconds": ("histogram", {"route"}),
    "aizy_http_requests_abandoned_total": ("counter", {"route"}),
    "aizy_http_connections_refused_total": ("counter", {"reason"}),
    "aizy_http_connections_cut_total": ("counter", {"reason"}),
    "aizy_pool_workers": ("gauge", {"pool"}),
    "aizy_pool_busy_workers": ("gauge", {"pool"}),
    "aizy_pool_waiting": ("gauge", {"pool"}),
    "aizy_pool_queue_capacity": ("gauge", {"pool"}),
    "aizy_pool_refused_total": ("counter", {"pool"}),
    "aizy_pool_wait_seconds": ("histogram", {"pool"}),
    "aizy_store_calls_total": ("counter", {"store", "call", "outcome"}),
    "aizy_store_call_duration_seconds": ("histogram", {"store"}),
    "aizy_store_up": ("gauge", {"store"}),
    "aizy_breaker_state": ("gauge", {"store"}),
    "aizy_breaker_trials_total": ("counter", {"store"}),
    "aizy_breaker_opened_total": ("counter", {"store"}),
    "aizy_breaker_refused_total": ("counter", {"store"}),
    "aizy_build_info": ("gauge", {"version", "compiler"}),
}


@pytest.fixture(scope="module", name="guarded")
def fixture_guarded(databases, make_server) -> Server:
    limits = {"MAX_CONNECTIONS_PER_ADDRESS": str(ADDRESS_MAX)}
    return make_server(databases, METRICS_TOKEN=TOKEN, **limits).prepare().start()


def moved(server: Server, before: Figures, name: str, by: float, **labels: str) -> None:
    """By exactly as much; what an answer counts may come a moment after the answer."""

    def difference() -> float:
        return Figures(server).of(name, **labels) - before.of(name, **labels)

    processes.wait_until(lambda: difference() >= by, 5)
    assert difference() == by, (name, labels)


def test_every_family_is_there_and_well_formed(server: Server) -> None:
    person = make_person(server)
    assert_ok(server.get("/auth/me", token=person.token))
    assert_ok(server.get("/api/products"))
    families = Figures(server).families
    listed = {name: kind for name, (kind, _) in LABELLED.items()}
    assert {name: family.kind for name, family in families.items()} == {**ALWAYS, **listed}
    for name, family in families.items():
        assert (family.kind == "counter") == name.endswith("_total")
        for (sample, labels), value in family.samples.items():
            wanted = LABELLED[name][1] if name in LABELLED else set()
            assert {label for label, _ in labels} - {"le"} == wanted
            assert value >= 0, sample
    for name in ALWAYS:
        assert len(families[name].samples) == 1


def test_histograms_are_cumulative_and_end_with_infinity(server: Server) -> None:
    figures = Figures(server)
    seen = 0
    for name, family in figures.families.items():
        if family.kind != "histogram":
            continue
        series: dict[frozenset, list[tuple[float, float]]] = {}
        for (sample, labels), value in family.samples.items():
            if sample == f"{name}_bucket":
                bound = float(dict(labels)["le"])
                rest = frozenset(pair for pair in labels if pair[0] != "le")
                series.setdefault(rest, []).append((bound, value))
        for labels, buckets in series.items():
            bounds = [bound for bound, _ in buckets]
            counts = [count for _, count in buckets]
            assert bounds == sorted(set(bounds)) and bounds[-1] == float("inf")
            assert counts == sorted(counts)
            assert counts[-1] == family.samples[f"{name}_count", labels]
            assert (f"{name}_sum", labels) in family.samples
            seen += 1
    assert seen >= 5


def test_requests_count_by_route_and_status(server: Server) -> None:
    product = shop.create(server, name="Counted")
    before = Figures(server)
    for _ in range(3):
        assert server.get("/api/products/no-such-product").status_code == 404
    for _ in range(2):
        assert server.get("/nowhere/at-all").status_code == 404
    assert server.get(f"/api/products/{product['slug']}").status_code == 200
    assert server.post("/healthz").status_code == 405
    assert server.get("/auth/me").status_code == 401
    requests = "aizy_http_requests_total"
    moved(server, before, requests, 3, route="get_product", status="404")
    moved(server, before, requests, 1, route="get_product", status="200")
    moved(server, before, requests, 2, route="none", status="404")
    moved(server, before, requests, 1, route="none", status="405")
    moved(server, before, requests, 1, route="me", status="401")
    durations = "aizy_http_request_duration_seconds_count"
    moved(server, before, durations, 4, route="get_product")


def test_a_path_or_query_is_never_a_label(server: Server) -> None:
    for path in ("/secret-path", "/api/products/secret-slug?min_price=0", "/healthz?secret=1"):
        server.get(path, headers={"X-Request-Id": "secret-id", "User-Agent": "secret-agent"})
    assert "secret" not in server.get("/metrics").text


def test_bodies_count_in_bytes(server: Server) -> None:
    body = b'{"email": "x"}'
    before = Figures(server)
    answer = server.post("/auth/login", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    moved(server, before, "aizy_http_request_body_bytes_total", len(body))
    after = Figures(server)
    sent = after.of("aizy_http_response_body_bytes_total")
    assert sent > before.of("aizy_http_response_body_bytes_total") + len(answer.content)


def test_what_h2o_refuses_counts_too(server: Server) -> None:
    before = Figures(server)
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"POST /auth/login HTTP/1.1\r\nHost: a\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\nno length\r\n")
        while connection.recv(4096):
            pass
    moved(server, before, "aizy_http_requests_total", 1, route="none", status="400")


def test_connections_open_and_close(server: Server) -> None:
    # Its own, which is there while it asks.
    before = Figures(server)
    open_ones = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(7)]
    moved(server, before, "aizy_http_connections", 7)
    for connection in open_ones:
        connection.close()

    def all_closed() -> bool:
        figures = Figures(server)
        return figures.of("aizy_http_connections") == before.of("aizy_http_connections")

    assert processes.wait_until(all_closed, 5)


def test_refused_connections_count(guarded: Server) -> None:
    before = Figures(guarded)
    address = ("127.0.0.1", guarded.port)
    opened = [socket.create_connection(address, 10) for _ in range(ADDRESS_MAX + 3)]

    # Which of them come last is up to the listeners: each has a queue of its own. The one that
    # read the figures may count until its end is noticed, so one more may be refused.
    def the_rest_is_closed() -> bool:
        closed = select.select(opened, [], [], 0)[0]
        return len(closed) in (3, 4)

    assert processes.wait_until(the_rest_is_closed, 10)
    for connection in opened:
        connection.close()
    assert processes.wait_until(lambda: guarded.status("/healthz") == 200, 5)
    refusals = "aizy_http_connections_refused_total"
    after = Figures(guarded)
    assert after.of(refusals, reason="address") >= before.of(refusals, reason="address") + 3
    assert after.of(refusals, reason="all") == 0


def test_stores_count_by_call(server: Server) -> None:
    person = make_person(server)
    before = Figures(server)
    for _ in range(3):
        assert_ok(server.get("/auth/me", token=person.token))
    for price in range(2):
        assert_ok(server.get(f"/api/products?max_price={price}&brand=none"))
    calls = "aizy_store_calls_total"
    after = Figures(server)
    found = {
        dict(labels)["call"]: value - before.of(calls, **dict(labels))
        for (_, labels), value in after.families[calls].samples.items()
        if ("outcome", "ok") in labels
    }
    assert found["product.list"] == 2
    # A worker's first one is prepared before.
    assert max(found.values()) >= 3
    spent = "aizy_store_call_duration_seconds"
    assert after.of(f"{spent}_count", store="mongo") > before.of(f"{spent}_count", store="mongo")
    waited = "aizy_pool_wait_seconds_count"
    moved(server, before, waited, 3, pool="mysql")
    moved(server, before, waited, 2, pool="mongo")


def test_the_cache_counts(server: Server) -> None:
    product = shop.create(server, name="Remembered")
    before = Figures(server)
    for _ in range(4):
        assert_ok(server.get(f"/api/products/{product['id']}"))
    after = Figures(server)
    asked = sum(
        after.of(name) - before.of(name)
        for name in ("aizy_cache_hits_total", "aizy_cache_misses_total")
    )
    assert asked == 4
    assert after.of("aizy_cache_hits_total") > before.of("aizy_cache_hits_total")
    assert after.of("aizy_cache_entries") >= 1 and after.of("aizy_cache_bytes") > 100


def test_the_process_and_its_pools(server: Server) -> None:
    figures = Figures(server)
    assert 2**20 < figures.of("process_resident_memory_bytes") < 2**33
    assert figures.of("process_open_fds") <= figures.of("process_max_fds")
    assert figures.of("process_open_fds") > 5
    assert abs(time.time() - figures.of("process_start_time_seconds")) < 3600
    assert figures.total("aizy_build_info") == 1
    threads = figures.of("process_threads")
    workers = figures.total("aizy_pool_workers")
    assert 3 <= workers < threads
    for pool in ("mysql", "mongo", "hash", "bulk"):
        assert figures.of("aizy_pool_workers", pool=pool) >= 1
        assert figures.of("aizy_pool_queue_capacity", pool=pool) >= 1
        assert figures.of("aizy_pool_refused_total", pool=pool) == 0
    for store in ("mysql", "mongo"):
        assert figures.of("aizy_store_up", store=store) == 1
    spent = figures.of("process_cpu_seconds_total")
    server.register()
    assert Figures(server).of("process_cpu_seconds_total") > spent


def test_only_this_machine_reads_them_without_a_token(server: Server, guarded: Server) -> None:
    """Of a proxy on this machine nobody knows for whom it asks."""
    assert_error(server.get("/metrics", headers=ELSEWHERE), 403, "forbidden")
    assert_error(server.get("/metrics", headers={"Forwarded": "for=x"}), 403, "forbidden")
    assert_error(server.get("/metrics", headers=ELSEWHERE, token=TOKEN), 403, "forbidden")
    assert_error(server.get("/metrics", headers=ELSEWHERE, token=server.admin_token()), 403,
                 "forbidden")
    for token in ("", "x", TOKEN[:-1], TOKEN + "x", guarded.admin_token()):
        answer = guarded.get("/metrics", headers=ELSEWHERE, token=token)
        assert_error(answer, 401, "unauthenticated")
    assert Figures(guarded, headers=ELSEWHERE, token=TOKEN).families
    assert Figures(guarded).families


def test_it_is_plain_text_and_not_kept(server: Server) -> None:
    answer = server.get("/metrics", headers={"Accept": "text/plain;version=0.0.4"})
    assert_headers(answer)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert_error(server.get("/metrics", headers={"Accept": "text/html"}), 406, "not_acceptable")
    assert server.request("HEAD", "/metrics").status_code == 200
    assert_error(server.post("/metrics"), 405, "method_not_allowed")
    assert_error(server.get("/metrics?x=1"), 400, "invalid")


def test_a_token_that_is_too_short_stops_the_start(databases, make_server) -> None:
    made = make_server(databases, METRICS_TOKEN="much-too-short")
    done = made.aizy("serve", check=False)
    assert done.returncode != 0 and "METRICS_TOKEN" in done.stderr + done.stdout
    assert "much-too-short" not in done.stderr + done.stdout
