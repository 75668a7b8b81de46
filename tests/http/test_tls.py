"""TLS: what is spoken, how certificates are replaced, and several listeners."""

import http.client
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import certificates
import pytest
import raw
from certificates import Pair
from connections import GET, is_closed_within, read_one
from harness import Server

from tools.dev import processes
from tools.dev.databases import Databases

HSTS = "strict-transport-security"


@pytest.fixture(scope="module", name="pair")
def fixture_pair(scratch: Path) -> Pair:
    return certificates.make(scratch, "first")


@pytest.fixture(scope="module", name="both")
def fixture_both(
    databases: Databases, make_server: Callable[..., Server], pair: Pair
) -> Server:
    """One that listens twice: plainly on its port, and with TLS on the one after it."""
    server = make_server(databases)
    server.settings |= {
        "TLS_CERT": str(pair.certificate),
        "TLS_KEY": str(pair.key),
        "LISTEN": f"127.0.0.1:{server.port}, tls:127.0.0.1:{tls_port(server)}",
        "HEAD_TIMEOUT_MS": "1000",
    }
    return server.prepare().start()


def tls_port(server: Server) -> int:
    return server.port + 1


def trusting(pair: Pair) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair.certificate))


def connect(server: Server, context: ssl.SSLContext, **options: ssl.SSLSession) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", tls_port(server)), raw.TIMEOUT_S)
    return context.wrap_socket(plain, server_hostname="127.0.0.1", **options)


def name_shown(server: Server) -> str:
    """Whose certificate a new connection gets."""
    pem = ssl.get_server_certificate(("127.0.0.1", tls_port(server)), timeout=raw.TIMEOUT_S)
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-subject"], input=pem, text=True, capture_output=True
    )
    return shown.stdout.rpartition("=")[2].strip()


def s_client(server: Server, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{tls_port(server)}", *options]
    return subprocess.run(command, input="", text=True, capture_output=True, timeout=30)


# What is spoken.


def test_it_serves_over_tls_and_beside_it_plainly(both: Server, pair: Pair) -> None:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", tls_port(both), timeout=raw.TIMEOUT_S, context=trusting(pair)
    )
    for path in ("/healthz", "/api/products", "/nothing", "/auth/me"):
        connection.request("GET", path)
        answer = connection.getresponse()
        plain = both.get(path)
        assert answer.status == plain.status_code
        assert len(answer.read()) == len(plain.content)
        assert answer.headers[HSTS] == "max-age=31536000"
        # Whoever reads it without TLS must not believe it (RFC 6797, 7.2).
        assert HSTS not in plain.headers
    connection.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed(both: Server, pair: Pair, version: ssl.TLSVersion) -> None:
    context = trusting(pair)
    context.minimum_version = context.maximum_version = version
    with connect(both, context) as first:
        first.sendall(GET)
        assert read_one(first).status == 200
        session = first.session
    with connect(both, context, session=session) as second:
        assert second.session_reused
        second.sendall(GET)
        assert read_one(second).status == 200


def test_many_requests_on_one_connection(both: Server, pair: Pair) -> None:
    with connect(both, trusting(pair)) as connection:
        for _ in range(50):
            connection.sendall(GET)
            assert read_one(connection).status == 200


def test_a_streamed_answer_is_whole(both: Server, pair: Pair) -> None:
    """Records of TLS below, pieces of the spool above."""
    with connect(both, trusting(pair)) as secured:
        secured.sendall(
            b"GET /debug/stream?bytes=3000000&sized=true HTTP/1.1\r\n"
            b"Host: localhost\r\nConnection: close\r\n\r\n"
        )
        answer = raw.parse(raw.read_all(secured))
    assert len(answer.body) == 3000000
    assert len(set(answer.body.splitlines())) == 1


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused(both: Server, option: str) -> None:
    # The client's own policy is lifted, so that it is the server who refuses.
    refused = s_client(both, option, "-cipher", "ALL:@SECLEVEL=0")
    assert refused.returncode != 0
    assert "unexpected eof" in refused.stderr


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "AES128-SHA"])
def test_weak_ciphers_are_refused(both: Server, cipher: str) -> None:
    refused = s_client(both, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert refused.returncode != 0
    assert "unexpected eof" in refused.stderr


def test_alpn_is_http_1_1_or_nothing(both: Server, pair: Pair) -> None:
    for offered in (["h2", "http/1.1"], ["http/1.1"]):
        context = trusting(pair)
        context.set_alpn_protocols(offered)
        with connect(both, context) as connection:
            assert connection.selected_alpn_protocol() == "http/1.1"
    context = trusting(pair)
    context.set_alpn_protocols(["h2"])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(both, context)


def test_renegotiation_ends_the_connection(both: Server) -> None:
    command = ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{tls_port(both)}"]
    asked = subprocess.run(command, input="R\n", text=True, capture_output=True, timeout=30)
    assert "RENEGOTIATING" in asked.stdout + asked.stderr
    assert asked.returncode != 0


# What it bears.


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_who_speaks_no_tls_is_closed(both: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", tls_port(both)), raw.TIMEOUT_S) as connection:
        connection.sendall(sent)
        connection.settimeout(10)
        try:
            while connection.recv(100):
                pass
        except ConnectionError:
            pass
    assert both.status("/healthz") == 200


def test_a_slow_head_is_cut(both: Server, pair: Pair) -> None:
    with connect(both, trusting(pair)) as connection:
        connection.sendall(GET[:-2])
        assert is_closed_within(connection, 5)


def test_a_body_beyond_the_limit_is_told_so(both: Server, pair: Pair) -> None:
    head = b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
    with connect(both, trusting(pair)) as connection:
        connection.sendall(head + b"x" * 100_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


# How certificates are replaced.


def test_a_renewed_certificate_is_taken_in_and_a_bad_one_is_not(
    both: Server, pair: Pair, scratch: Path
) -> None:
    assert name_shown(both) == "first"
    assert both.process
    with connect(both, trusting(pair)) as kept:
        pair.replace_by(certificates.make(scratch, "second"))
        assert name_shown(both) == "first"
        both.process.send_signal(signal.SIGHUP)
        assert processes.wait_until(lambda: name_shown(both) == "second", 10)
        kept.sendall(GET)
        assert read_one(kept).status == 200

    pair.key.write_bytes(certificates.make(scratch, "third").key.read_bytes())
    both.process.send_signal(signal.SIGHUP)
    assert processes.wait_until(lambda: "tls.unusable" in both.log_text(), 10)
    assert name_shown(both) == "second"
    pair.certificate.write_text("nothing")
    both.process.send_signal(signal.SIGHUP)
    assert processes.wait_until(lambda: both.log_text().count("tls.unusable") == 2, 10)
    assert name_shown(both) == "second"


def test_a_hangup_without_tls_is_harmless(server: Server) -> None:
    assert server.process
    server.process.send_signal(signal.SIGHUP)
    assert server.status("/healthz") == 200


# How it starts.


def test_host_and_port_speak_tls_when_there_is_a_certificate(
    databases: Databases, make_server: Callable[..., Server], scratch: Path
) -> None:
    own = certificates.make(scratch, "simple")
    server = make_server(databases, TLS_CERT=str(own.certificate), TLS_KEY=str(own.key)).prepare()
    server.url = f"https://127.0.0.1:{server.port}"
    server.start(wait=False)
    url = f"{server.url}/healthz"
    assert processes.wait_until(lambda: '"http.listening"' in server.log_text(), 30)
    answer = server.get("/healthz", verify=str(own.certificate))
    assert (answer.status_code, answer.url) == (200, url)


def test_ipv6_and_several_addresses(
    databases: Databases, make_server: Callable[..., Server]
) -> None:
    server = make_server(databases)
    other = processes.free_port()
    server.settings["LISTEN"] = f"127.0.0.1:{server.port},[::1]:{other}"
    server.prepare().start()
    connection = http.client.HTTPConnection("::1", other, timeout=raw.TIMEOUT_S)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()


WRONG_SETTINGS = (
    ({"TLS_CERT": "{folder}/wrong.crt"}, "TLS_CERT and TLS_KEY go together"),
    ({"LISTEN": "tls:127.0.0.1:5443"}, "needs TLS_CERT and TLS_KEY"),
    ({"LISTEN": "127.0.0.1"}, "without a port"),
    ({"LISTEN": "127.0.0.1:70000"}, "names no port"),
    ({"LISTEN": "::1:5000"}, "without brackets"),
    ({"LISTEN": ":5000"}, "without a host"),
    ({"LISTEN": ","}, "without a port"),
    ({"LISTEN": ",".join(["127.0.0.1:5000"] * 9)}, "more than 8"),
)


@pytest.mark.parametrize(("settings", "sentence"), WRONG_SETTINGS)
def test_settings_that_cannot_be_meant(
    server: Server, make_server: Callable[..., Server], settings: dict[str, str], sentence: str
) -> None:
    made = make_server(server.databases, **settings)
    refused = made.aizy("serve", check=False)
    assert refused.returncode != 0
    assert sentence in refused.stderr


@pytest.mark.parametrize(
    ("certificate", "key", "sentence"),
    [
        ("{folder}/none.crt", "{folder}/one.key", "TLS_CERT names cannot be opened"),
        ("{folder}/one.crt", "{folder}/none.key", "TLS_KEY names cannot be opened"),
        ("{folder}/one.key", "{folder}/one.key", "TLS_CERT holds no certificate"),
        ("{folder}/one.crt", "{folder}/one.crt", "TLS_KEY holds no key"),
        ("{folder}/one.crt", "{folder}/two.key", "not the key of the certificate"),
    ],
)
def test_a_pair_that_cannot_be_used_stops_the_start_and_fails_the_check(
    server: Server,
    make_server: Callable[..., Server],
    scratch: Path,
    certificate: str,
    key: str,
    sentence: str,
) -> None:
    folder = scratch / "pairs"
    if not folder.exists():
        folder.mkdir()
        certificates.make(folder, "one")
        certificates.make(folder, "two")
    made = make_server(server.databases, server.database)
    made.settings |= {"TLS_CERT": certificate.format(folder=folder)}
    made.settings |= {"TLS_KEY": key.format(folder=folder)}
    checked = made.aizy("check", check=False)
    assert checked.returncode == 1
    assert "FAIL tls" in checked.stdout and sentence in checked.stdout
    refused = made.aizy("serve", check=False)
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_a_pair_that_can_be_used_passes_the_check(
    server: Server, make_server: Callable[..., Server], scratch: Path
) -> None:
    own = certificates.make(scratch, "fine")
    settings = {"TLS_CERT": str(own.certificate), "TLS_KEY": str(own.key)}
    made = make_server(server.databases, server.database, **settings)
    assert "ok   tls" in made.aizy("check").stdout
